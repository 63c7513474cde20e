/* SPDX-License-Identifier: Apache-2.0
 *
 * inferometer_build_info: which library a process runs, and what compiled it.
 */
#include <inferometer/export.h>
#include <inferometer/metrics.h>
#include <inferometer/registry.h>

#if defined(__clang__)
#define BUILD_COMPILER "clang " __clang_version__
#else
#define BUILD_COMPILER "gcc " __VERSION__
#endif

bool ifm_build_info_register(ifm_registry *registry, ifm_error *err)
{
    static const char *const names[] = {"version", "compiler"};
    const char *const values[] = {ifm_version(), BUILD_COMPILER};
    const ifm_metric_options options = {
        .name = "inferometer_build",
        .help = "Version of libinferometer and the compiler that built it; always 1.",
        .label_names = names,
        .label_count = 2,
    };
    ifm_info_family *family;
    if (!ifm_info_register(registry, &options, &family, err)) {
        return false;
    }
    ifm_info_set(family, values);
    return true;
}
