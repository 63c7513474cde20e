/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"
#include "metrics/registry.h"
#include "metrics/update.h"

#include <inferometer/metrics.h>
#include <string.h>

static bool states_copy(struct ifm_family *family, const ifm_state_set_options *options, ifm_error *err)
{
    if (options->states == NULL || options->state_count == 0 || options->state_count > IFM_STATES_MAX) {
        return ifm_error_set(err, IFM_INVALID, "%zu states are given; it takes from 1 to %d",
                             options->states == NULL ? 0 : options->state_count, IFM_STATES_MAX);
    }
    family->states = ifm_alloc_zero(options->state_count, sizeof *family->states);
    if (family->states == NULL) {
        return ifm_error_nomem(err);
    }
    family->state_count = options->state_count;
    for (size_t i = 0; i < options->state_count; i++) {
        const char *state = options->states[i];
        if (state == NULL || state[0] == '\0' || !ifm_utf8_valid(state, strlen(state)) ||
            strlen(state) > IFM_LABEL_VALUE_BYTES_MAX) {
            return ifm_error_set(err, IFM_INVALID, "state %zu is empty, too long, or not valid UTF-8", i);
        }
        for (size_t k = 0; k < i; k++) {
            if (strcmp(family->states[k].data, state) == 0) {
                return ifm_error_set(err, IFM_INVALID, "state \"%.60s\" is given twice", state);
            }
        }
        char *copy = ifm_copy_text(state);
        family->states[i] = (ifm_text){copy, strlen(state)};
        if (copy == NULL) {
            return ifm_error_nomem(err);
        }
    }
    return true;
}

static struct ifm_family *state_set_add(ifm_registry *registry, const ifm_state_set_options *options,
                                        struct ifm_handle *only, ifm_error *err)
{
    if (options->metric.unit != NULL && options->metric.unit[0] != '\0') {
        ifm_error_set(err, IFM_INVALID,
                      "cannot register state set \"%.60s\": it has no unit, but \"%.60s\" is given",
                      options->metric.name == NULL ? "" : options->metric.name, options->metric.unit);
        return NULL;
    }
    struct ifm_family *family = ifm_family_new(IFM_TYPE_STATE_SET, &options->metric, err);
    if (family == NULL) {
        return NULL;
    }
    if (!states_copy(family, options, err)) {
        return ifm_family_refuse(family, err);
    }
    return ifm_registry_add(registry, family, only, err);
}

bool ifm_state_set_family_register(ifm_registry *registry, const ifm_state_set_options *options,
                                   ifm_state_set_family **out, ifm_error *err)
{
    struct ifm_family *family = state_set_add(registry, options, NULL, err);
    if (family != NULL) {
        *out = (ifm_state_set_family *)family;
    }
    return family != NULL;
}

bool ifm_state_set_register(ifm_registry *registry, const ifm_state_set_options *options, ifm_state_set *out,
                            ifm_error *err)
{
    struct ifm_handle only;
    if (!ifm_family_check_plain(&options->metric, err) ||
        state_set_add(registry, options, &only, err) == NULL) {
        return false;
    }
    *out = (ifm_state_set){only.series, only.generation};
    return true;
}

ifm_state_set ifm_state_set_with(ifm_state_set_family *family, const char *const *values)
{
    struct ifm_handle handle = ifm_family_with((struct ifm_family *)family, values);
    return (ifm_state_set){handle.series, handle.generation};
}

bool ifm_state_set_remove(ifm_state_set_family *family, const char *const *values)
{
    return ifm_family_remove((struct ifm_family *)family, values);
}

void ifm_state_set_clear(ifm_state_set_family *family)
{
    ifm_family_clear((struct ifm_family *)family);
}

enum state_change { STATE_ENABLE, STATE_DISABLE, STATE_ONLY };

static void state_set_change(ifm_state_set set, size_t state, enum state_change change)
{
    struct ifm_series *series = set.series;
    if (series == NULL) {
        return;
    }
    struct ifm_thread *self = ifm_update_enter(series);
    if (!ifm_series_is(series, set.generation)) {
        ifm_registry_drop(series->registry, IFM_DROP_REMOVED);
    } else if (state < series->family->state_count) {
        uint64_t bit = UINT64_C(1) << state;
        if (change == STATE_ENABLE) {
            atomic_fetch_or_explicit(&series->states, bit, memory_order_relaxed);
        } else if (change == STATE_DISABLE) {
            atomic_fetch_and_explicit(&series->states, ~bit, memory_order_relaxed);
        } else {
            atomic_store_explicit(&series->states, bit, memory_order_relaxed);
        }
        if (ifm_series_is_overflow(series)) {
            atomic_fetch_add_explicit(&series->registry->overflow_updates, 1, memory_order_relaxed);
        }
    }
    ifm_update_leave(self);
}

void ifm_state_set_enable(ifm_state_set set, size_t state)
{
    state_set_change(set, state, STATE_ENABLE);
}

void ifm_state_set_disable(ifm_state_set set, size_t state)
{
    state_set_change(set, state, STATE_DISABLE);
}

void ifm_state_set_only(ifm_state_set set, size_t state)
{
    state_set_change(set, state, STATE_ONLY);
}
