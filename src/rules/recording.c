/* SPDX-License-Identifier: Apache-2.0
 *
 * What a recording rule comes to: the result of its expression, under its name and with its labels.
 */
#include "rules/impl.h"

/* An open table of hashes. */
bool rules_points_unique(const rule_points *points, ifm_bump *arena)
{
    size_t size = 8;
    while (size < 2 * points->count) {
        size *= 2;
    }
    const rule_point **table = ifm_bump_alloc_array(arena, size, sizeof(void *));
    for (size_t i = 0; table != NULL && i < points->count; i++) {
        const rule_point *point = &points->items[i];
        size_t at = model_labels_hash(point->labels) & (size - 1);
        for (; table[at] != NULL; at = (at + 1) & (size - 1)) {
            if (model_labels_equal(table[at]->labels, point->labels)) {
                return false;
            }
        }
        table[at] = point;
    }
    return true;
}

static model_labels name_point(const rule *r, model_labels labels, ifm_bump *arena)
{
    labels = model_labels_with(labels, model_text_of(MODEL_NAME_LABEL), model_text_of(r->name), arena);
    for (size_t i = 0; i < r->labels.count; i++) {
        labels = model_labels_with(labels, r->labels.items[i].name, r->labels.items[i].text, arena);
    }
    return labels;
}

bool rules_record(rules_manager *manager, const group *g, const rule *r, rule_time time, ifm_bump *arena,
                  promql_result *result, rule_points *out, ifm_error *err)
{
    const promql_query query = {.tree = r->tree, .start_ms = time.query_ms};
    if (!rules_query(manager, &query, result, err)) {
        *result = (promql_result){.type = PROMQL_TYPE_NONE};
        return false;
    }
    size_t count = result->series_count;
    rule_point *items = ifm_bump_alloc_array(arena, count, sizeof *items);
    for (size_t i = 0; items != NULL && i < count; i++) {
        const promql_point *point = result->series[i].points;
        items[i] = (rule_point){.labels = name_point(r, result->series[i].labels, arena),
                                .value = point->value,
                                .histogram = point->histogram};
    }
    *out = (rule_points){items, count};
    if (!ifm_bump_check(arena, err)) {
        return false;
    }
    if (!rules_points_unique(out, arena)) {
        return ifm_error_set(err, IFM_INVALID,
                             "vector contains metrics with the same labelset after applying rule labels");
    }
    if (g->limit > 0 && count > (size_t)g->limit) {
        return ifm_error_set(err, IFM_LIMIT, "exceeded limit of %lld with %zu series", (long long)g->limit,
                             count);
    }
    return ifm_bump_check(arena, err);
}
