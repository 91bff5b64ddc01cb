#ifndef WQLITE_TESTS_FUZZ_CHECK_H_
#define WQLITE_TESTS_FUZZ_CHECK_H_

#include <cstdio>
#include <cstdlib>

/// Ends the program, as a fuzzer wants it, where a condition does not hold.
#define WQ_CHECK(condition)                                           \
  do {                                                                \
    if (!(condition)) {                                               \
      std::fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, \
                   #condition);                                       \
      std::abort();                                                   \
    }                                                                 \
  } while (false)

#endif  // WQLITE_TESTS_FUZZ_CHECK_H_
