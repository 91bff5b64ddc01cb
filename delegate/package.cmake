# What programs in C and C++ find: library, header, find_package(wqlite CONFIG) and pkg-config. A build for
# Python installs it only when asked: cmake --install BUILD --component wqlite.
if(CMAKE_CROSSCOMPILING AND CMAKE_LIBRARY_ARCHITECTURE AND NOT ANDROID AND NOT DEFINED CMAKE_INSTALL_LIBDIR)
  set(CMAKE_INSTALL_LIBDIR lib/${CMAKE_LIBRARY_ARCHITECTURE}) # Debian's; the next line finds it for this machine only
endif()
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(component COMPONENT wqlite)
if(WQ_BUILD_PYTHON)
  list(APPEND component EXCLUDE_FROM_ALL)
endif()

target_include_directories(wq_delegate INTERFACE
  $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
add_library(wqlite::wq_delegate ALIAS wq_delegate) # for add_subdirectory and FetchContent
install(TARGETS wq_delegate EXPORT wqlite LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} ${component})
install(DIRECTORY include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} ${component})

set(package ${CMAKE_INSTALL_LIBDIR}/cmake/wqlite)
install(EXPORT wqlite NAMESPACE wqlite:: FILE wqliteConfig.cmake DESTINATION ${package} ${component})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/wqliteConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/wqliteConfigVersion.cmake DESTINATION ${package} ${component})

file(RELATIVE_PATH up /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/wqlite.pc @ONLY CONTENT
"prefix=\${pcfiledir}/@up@
Name: wqlite
Description: @PROJECT_DESCRIPTION@
Version: @PROJECT_VERSION@
Cflags: -I\${prefix}/@CMAKE_INSTALL_INCLUDEDIR@
Libs: -L\${prefix}/@CMAKE_INSTALL_LIBDIR@ -lwq_delegate
")
install(FILES ${PROJECT_BINARY_DIR}/wqlite.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig ${component})
