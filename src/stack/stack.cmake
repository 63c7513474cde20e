# SPDX-License-Identifier: Apache-2.0
# The dashboards and rules that the program carries: assets.h.
set(embedded "")
set(embedded_files "")
file(GLOB dashboards CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/dashboards/*.json)
file(GLOB rules CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/deploy/rules/*.yml)
foreach(file ${dashboards} ${rules})
    get_filename_component(name ${file} NAME)
    file(RELATIVE_PATH below ${PROJECT_SOURCE_DIR} ${file})
    if(file MATCHES "json$")
        list(APPEND embedded grafana/dashboards/${name}=${below})
    else()
        list(APPEND embedded prometheus/rules/${name}=${below})
    endif()
    list(APPEND embedded_files ${file})
endforeach()
set(assets ${PROJECT_BINARY_DIR}/generated/stack_assets.c)
add_custom_command(OUTPUT ${assets}
    COMMAND ${CMAKE_COMMAND} -DOUTPUT=${assets} -DROOT=${PROJECT_SOURCE_DIR} "-DFILES=${embedded}"
            -P ${PROJECT_SOURCE_DIR}/cmake/embed.cmake
    DEPENDS ${embedded_files} ${PROJECT_SOURCE_DIR}/cmake/embed.cmake
    COMMENT "Embedding dashboards and rules" VERBATIM)
target_sources(ifm_stack PRIVATE ${assets})
