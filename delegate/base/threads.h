#ifndef WQLITE_DELEGATE_BASE_THREADS_H_
#define WQLITE_DELEGATE_BASE_THREADS_H_

#include <functional>
#include <memory>

namespace Eigen {
class ThreadPoolInterface;
}

namespace wqlite {

/// A fixed set of threads that share out the iterations of a loop.
///
/// Eigen's thread pool does the work: header-only (so the delegate stays one
/// file on a phone), and the one TensorFlow itself runs on.
class ThreadPool {
 public:
  /// `threads` counts the calling thread, so 1 starts none.
  explicit ThreadPool(int threads);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int threads() const { return threads_; }

  /// Calls body(begin, end, worker) for at most `threads()` contiguous pieces
  /// of [0, count), one per worker (0 is the caller), and waits for all.
  void ParallelFor(int count,
                   const std::function<void(int, int, int)>& body) const;

 private:
  int threads_;
  std::unique_ptr<Eigen::ThreadPoolInterface> pool_;
};

/// ParallelFor on `pool`, or in the calling thread where `pool` is null.
void ParallelFor(const ThreadPool* pool, int count,
                 const std::function<void(int, int, int)>& body);

/// The number of workers ParallelFor may use on `pool`.
int Workers(const ThreadPool* pool);

}  // namespace wqlite

#endif  // WQLITE_DELEGATE_BASE_THREADS_H_
