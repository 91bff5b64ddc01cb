#include "delegate/base/threads.h"

#include <pthread.h>
#include <sched.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <vector>

#include "delegate/base/phase.h"

namespace wqlite {
namespace {

/// Pieces of a loop that each thread can expect.
constexpr int kPiecesPerThread = 16;

/// How often a thread looks for work, giving way to others in between, before
/// it sleeps: the few microseconds from one loop of a layer to the next, in
/// which waking it would take longer.
constexpr int kLooks = 50;

template <class Condition>
void AwaitBriefly(const Condition& condition) {
  for (int i = 0; i < kLooks && !condition(); ++i) sched_yield();
}

/// A loop that is shared out.
class Loop {
 public:
  Loop(int count, int threads, LoopBody body)
      : count_(count), threads_(threads), body_(body) {}

  bool has_pieces() const {
    return next_.load(std::memory_order_relaxed) < count_;
  }

  /// Takes pieces until none is left.
  void Work(int worker) {
    int begin, end;
    while (TakePiece(&begin, &end)) RunPiece(begin, end, worker);
  }

  // All below is guarded by the pool's mutex.
  Loop* older = nullptr;                 ///< In the list of open loops.
  int joined = 1;                        ///< Workers so far, with the caller.
  std::atomic<int> helpers_at_work = 0;  ///< Only written under the mutex.
  std::condition_variable left;          ///< The last one has left.

 private:
  bool TakePiece(int* begin, int* end) {
    int at = next_.load(std::memory_order_relaxed);
    do {
      if (at >= count_) return false;
      // A quarter of an even share of what is left: more could be too much for
      // a core that is several times as slow as the others.
      *end = at + std::max(1, (count_ - at) / (4 * threads_));
    } while (!next_.compare_exchange_weak(at, *end, std::memory_order_relaxed));
    *begin = at;
    return true;
  }

  WQ_PHASE void RunPiece(int begin, int end, int worker) {
    body_(begin, end, worker);
  }

  const int count_;
  const int threads_;
  const LoopBody body_;
  std::atomic<int> next_ = 0;  ///< All before have been taken.
};

}  // namespace

/// The threads beside the caller's.
class ThreadPool::Helpers {
 public:
  /// Starts so many threads, or as many as the system gives. (By
  /// pthread_create, which says so where there is none; std::thread throws.)
  explicit Helpers(int count) {
    threads_.reserve(static_cast<size_t>(std::max(count, 0)));
    for (pthread_t thread; count > 0; --count) {
      if (pthread_create(&thread, nullptr, Main, this) != 0) break;
      threads_.push_back(thread);
    }
  }

  ~Helpers() {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      ending_ = true;
    }
    changed_.notify_all();
    for (const pthread_t thread : threads_) pthread_join(thread, nullptr);
  }

  int count() const { return static_cast<int>(threads_.size()); }

  /// Lets helpers join the loop.
  void Open(Loop* loop) {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      loop->older = newest_;
      newest_ = loop;
      opened_.fetch_add(1, std::memory_order_relaxed);
    }
    changed_.notify_all();
  }

  /// Lets no more of them join, and waits for those that have.
  WQ_PHASE void Close(Loop* loop) {
    AwaitBriefly([&] { return loop->helpers_at_work == 0; });
    std::unique_lock<std::mutex> lock(mutex_);
    Loop** link = &newest_;
    while (*link != loop) link = &(*link)->older;
    *link = loop->older;
    loop->left.wait(lock, [&] { return loop->helpers_at_work == 0; });
  }

 private:
  static void* Main(void* helpers) {
    static_cast<Helpers*>(helpers)->HelpUntilTheEnd();
    return nullptr;
  }

  void HelpUntilTheEnd() {
    std::unique_lock<std::mutex> lock(mutex_);
    while (!ending_) {
      if (Loop* loop = FindWork()) {
        Help(loop, &lock);
      } else {
        AwaitOpening(&lock);
      }
    }
  }

  Loop* FindWork() const {
    for (Loop* loop = newest_; loop != nullptr; loop = loop->older) {
      if (loop->has_pieces()) return loop;
    }
    return nullptr;
  }

  /// Without the lock in the meantime, like the next.
  static void Help(Loop* loop, std::unique_lock<std::mutex>* lock) {
    const int worker = loop->joined++;
    ++loop->helpers_at_work;
    lock->unlock();
    loop->Work(worker);
    lock->lock();
    // The caller may end the loop as soon as the lock is free.
    if (--loop->helpers_at_work == 0) loop->left.notify_one();
  }

  void AwaitOpening(std::unique_lock<std::mutex>* lock) {
    const auto opened = [this, before = opened_.load()] {
      return opened_.load(std::memory_order_relaxed) != before;
    };
    lock->unlock();
    AwaitBriefly(opened);
    lock->lock();
    changed_.wait(*lock, [&] { return ending_ || opened(); });
  }

  std::vector<pthread_t> threads_;
  std::mutex mutex_;
  std::condition_variable changed_;
  Loop* newest_ = nullptr;            ///< Of the open loops.
  std::atomic<unsigned> opened_ = 0;  ///< How many; written under the mutex.
  bool ending_ = false;
};

ThreadPool::ThreadPool(int threads)
    : helpers_(std::make_unique<Helpers>(threads - 1)),
      threads_(helpers_->count() + 1) {}

ThreadPool::~ThreadPool() = default;

void ThreadPool::ParallelFor(int count, LoopBody body) const {
  if (threads_ == 1 || count <= 1) {
    if (count > 0) body(0, count, 0);
    return;
  }
  Loop loop(count, threads_, body);
  helpers_->Open(&loop);
  loop.Work(0);
  helpers_->Close(&loop);
}

void ParallelFor(const ThreadPool* pool, int count, LoopBody body) {
  if (pool != nullptr) {
    pool->ParallelFor(count, body);
  } else if (count > 0) {
    body(0, count, 0);
  }
}

int PartsOfRow(const ThreadPool* pool, int rows, int columns) {
  if (pool == nullptr || pool->threads() == 1 || rows == 0) return 1;
  const int wanted = kPiecesPerThread * pool->threads();
  return std::clamp((wanted + rows - 1) / rows, 1, std::max(columns, 1));
}

std::shared_ptr<const ThreadPool> ThreadPools::OfThreads(int threads) {
  const std::lock_guard<std::mutex> lock(mutex_);
  std::shared_ptr<const ThreadPool> pool = pools_[threads].lock();
  if (pool == nullptr) {
    pool = std::make_shared<const ThreadPool>(threads);
    pools_[threads] = pool;
  }
  return pool;
}

}  // namespace wqlite
