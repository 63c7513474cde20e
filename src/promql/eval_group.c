/* SPDX-License-Identifier: Apache-2.0
 *
 * by() and without(): series to groups, in the order in which groups appear.
 */
#include "promql/eval_impl.h"

static model_text *group_names(promql_eval *eval, const promql_aggregate *aggregate)
{
    model_text *names = ifm_bump_alloc_array(eval->arena, aggregate->label_count, sizeof *names);
    for (size_t i = 0; names != NULL && i < aggregate->label_count; i++) {
        names[i] = promql_model_text(aggregate->labels[i]);
    }
    return names;
}

static bool group_add_member(promql_eval *eval, promql_groups *groups, size_t group, size_t series)
{
    size_t *grown = ifm_bump_grow(eval->arena, groups->members[group], groups->sizes[group], sizeof *grown);
    if (grown == NULL) {
        return promql_check_arena(eval);
    }
    groups->members[group] = grown;
    grown[groups->sizes[group]++] = series;
    return true;
}

bool promql_groups_make(promql_eval *eval, const promql_node *node, const promql_value *input,
                        promql_groups *out)
{
    const promql_aggregate *aggregate = &node->aggregate;
    promql_index index = {.slots = NULL};
    model_text *names = group_names(eval, aggregate);
    size_t room = input->count; /* there are no more groups than series */
    *out = (promql_groups){.labels = ifm_bump_alloc_array(eval->arena, room, sizeof *out->labels),
                           .of_series = ifm_bump_alloc_array(eval->arena, room, sizeof *out->of_series),
                           .members = ifm_bump_alloc_array(eval->arena, room, sizeof *out->members),
                           .sizes = ifm_bump_alloc_array(eval->arena, room, sizeof *out->sizes)};
    for (size_t i = 0; eval->arena->failed == IFM_OK && i < input->count; i++) {
        model_labels from = input->series[i].labels;
        model_labels labels = aggregate->without
                                  ? model_labels_drop(from, names, aggregate->label_count, eval->arena)
                                  : model_labels_keep(from, names, aggregate->label_count, eval->arena);
        bool fresh;
        size_t group;
        if (!promql_check_arena(eval) || !promql_index_put(eval, &index, labels, &group, &fresh)) {
            return false;
        }
        if (fresh) {
            out->labels[out->count++] = labels;
        }
        out->of_series[i] = group;
        if (!group_add_member(eval, out, group, i)) {
            return false;
        }
    }
    return promql_check_arena(eval);
}
