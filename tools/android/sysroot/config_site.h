// How CMakeLists.txt builds libc++ for Android: the settings that libc++'s own
// build would write to <__config_site>. Included before each C++ file, those
// of libc++ and those that use it.
#define _LIBCPP_ABI_VERSION 1
#define _LIBCPP_ABI_NAMESPACE __wq  // as no other library has it
#define _LIBCPP_HARDENING_MODE_DEFAULT _LIBCPP_HARDENING_MODE_NONE
#define _LIBCPP_HAS_THREADS 1
#define _LIBCPP_HAS_THREAD_API_PTHREAD 1
#define _LIBCPP_HAS_THREAD_API_EXTERNAL 0
#define _LIBCPP_HAS_THREAD_API_WIN32 0
#define _LIBCPP_HAS_MONOTONIC_CLOCK 1
#define _LIBCPP_HAS_LOCALIZATION 1  // its headers; CMakeLists.txt builds none
#define _LIBCPP_HAS_WIDE_CHARACTERS 0
#define _LIBCPP_HAS_UNICODE 0
#define _LIBCPP_HAS_FILESYSTEM 0
#define _LIBCPP_HAS_TERMINAL 0
#define _LIBCPP_HAS_RANDOM_DEVICE 0
#define _LIBCPP_HAS_TIME_ZONE_DATABASE 0
#define _LIBCPP_HAS_MUSL_LIBC 0
#define _LIBCPP_HAS_VENDOR_AVAILABILITY_ANNOTATIONS 0
#define _LIBCPP_INSTRUMENTED_WITH_ASAN 0
#define _LIBCPP_PSTL_BACKEND_SERIAL
#define _LIBCPP_REMOVE_TRANSITIVE_INCLUDES  // less to compile
