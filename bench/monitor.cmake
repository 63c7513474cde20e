# SPDX-License-Identifier: Apache-2.0
# What monitor_compare.py runs beside the program itself: a target to scrape, and a filler of stores.
add_executable(load_exporter load_exporter.c)
target_link_libraries(load_exporter PRIVATE ifm_options)

if(IFM_BUILD_PROGRAM AND TARGET ifm_tsdb)
    add_executable(tsdb_fill tsdb_fill.c $<TARGET_OBJECTS:ifm_base> $<TARGET_OBJECTS:ifm_os>
        $<TARGET_OBJECTS:ifm_exposition> $<TARGET_OBJECTS:ifm_model> $<TARGET_OBJECTS:ifm_tsdb>)
    target_include_directories(tsdb_fill PRIVATE ${PROJECT_SOURCE_DIR}/src)
    target_link_libraries(tsdb_fill PRIVATE ifm_options Threads::Threads PkgConfig::PROTOBUFC
        PkgConfig::ZLIB PkgConfig::XXHASH PkgConfig::PCRE2 PkgConfig::ZSTD crypt m)
endif()

# What the head of the store costs.
if(IFM_BUILD_PROGRAM AND TARGET ifm_tsdb)
    add_executable(tsdb_append_bench tsdb_append_bench.c $<TARGET_OBJECTS:ifm_base> $<TARGET_OBJECTS:ifm_os>
        $<TARGET_OBJECTS:ifm_exposition> $<TARGET_OBJECTS:ifm_model> $<TARGET_OBJECTS:ifm_tsdb>)
    target_include_directories(tsdb_append_bench PRIVATE ${PROJECT_SOURCE_DIR}/src)
    target_link_libraries(tsdb_append_bench PRIVATE ifm_options Threads::Threads PkgConfig::PROTOBUFC
        PkgConfig::ZLIB PkgConfig::XXHASH PkgConfig::PCRE2 PkgConfig::ZSTD crypt m)
endif()
