# CMake toolchain of the rig: Debian's cross compiler, headers and libraries of the root that
# tools/rig/setup.sh makes. WQ_RIG says for which machine: armv7 (32-bit ARM with NEON) or aarch64.
set(WQ_RIG armv7 CACHE STRING "Machine of the rig")
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES WQ_RIG)

if(WQ_RIG STREQUAL "armv7")
  set(CMAKE_SYSTEM_PROCESSOR armv7l)
  set(CMAKE_LIBRARY_ARCHITECTURE arm-linux-gnueabihf)
  set(CMAKE_CXX_FLAGS_INIT "-march=armv7-a -mfpu=neon -mfloat-abi=hard")
elseif(WQ_RIG STREQUAL "aarch64")
  set(CMAKE_SYSTEM_PROCESSOR aarch64)
  set(CMAKE_LIBRARY_ARCHITECTURE aarch64-linux-gnu)
else()
  message(FATAL_ERROR "WQ_RIG is '${WQ_RIG}'; the rig has armv7 and aarch64")
endif()
set(CMAKE_C_FLAGS_INIT "${CMAKE_CXX_FLAGS_INIT}")

set(CMAKE_SYSTEM_NAME Linux)
get_filename_component(WQ_SOURCE_ROOT "${CMAKE_CURRENT_LIST_DIR}/../.." ABSOLUTE)
set(CMAKE_SYSROOT "${WQ_SOURCE_ROOT}/build/${WQ_RIG}/root")
set(CMAKE_C_COMPILER ${CMAKE_LIBRARY_ARCHITECTURE}-gcc)
set(CMAKE_CXX_COMPILER ${CMAKE_LIBRARY_ARCHITECTURE}-g++)

# Programs run on the build machine; headers, libraries and packages are those of the root.
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)

set(CMAKE_CROSSCOMPILING_EMULATOR env WQ_RIG=${WQ_RIG} "${CMAKE_CURRENT_LIST_DIR}/run")
