# SPDX-License-Identifier: Apache-2.0
# ifm_options: what every target of this project is compiled with. Nothing is set globally, so a project
# that adds this one as a subdirectory keeps its own flags.
add_library(ifm_options INTERFACE)
target_compile_features(ifm_options INTERFACE c_std_11)
target_compile_definitions(ifm_options INTERFACE _GNU_SOURCE)
target_include_directories(ifm_options INTERFACE
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/src>)
target_compile_options(ifm_options INTERFACE
    -ffp-contract=off # a fused multiply-add would change results in the last bit
    $<$<COMPILE_LANGUAGE:C>:-Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes
        -Wpointer-arith -Wcast-qual -Wwrite-strings -Wvla>)
if(IFM_WERROR)
    target_compile_options(ifm_options INTERFACE -Werror)
endif()
if(IFM_SANITIZE)
    target_compile_options(ifm_options INTERFACE -fsanitize=${IFM_SANITIZE}
        -fno-omit-frame-pointer -fno-sanitize-recover=all)
    target_link_options(ifm_options INTERFACE -fsanitize=${IFM_SANITIZE})
    if(IFM_SANITIZE MATCHES "thread" AND CMAKE_C_COMPILER_ID STREQUAL "GNU")
        # Fences are not modelled by TSan; every access they order is atomic, so none is reported.
        target_compile_options(ifm_options INTERFACE -Wno-tsan)
    endif()
endif()
