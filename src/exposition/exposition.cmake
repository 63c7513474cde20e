# SPDX-License-Identifier: Apache-2.0
# Generated protobuf code: metrics.proto becomes exposition/metrics.pb-c.{c,h} in the build tree and part of
# ifm_exposition.
find_program(IFM_PROTOC_C protoc-c REQUIRED)
set(ifm_proto_out ${PROJECT_BINARY_DIR}/generated/exposition)
file(MAKE_DIRECTORY ${ifm_proto_out})
add_custom_command(
    OUTPUT ${ifm_proto_out}/metrics.pb-c.c ${ifm_proto_out}/metrics.pb-c.h
    COMMAND ${IFM_PROTOC_C} --proto_path=${CMAKE_CURRENT_SOURCE_DIR}/exposition
            --c_out=${ifm_proto_out} metrics.proto
    DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/exposition/metrics.proto
    VERBATIM)
target_sources(ifm_exposition PRIVATE ${ifm_proto_out}/metrics.pb-c.c ${ifm_proto_out}/metrics.pb-c.h)
# -w: warnings in generated code are not ours to repair.
set_source_files_properties(${ifm_proto_out}/metrics.pb-c.c PROPERTIES COMPILE_OPTIONS "-w")
# Through ifm_options, because the tests of the encoder decode what it wrote.
target_include_directories(ifm_options SYSTEM INTERFACE $<BUILD_INTERFACE:${PROJECT_BINARY_DIR}/generated>)
