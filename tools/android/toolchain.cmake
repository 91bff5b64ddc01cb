# CMake toolchain: Android (API level 21) without the NDK, by Debian's clang 19 and lld, with the headers and
# libraries that setup.sh makes below build/android/sysroot. ANDROID_ABI says for which processors, as it
# does with the NDK's own toolchain file.
get_filename_component(WQ_ANDROID_BUILD "${CMAKE_CURRENT_LIST_DIR}/../../build/android" ABSOLUTE)
set(WQ_ZIG_LIB "${WQ_ANDROID_BUILD}/zig/ziglang/lib")
set(WQ_SYSROOT "${WQ_ANDROID_BUILD}/sysroot/${ANDROID_ABI}")
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES ANDROID_ABI)

# Not "Android": CMake would look for an NDK.
set(CMAKE_SYSTEM_NAME Linux)
set(ANDROID TRUE)
# From Android 15 on, a 64-bit processor's pages may have 16 KB.
set(page_size 16384)
if(ANDROID_ABI STREQUAL "armeabi-v7a")
  set(CMAKE_SYSTEM_PROCESSOR armv7-a)
  set(target armv7a-linux-androideabi21)
  set(headers arm)
  set(machine "-mfpu=neon")
  set(page_size 4096)
elseif(ANDROID_ABI STREQUAL "arm64-v8a")
  set(CMAKE_SYSTEM_PROCESSOR aarch64)
  set(target aarch64-linux-android21)
  set(headers aarch64)
  set(machine "-mno-outline-atomics") # which would ask the C library for the processor's features
elseif(ANDROID_ABI STREQUAL "x86_64")
  set(CMAKE_SYSTEM_PROCESSOR x86_64)
  set(target x86_64-linux-android21)
  set(headers x86)
  set(machine "-msse4.2 -mpopcnt")  # what Android's x86_64 ABI promises
else()
  message(FATAL_ERROR "ANDROID_ABI is '${ANDROID_ABI}'; it can be armeabi-v7a, arm64-v8a or x86_64")
endif()

foreach(language C CXX ASM)
  set(CMAKE_${language}_COMPILER_TARGET ${target})
  # The C library's headers are glibc's, as zig has them: bionic's come with the NDK only. Where the two
  # differ, sysroot/compat.c stands between; what may be imported at all is in api21.txt. As of glibc 2.17: later
  # ones gave functions other names for later standards.
  set(CMAKE_${language}_FLAGS_INIT "${machine} -nostdlibinc -D__GLIBC_MINOR__=17 -U_FORTIFY_SOURCE")
endforeach()
set(CMAKE_C_COMPILER clang-19)
set(CMAKE_CXX_COMPILER clang++-19)
set(CMAKE_ASM_COMPILER clang-19)
set(c_headers " -isystem ${CMAKE_CURRENT_LIST_DIR}/sysroot/include")
foreach(folder ${headers}-linux-gnu ${headers}-linux-any generic-glibc any-linux-any)
  string(APPEND c_headers " -isystem ${WQ_ZIG_LIB}/libc/include/${folder}")
endforeach()
string(APPEND CMAKE_C_FLAGS_INIT "${c_headers}")
string(APPEND CMAKE_ASM_FLAGS_INIT "${c_headers}")
string(APPEND CMAKE_CXX_FLAGS_INIT
  " -nostdinc++ -include ${CMAKE_CURRENT_LIST_DIR}/sysroot/config_site.h"
  " -isystem ${WQ_ZIG_LIB}/libcxx/include${c_headers}")
set(CMAKE_SHARED_LINKER_FLAGS_INIT
  "-fuse-ld=lld -nostdlib -L${WQ_SYSROOT} -Wl,-z,max-page-size=${page_size} -Wl,-u,__dso_handle")
set(CMAKE_EXE_LINKER_FLAGS_INIT "${CMAKE_SHARED_LINKER_FLAGS_INIT}")
set(CMAKE_CXX_STANDARD_LIBRARIES "-lcxx -lunwind -lcompat -lbuiltins -lc -lm -ldl")
