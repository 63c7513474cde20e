# SPDX-License-Identifier: Apache-2.0
# What `cmake --install` lays down: both libraries, the headers, inferometer.pc, and a CMake package whose
# targets are inferometer::inferometer (shared) and inferometer::inferometer_static. Nothing installed
# names a folder of the build or of the prefix, so the prefix can be moved.
include(CMakePackageConfigHelpers)

set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/inferometer)

install(TARGETS inferometer EXPORT inferometer-shared
    LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(TARGETS inferometer_static EXPORT inferometer-static
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/inferometer
    DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h" PATTERN "*.hpp")

# Two export sets, because only the static library needs the libraries that it uses to be found.
foreach(kind shared static)
    install(EXPORT inferometer-${kind} NAMESPACE inferometer::
        FILE inferometer-${kind}-targets.cmake DESTINATION ${package_folder})
endforeach()
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/inferometer-config.cmake.in
    ${PROJECT_BINARY_DIR}/inferometer-config.cmake INSTALL_DESTINATION ${package_folder}
    NO_SET_AND_CHECK_MACRO)
# Before 1.0 a minor version may change the API.
write_basic_package_version_file(${PROJECT_BINARY_DIR}/inferometer-config-version.cmake
    COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/inferometer-config.cmake
              ${PROJECT_BINARY_DIR}/inferometer-config-version.cmake DESTINATION ${package_folder})

# pkg-config: folders relative to the .pc file, unless they were given as absolute ones.
set(pc_folder ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig)
if(IS_ABSOLUTE "${CMAKE_INSTALL_LIBDIR}" OR IS_ABSOLUTE "${CMAKE_INSTALL_INCLUDEDIR}")
    set(pc_prefix ${CMAKE_INSTALL_PREFIX})
    set(pc_libdir ${CMAKE_INSTALL_FULL_LIBDIR})
    set(pc_includedir ${CMAKE_INSTALL_FULL_INCLUDEDIR})
else()
    file(RELATIVE_PATH up ${pc_folder} ${CMAKE_INSTALL_PREFIX})
    string(REGEX REPLACE "/$" "" up "${up}")
    set(pc_prefix "\${pcfiledir}/${up}")
    set(pc_libdir "\${prefix}/${CMAKE_INSTALL_LIBDIR}")
    set(pc_includedir "\${prefix}/${CMAKE_INSTALL_INCLUDEDIR}")
endif()
set(flags ${MICROHTTPD_LDFLAGS} ${PROTOBUFC_LDFLAGS} ${CYAML_LDFLAGS} ${ZLIB_LDFLAGS} -lcrypt -lm -pthread)
foreach(folder ${CMAKE_C_IMPLICIT_LINK_DIRECTORIES})
    list(REMOVE_ITEM flags -L${folder})
endforeach()
list(JOIN flags " " pc_private)
configure_file(${CMAKE_CURRENT_LIST_DIR}/inferometer.pc.in ${PROJECT_BINARY_DIR}/inferometer.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/inferometer.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
