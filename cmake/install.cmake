# SPDX-License-Identifier: Apache-2.0
# What `cmake --install` lays down: the program, both libraries, the headers, inferometer.pc, and a CMake package whose
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

# The program, its manual page and completions, which it prints itself, and what a company takes over.
if(IFM_BUILD_PROGRAM)
    install(TARGETS inferometer_program RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
    install(DIRECTORY ${PROJECT_SOURCE_DIR}/dashboards DESTINATION ${CMAKE_INSTALL_DATADIR}/inferometer
        FILES_MATCHING PATTERN "*.json")
    install(DIRECTORY ${PROJECT_SOURCE_DIR}/deploy/rules ${PROJECT_SOURCE_DIR}/deploy/systemd
        DESTINATION ${CMAKE_INSTALL_DATADIR}/inferometer
        FILES_MATCHING PATTERN "*.yml" PATTERN "*.service" PATTERN "tests" EXCLUDE)
    if(NOT CMAKE_CROSSCOMPILING)
        # ifm_printed(FILE DESTINATION WORD...): what `inferometer WORD...` prints, as FILE in DESTINATION.
        set(printed_files "")
        function(ifm_printed file destination)
            set(output ${PROJECT_BINARY_DIR}/generated/${file})
            add_custom_command(OUTPUT ${output} COMMAND inferometer_program ${ARGN} > ${output}
                DEPENDS inferometer_program VERBATIM)
            install(FILES ${output} DESTINATION ${destination})
            set(printed_files ${printed_files} ${output} PARENT_SCOPE)
        endfunction()
        ifm_printed(inferometer.1 ${CMAKE_INSTALL_MANDIR}/man1 man)
        ifm_printed(inferometer ${CMAKE_INSTALL_DATADIR}/bash-completion/completions completions bash)
        ifm_printed(_inferometer ${CMAKE_INSTALL_DATADIR}/zsh/site-functions completions zsh)
        ifm_printed(inferometer.fish ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d completions fish)
        add_custom_target(inferometer_printed ALL DEPENDS ${printed_files})
    endif()
endif()

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
