#ifndef WQLITE_DELEGATE_BASE_THREADS_H_
#define WQLITE_DELEGATE_BASE_THREADS_H_

#include <memory>

namespace Eigen {
class ThreadPoolInterface;
}

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

/// A fixed set of threads that share out the iterations of a loop.
///
/// Eigen's thread pool does the work: header-only (so the delegate stays one
/// file on a phone), and the one TensorFlow itself runs on.
class ThreadPool {
 public:
  /// `threads` counts the calling thread, so 1 starts none. Where the system
  /// has not so many to give, there are fewer.
  explicit ThreadPool(int threads);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int threads() const { return threads_; }

  /// Calls the body for at most `threads()` contiguous pieces of [0, count),
  /// one per worker (0 is the caller), and waits for all. Takes no memory.
  void ParallelFor(int count, LoopBody body) const;

 private:
  int threads_ = 1;
  std::unique_ptr<Eigen::ThreadPoolInterface> pool_;
};

/// ParallelFor on `pool`, or in the calling thread where `pool` is null.
void ParallelFor(const ThreadPool* pool, int count, LoopBody body);

}  // namespace wqlite

#endif  // WQLITE_DELEGATE_BASE_THREADS_H_
