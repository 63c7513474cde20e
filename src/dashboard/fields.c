/* SPDX-License-Identifier: Apache-2.0
 *
 * Units and thresholds, wherever a panel has them: for all fields, and for those that an override picks.
 */
#include "dashboard/checker.h"
#include "dashboard/units.h"

#include <string.h>

static void check_unit(dashboard_checker *checker, const json_t *value)
{
    const char *unit = json_string_value(value);
    if (unit == NULL || dashboard_unit_is_known(unit)) {
        return;
    }
    dashboard_find(checker, DASHBOARD_UNIT, DASHBOARD_WARNING,
                   "the unit \"%.*s\" is not known to Grafana, which writes it behind the number; hint: "
                   "\"suffix:%.*s\" says that it is meant so",
                   dashboard_shown(unit, 80), unit, dashboard_shown(unit, 80), unit);
}

static void check_steps(dashboard_checker *checker, const json_t *steps)
{
    const json_t *first = json_object_get(json_array_get(steps, 0), "value");
    if (first != NULL && !json_is_null(first)) {
        dashboard_find(
            checker, DASHBOARD_THRESHOLD, DASHBOARD_ERROR,
            "the first step of its thresholds has a value; it stands for everything below the second, "
            "so it has to be null");
    }
    for (size_t i = 1; i < json_array_size(steps); i++) {
        const json_t *value = json_object_get(json_array_get(steps, i), "value");
        const json_t *before = json_object_get(json_array_get(steps, i - 1), "value");
        if (!json_is_number(value)) {
            dashboard_find(checker, DASHBOARD_THRESHOLD, DASHBOARD_ERROR,
                           "step %zu of its thresholds has no number as its value", i + 1);
        } else if (json_is_number(before) && json_number_value(value) <= json_number_value(before)) {
            dashboard_find(checker, DASHBOARD_THRESHOLD, DASHBOARD_ERROR,
                           "step %zu of its thresholds is not above the one before", i + 1);
        }
    }
}

static void check_thresholds(dashboard_checker *checker, const json_t *thresholds)
{
    if (!json_is_object(thresholds)) {
        return;
    }
    const char *mode = dashboard_text(thresholds, "mode");
    if (mode != NULL && strcmp(mode, "absolute") != 0 && strcmp(mode, "percentage") != 0) {
        dashboard_find(checker, DASHBOARD_THRESHOLD, DASHBOARD_ERROR,
                       "the mode of its thresholds is neither absolute nor percentage");
    }
    const json_t *steps = json_object_get(thresholds, "steps");
    if (json_array_size(steps) == 0) {
        dashboard_find(checker, DASHBOARD_THRESHOLD, DASHBOARD_ERROR, "its thresholds have no steps");
        return;
    }
    check_steps(checker, steps);
}

static void check_overrides(dashboard_checker *checker, const json_t *overrides)
{
    size_t i, j;
    const json_t *override, *property;
    json_array_foreach(overrides, i, override)
    {
        json_array_foreach(json_object_get(override, "properties"), j, property)
        {
            const char *id = dashboard_text(property, "id");
            if (id != NULL && strcmp(id, "unit") == 0) {
                check_unit(checker, json_object_get(property, "value"));
            } else if (id != NULL && strcmp(id, "thresholds") == 0) {
                check_thresholds(checker, json_object_get(property, "value"));
            }
        }
    }
}

void dashboard_check_fields(dashboard_checker *checker, const json_t *panel)
{
    const json_t *config = json_object_get(panel, "fieldConfig");
    const json_t *defaults = json_object_get(config, "defaults");
    check_unit(checker, json_object_get(defaults, "unit"));
    check_thresholds(checker, json_object_get(defaults, "thresholds"));
    check_overrides(checker, json_object_get(config, "overrides"));

    const json_t *options = json_object_get(panel, "options");
    check_unit(checker, json_object_get(json_object_get(options, "yAxis"), "unit"));
    check_unit(checker, json_object_get(json_object_get(options, "cellValues"), "unit"));
    /* What the panels graph and singlestat had. */
    size_t i;
    const json_t *axis;
    json_array_foreach(json_object_get(panel, "yaxes"), i, axis)
    {
        check_unit(checker, json_object_get(axis, "format"));
    }
    check_unit(checker, json_object_get(panel, "format"));
}
