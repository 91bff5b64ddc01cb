#include "delegate/base/threads.h"

#include <pthread.h>

#include <algorithm>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <utility>
#include <vector>

#define EIGEN_USE_THREADS
#include <unsupported/Eigen/CXX11/ThreadPool>

namespace wqlite {
namespace {

/// A thread that waits for its work, of which it gets one piece or none. By
/// pthread_create, which says so where there is no thread: std::thread throws,
/// and Eigen's pool cannot be left half made.
class WaitingThread {
 public:
  WaitingThread()
      : started_(pthread_create(&thread_, nullptr, Main, this) == 0) {}
  ~WaitingThread() {
    if (!started_) return;
    Give(nullptr);
    pthread_join(thread_, nullptr);
  }
  WaitingThread(const WaitingThread&) = delete;
  WaitingThread& operator=(const WaitingThread&) = delete;

  bool started() const { return started_; }

  /// Ends the waiting; what is given after the first work does not count.
  void Give(std::function<void()> work) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (given_) return;
    work_ = std::move(work);
    given_ = true;
    changed_.notify_one();
  }

  void OnCancel() {}  // For Eigen.

 private:
  static void* Main(void* thread) {
    static_cast<WaitingThread*>(thread)->WaitAndWork();
    return nullptr;
  }

  void WaitAndWork() {
    {
      std::unique_lock<std::mutex> lock(mutex_);
      changed_.wait(lock, [this] { return given_; });
    }
    if (work_) work_();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  bool given_ = false;
  std::function<void()> work_;
  pthread_t thread_;
  bool started_;  // Last: the thread finds all others made.
};

using WaitingThreads = std::vector<std::unique_ptr<WaitingThread>>;

/// Starts so many threads, or as many as the system gives.
WaitingThreads StartThreads(int count) {
  WaitingThreads threads;
  for (int i = 0; i < count; ++i) {
    auto thread = std::make_unique<WaitingThread>();
    if (!thread->started()) break;
    threads.push_back(std::move(thread));
  }
  return threads;
}

/// What Eigen's pool asks of the system: threads, which have been started
/// before.
struct Environment {
  using EnvThread = WaitingThread;
  using Task = Eigen::StlThreadEnvironment::Task;

  WaitingThread* CreateThread(std::function<void()> work) {
    WaitingThread* thread = threads->back().release();
    threads->pop_back();
    thread->Give(std::move(work));
    return thread;
  }
  Task CreateTask(std::function<void()> work) { return {std::move(work)}; }
  void ExecuteTask(const Task& task) { task.f(); }

  WaitingThreads* threads;  // As many as the pool has, while it is made.
};

/// A loop that is shared out.
struct Loop {
  LoopBody body;
  int count;
  int pieces;
  Eigen::Barrier done;  // With all pieces but the caller's.

  void Run(int piece) { body(Start(piece), Start(piece + 1), piece); }
  int Start(int piece) const {
    return static_cast<int>(static_cast<long long>(count) * piece / pieces);
  }
};

}  // namespace

ThreadPool::ThreadPool(int threads) {
  WaitingThreads others = StartThreads(threads - 1);
  if (others.empty()) return;
  const auto count = static_cast<int>(others.size());
  // No spinning: an idle phone core must sleep between layers.
  pool_ = std::make_unique<Eigen::ThreadPoolTempl<Environment>>(
      count, /*allow_spinning=*/false, Environment{&others});
  threads_ = count + 1;
}

ThreadPool::~ThreadPool() = default;

void ThreadPool::ParallelFor(int count, LoopBody body) const {
  const int pieces = std::min(threads_, count);
  if (pieces <= 1) {
    if (count > 0) body(0, count, 0);
    return;
  }
  Loop loop = {body, count, pieces,
               Eigen::Barrier(static_cast<unsigned>(pieces - 1))};
  for (int piece = 1; piece < pieces; ++piece) {
    // Two words, which std::function holds without memory of its own.
    pool_->Schedule([&loop, piece] {
      loop.Run(piece);
      loop.done.Notify();
    });
  }
  loop.Run(0);
  loop.done.Wait();
}

void ParallelFor(const ThreadPool* pool, int count, LoopBody body) {
  if (pool != nullptr) {
    pool->ParallelFor(count, body);
  } else if (count > 0) {
    body(0, count, 0);
  }
}

}  // namespace wqlite
