/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"
#include "metrics/registry.h"

#include <inferometer/metrics.h>

bool ifm_info_register(ifm_registry *registry, const ifm_metric_options *options, ifm_info_family **out,
                       ifm_error *err)
{
    if (options->label_count == 0) {
        return ifm_error_set(err, IFM_INVALID,
                             "cannot register info \"%.60s\": it has no labels, and labels are what it says",
                             options->name == NULL ? "" : options->name);
    }
    if (options->unit != NULL && options->unit[0] != '\0') {
        return ifm_error_set(err, IFM_INVALID,
                             "cannot register info \"%.60s\": an info has no unit, but \"%.60s\" is given",
                             options->name == NULL ? "" : options->name, options->unit);
    }
    struct ifm_family *family = ifm_family_new(IFM_TYPE_INFO, options, err);
    if (family == NULL) {
        return false;
    }
    family = ifm_registry_add(registry, family, NULL, err);
    if (family != NULL) {
        *out = (ifm_info_family *)family;
    }
    return family != NULL;
}

void ifm_info_set(ifm_info_family *family, const char *const *values)
{
    struct ifm_handle handle = ifm_family_with((struct ifm_family *)family, values);
    if (family != NULL && handle.series == ((struct ifm_family *)family)->overflow) {
        ifm_registry *registry = ((struct ifm_family *)family)->registry;
        atomic_fetch_add_explicit(&registry->overflow_updates, 1, memory_order_relaxed);
    }
}

bool ifm_info_remove(ifm_info_family *family, const char *const *values)
{
    return ifm_family_remove((struct ifm_family *)family, values);
}

void ifm_info_clear(ifm_info_family *family)
{
    ifm_family_clear((struct ifm_family *)family);
}
