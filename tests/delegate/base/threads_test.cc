#include "delegate/base/threads.h"

#include <dlfcn.h>
#include <gtest/gtest.h>
#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <ctime>
#include <memory>
#include <thread>
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

/// Every index is visited once, and no worker is at two pieces at once.
void ExpectWholeLoops(const ThreadPool& pool) {
  for (const int count : {0, 1, 2, 3, 7, 1000}) {
    std::vector<std::atomic<int>> visits(count);
    std::vector<std::atomic<int>> busy(pool.threads());
    ParallelFor(&pool, count, [&](int begin, int end, int worker) {
      EXPECT_EQ(busy.at(worker)++, 0);
      for (int i = begin; i < end; ++i) ++visits[i];
      --busy[worker];
    });
    for (const auto& visit : visits) EXPECT_EQ(visit, 1);
  }
}

void AwaitAtLeast(int count, const std::atomic<int>& value) {
  while (value < count) std::this_thread::yield();
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

TEST(ThreadPoolTest, OthersTakeTheShareOfASlowThread) {
  constexpr int kCount = 100;
  const ThreadPool pool(2);
  std::atomic<int> done = 0;
  ParallelFor(&pool, kCount, [&](int begin, int end, int) {
    const int others = kCount - (end - begin);
    if (begin == 0) AwaitAtLeast(others, done);
    done += end - begin;
  });
  EXPECT_EQ(done, kCount);
}

TEST(ThreadPoolTest, NobodyWaitsForAThreadThatHelpsElsewhere) {
  const ThreadPool pool(2);
  std::atomic<int> held = 0;
  std::atomic<int> released = 0;
  std::thread holder([&] {
    ParallelFor(&pool, 2, [&](int, int, int) {
      ++held;
      AwaitAtLeast(1, released);
    });
  });
  AwaitAtLeast(2, held);
  ExpectWholeLoops(pool);
  released = 1;
  holder.join();
}

TEST(ThreadPoolTest, ManyCallersShareIt) {
  const ThreadPool pool(3);
  std::vector<std::thread> callers;
  for (int i = 0; i < 4; ++i) {
    callers.emplace_back([&pool] {
      for (int run = 0; run < 20; ++run) ExpectWholeLoops(pool);
    });
  }
  for (std::thread& caller : callers) caller.join();
}

TEST(ThreadPoolTest, SleepsWhenIdle) {
  const ThreadPool pool(4);
  ExpectWholeLoops(pool);
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  const std::clock_t before = std::clock();
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  EXPECT_LT(std::clock() - before, CLOCKS_PER_SEC / 20);  // Of 0.1 s.
}

TEST(ThreadPoolTest, PartsOfRowsCoverThem) {
  const ThreadPool pool(3);
  for (const int rows : {0, 1, 5, 100}) {
    for (const int columns : {1, 2, 30}) {
      std::vector<std::atomic<int>> visits(rows * columns);
      ParallelForRows(&pool, rows, columns,
                      [&](int row, int begin, int end, int) {
                        for (int i = begin; i < end; ++i) {
                          ++visits[row * columns + i];
                        }
                      });
      for (const auto& visit : visits) EXPECT_EQ(visit, 1);
    }
  }
  // Enough pieces for even shares, but rows are not cut without need.
  EXPECT_GE(PartsOfRow(&pool, 1, 100), 9);
  EXPECT_EQ(PartsOfRow(&pool, 100, 100), 1);
  EXPECT_EQ(PartsOfRow(nullptr, 1, 100), 1);
}

TEST(ThreadPoolsTest, AllWhoAskForAsManyThreadsShareThem) {
  ThreadPools pools;
  auto pool = pools.OfThreads(2);
  EXPECT_EQ(pools.OfThreads(2), pool);
  EXPECT_NE(pools.OfThreads(3), pool);
  const std::weak_ptr<const ThreadPool> watched = pool;
  pool.reset();
  EXPECT_TRUE(watched.expired());
  EXPECT_EQ(pools.OfThreads(2)->threads(), 2);
}

}  // namespace
}  // namespace wqlite
