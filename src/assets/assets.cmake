# SPDX-License-Identifier: Apache-2.0
# The files that the program carries: assets.h.
set(IFM_WEB_BUNDLE ${PROJECT_SOURCE_DIR}/web/bundle CACHE PATH
    "Folder of the built web user interface; web/dist is what \"npm run build\" in web/ writes")
if(NOT EXISTS ${IFM_WEB_BUNDLE}/index.html)
    message(FATAL_ERROR "\"${IFM_WEB_BUNDLE}\" has no index.html: the web user interface is not there. It is checked "
        "in as web/bundle; \"make web\" builds it anew with Node.js")
endif()

set(embedded "")
set(embedded_files "")
file(GLOB dashboards CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/dashboards/*.json)
foreach(file ${dashboards})
    get_filename_component(name ${file} NAME)
    list(APPEND embedded dashboards/${name}=${file})
endforeach()
file(GLOB rules CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/deploy/rules/*.yml)
foreach(file ${rules})
    get_filename_component(name ${file} NAME)
    list(APPEND embedded rules/${name}=${file})
endforeach()
file(GLOB_RECURSE ui CONFIGURE_DEPENDS ${IFM_WEB_BUNDLE}/*)
list(SORT ui)
foreach(file ${ui})
    file(RELATIVE_PATH below ${IFM_WEB_BUNDLE} ${file})
    list(APPEND embedded ui/${below}=${file})
endforeach()

set(assets ${PROJECT_BINARY_DIR}/generated/assets_files.c)
add_custom_command(OUTPUT ${assets}
    COMMAND ${CMAKE_COMMAND} -DOUTPUT=${assets} "-DFILES=${embedded}" -P ${PROJECT_SOURCE_DIR}/cmake/embed.cmake
    DEPENDS ${dashboards} ${rules} ${ui} ${PROJECT_SOURCE_DIR}/cmake/embed.cmake
    COMMENT "Embedding dashboards, rules and the web user interface" VERBATIM)
target_sources(ifm_assets PRIVATE ${assets})
