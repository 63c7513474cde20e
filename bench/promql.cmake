# SPDX-License-Identifier: Apache-2.0
# The query engine over a storage in memory, as promql_compare.py runs it beside other systems.
if(IFM_BUILD_PROGRAM)
    add_executable(promql_query_bench promql_query_bench.c ../tests/differential/load_openmetrics.c
        $<TARGET_OBJECTS:ifm_base> $<TARGET_OBJECTS:ifm_os> $<TARGET_OBJECTS:ifm_exposition>
        $<TARGET_OBJECTS:ifm_model> $<TARGET_OBJECTS:ifm_promql> $<TARGET_OBJECTS:ifm_promqltest>)
    target_include_directories(promql_query_bench PRIVATE ${PROJECT_SOURCE_DIR}/src)
    target_link_libraries(promql_query_bench PRIVATE ifm_options Threads::Threads PkgConfig::PROTOBUFC
        PkgConfig::ZLIB PkgConfig::XXHASH PkgConfig::PCRE2 crypt m)
endif()
