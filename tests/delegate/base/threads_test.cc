#include "delegate/base/threads.h"

#include <dlfcn.h>
#include <gtest/gtest.h>
#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <vector>

namespace {

// How many more threads the system gives; below 0: any number.
int threads_left = -1;

}  // namespace

// The sanitizers', where the program has one in it: it must hear of threads.
extern "C" [[gnu::weak]] int __interceptor_pthread_create(
    pthread_t* thread, const pthread_attr_t* attr, void* (*start)(void*),
    void* argument);

// Stands before the C library's: a system that has no more threads to give.
extern "C" int pthread_create(pthread_t* thread, const pthread_attr_t* attr,
                              void* (*start)(void*), void* argument) {
  if (threads_left == 0) return EAGAIN;
  if (threads_left > 0) --threads_left;
  if (__interceptor_pthread_create != nullptr) {
    return __interceptor_pthread_create(thread, attr, start, argument);
  }
  static const auto real = reinterpret_cast<decltype(&pthread_create)>(
      dlsym(RTLD_NEXT, "pthread_create"));
  return real(thread, attr, start, argument);
}

namespace wqlite {
namespace {

/// Every index is visited once, by as many workers as there can be.
void ExpectWholeLoops(const ThreadPool& pool) {
  for (const int count : {0, 1, 2, 3, 7, 1000}) {
    std::vector<std::atomic<int>> visits(count);
    std::vector<std::atomic<int>> workers(pool.threads());
    ParallelFor(&pool, count, [&](int begin, int end, int worker) {
      ++workers[worker];
      for (int i = begin; i < end; ++i) ++visits[i];
    });
    for (const auto& visit : visits) EXPECT_EQ(visit, 1);
    int used = 0;
    for (const auto& calls : workers) {
      EXPECT_LE(calls, 1);
      used += calls;
    }
    EXPECT_EQ(used, std::min(count, pool.threads()));
  }
}

TEST(ThreadPoolTest, SharesOutLoops) {
  for (const int threads : {-1, 0, 1, 2, 3, 8}) {
    const ThreadPool pool(threads);
    EXPECT_EQ(pool.threads(), std::max(threads, 1));
    ExpectWholeLoops(pool);
  }
  int sum = 0;
  ParallelFor(nullptr, 10, [&](int begin, int end, int worker) {
    for (int i = begin; i < end; ++i) sum += i + worker;
  });
  EXPECT_EQ(sum, 45);
}

TEST(ThreadPoolTest, HasFewerThreadsWhereTheSystemGivesFewer) {
  for (const int left : {0, 1, 2}) {
    threads_left = left;
    const ThreadPool pool(4);
    EXPECT_EQ(threads_left, 0);
    threads_left = -1;
    EXPECT_EQ(pool.threads(), 1 + left);
    ExpectWholeLoops(pool);
  }
}

}  // namespace
}  // namespace wqlite
