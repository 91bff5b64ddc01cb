#include "delegate/base/threads.h"

#include <algorithm>

#define EIGEN_USE_THREADS
#include <unsupported/Eigen/CXX11/ThreadPool>

namespace wqlite {

ThreadPool::ThreadPool(int threads) : threads_(std::max(threads, 1)) {
  if (threads_ > 1) {
    // No spinning: an idle phone core must sleep between layers.
    pool_ = std::make_unique<Eigen::ThreadPool>(threads_ - 1,
                                                /*allow_spinning=*/false);
  }
}

ThreadPool::~ThreadPool() = default;

void ThreadPool::ParallelFor(
    int count, const std::function<void(int, int, int)>& body) const {
  const int pieces = std::min(threads_, count);
  if (pieces <= 1) {
    if (count > 0) body(0, count, 0);
    return;
  }
  auto start = [count, pieces](int piece) {
    return static_cast<int>(static_cast<long long>(count) * piece / pieces);
  };
  Eigen::Barrier done(pieces - 1);
  for (int piece = 1; piece < pieces; ++piece) {
    pool_->Schedule([&, piece] {
      body(start(piece), start(piece + 1), piece);
      done.Notify();
    });
  }
  body(0, start(1), 0);
  done.Wait();
}

void ParallelFor(const ThreadPool* pool, int count,
                 const std::function<void(int, int, int)>& body) {
  if (pool != nullptr) {
    pool->ParallelFor(count, body);
  } else if (count > 0) {
    body(0, count, 0);
  }
}

int Workers(const ThreadPool* pool) {
  return pool == nullptr ? 1 : pool->threads();
}

}  // namespace wqlite
