# SPDX-License-Identifier: Apache-2.0
# Blocks of the store: bytes and nanoseconds per sample.
if(IFM_BUILD_PROGRAM)
    add_executable(tsdb_block_bench tsdb_block_bench.c $<TARGET_OBJECTS:ifm_base> $<TARGET_OBJECTS:ifm_os>
        $<TARGET_OBJECTS:ifm_exposition> $<TARGET_OBJECTS:ifm_model> $<TARGET_OBJECTS:ifm_tsdb>)
    target_include_directories(tsdb_block_bench PRIVATE ${PROJECT_SOURCE_DIR}/src)
    target_link_libraries(tsdb_block_bench PRIVATE ifm_options Threads::Threads PkgConfig::XXHASH
        PkgConfig::PCRE2 PkgConfig::ZSTD PkgConfig::PROTOBUFC PkgConfig::ZLIB crypt m)
endif()
