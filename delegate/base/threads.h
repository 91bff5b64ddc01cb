#ifndef WQLITE_DELEGATE_BASE_THREADS_H_
#define WQLITE_DELEGATE_BASE_THREADS_H_

#include <map>
#include <memory>
#include <mutex>

namespace wqlite {

/// What is done with a piece of a loop: body(begin, end, worker). Refers to any
/// callable of that form, which must outlive it: std::function would need
/// memory in every run.
class LoopBody {
 public:
  template <class Body>
  LoopBody(const Body& body)  // NOLINT: stands for the body.
      : body_(&body),
        call_([](const void* any, int begin, int end, int worker) {
          (*static_cast<const Body*>(any))(begin, end, worker);
        }) {}
  void operator()(int begin, int end, int worker) const {
    call_(body_, begin, end, worker);
  }

 private:
  const void* body_;
  void (*call_)(const void* body, int begin, int end, int worker);
};

/// The most threads that a user may ask for.
inline constexpr int kMaxThreads = 64;

/// A fixed set of threads that share out the iterations of loops, of any number
/// of callers at once.
///
/// Dynamic (guided) self-scheduling: whoever has nothing to do takes the next
/// piece of a loop, so that a slow core takes fewer of them, and a caller only
/// waits for pieces that others are at, never for a thread that is busy
/// elsewhere or still asleep. Task queues (Eigen's, TensorFlow's) make it wait
/// for all tasks of a loop; pthreadpool spins, and hangs where the system gives
/// no thread.
class ThreadPool {
 public:
  /// `threads` counts the calling thread, so 1 starts none. Where the system
  /// has not so many to give, there are fewer.
  explicit ThreadPool(int threads);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int threads() const { return threads_; }

  /// Calls the body for contiguous pieces of [0, count), which it takes in
  /// order, and waits for all. Each worker, of 0 (the caller) to threads() - 1,
  /// is at one piece at a time. Pieces become smaller towards the end; which
  /// there are depends on nothing but `count` and threads(): all of it is one
  /// where threads() is 1. Takes no memory.
  void ParallelFor(int count, LoopBody body) const;

 private:
  class Helpers;
  std::unique_ptr<Helpers> helpers_;
  int threads_;
};

/// ParallelFor on `pool`, or in the calling thread where `pool` is null.
void ParallelFor(const ThreadPool* pool, int count, LoopBody body);

/// Into how many parts each of `rows` like pieces of work, which has `columns`
/// steps, is to be cut, so that there are enough to share out evenly.
int PartsOfRow(const ThreadPool* pool, int rows, int columns);

/// Calls body(row, begin, end, worker) for parts [begin, end) of the columns of
/// each row: whole ones, unless rows are few.
template <class Body>
void ParallelForRows(const ThreadPool* pool, int rows, int columns,
                     const Body& body) {
  const int parts = PartsOfRow(pool, rows, columns);
  const auto edge = [&](int part) {
    return static_cast<int>(static_cast<long long>(columns) * part / parts);
  };
  ParallelFor(pool, rows * parts, [&](int begin, int end, int worker) {
    for (int piece = begin; piece < end; ++piece) {
      const int part = piece % parts;
      body(piece / parts, edge(part), edge(part + 1), worker);
    }
  });
}

/// Pools by their numbers of threads, each for all who ask for it.
class ThreadPools {
 public:
  /// A pool that lives as long as anybody has it.
  std::shared_ptr<const ThreadPool> OfThreads(int threads);

 private:
  std::mutex mutex_;
  std::map<int, std::weak_ptr<const ThreadPool>> pools_;
};

}  // namespace wqlite

#endif  // WQLITE_DELEGATE_BASE_THREADS_H_
