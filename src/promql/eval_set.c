/* SPDX-License-Identifier: Apache-2.0
 *
 * and, or, unless: which samples of either side are there depends on signatures at the same step.
 */
#include "promql/eval_impl.h"

model_labels promql_match_labels(promql_eval *eval, const promql_matching *matching, model_labels labels)
{
    model_text *names = ifm_bump_alloc_array(eval->arena, matching->label_count, sizeof *names);
    if (names == NULL) {
        return (model_labels){.items = NULL};
    }
    for (size_t i = 0; i < matching->label_count; i++) {
        names[i] = promql_model_text(matching->labels[i]);
    }
    return matching->on ? model_labels_keep(labels, names, matching->label_count, eval->arena)
                        : model_labels_drop(labels, names, matching->label_count, eval->arena);
}

bool promql_signatures(promql_eval *eval, const promql_matching *matching, const promql_value *value,
                       promql_index *index, size_t **out)
{
    *out = ifm_bump_alloc_array(eval->arena, value->count, sizeof **out);
    for (size_t i = 0; *out != NULL && i < value->count; i++) {
        bool fresh;
        model_labels signature = promql_match_labels(eval, matching, value->series[i].labels);
        if (!promql_check_arena(eval) || !promql_index_put(eval, index, signature, &(*out)[i], &fresh)) {
            return false;
        }
    }
    return promql_check_arena(eval);
}

/* For each signature, the steps at which a side has a sample. */
typedef struct set_presence {
    bool **steps; /* NULL for a signature that the side does not have */
} set_presence;

static bool presence_make(promql_eval *eval, const promql_value *value, const size_t *signatures,
                          size_t count, set_presence *out)
{
    out->steps = ifm_bump_alloc_array(eval->arena, count, sizeof *out->steps);
    for (size_t i = 0; out->steps != NULL && i < value->count; i++) {
        bool **steps = &out->steps[signatures[i]];
        *steps = *steps == NULL ? ifm_bump_alloc_array(eval->arena, eval->steps, sizeof **steps) : *steps;
        for (size_t step = 0; *steps != NULL && step < eval->steps; step++) {
            (*steps)[step] = (*steps)[step] || !model_is_absent(value->series[i].values[step]);
        }
        if (!promql_check_work(eval, eval->steps)) {
            return false;
        }
    }
    return promql_check_arena(eval);
}

/* Takes over the samples of `from` at the steps where the other side has its signature, or where it has
 * not. */
static bool set_take(promql_eval *eval, const promql_series *from, const bool *other, bool wanted,
                     promql_value *out)
{
    promql_series *to = promql_value_add(eval, out, from->labels);
    if (to == NULL) {
        return promql_check_arena(eval);
    }
    to->drop_name = from->drop_name;
    to->histograms = from->histograms;
    for (size_t step = 0; step < eval->steps; step++) {
        bool there = other != NULL && other[step];
        if (there == wanted) {
            to->values[step] = from->values[step];
        }
    }
    return promql_check_work(eval, eval->steps);
}

static bool set_take_all(promql_eval *eval, const promql_value *from, const size_t *signatures,
                         const set_presence *other, bool wanted, promql_value *out)
{
    for (size_t i = 0; i < from->count; i++) {
        if (!set_take(eval, &from->series[i], other->steps[signatures[i]], wanted, out)) {
            return false;
        }
    }
    return true;
}

static bool set_append(promql_eval *eval, const promql_value *from, promql_value *out)
{
    for (size_t i = 0; i < from->count; i++) {
        promql_series *grown = ifm_bump_grow(eval->arena, out->series, out->count, sizeof *out->series);
        if (grown == NULL) {
            return promql_check_arena(eval);
        }
        out->series = grown;
        out->series[out->count++] = from->series[i];
    }
    return true;
}

bool promql_eval_set(promql_eval *eval, const promql_node *node, promql_value *left, promql_value *right,
                     promql_value *out)
{
    const promql_matching *matching = node->binary.matching;
    promql_operator op = node->binary.op;
    promql_index index = {.slots = NULL};
    size_t *left_signatures;
    size_t *right_signatures;
    set_presence presence;
    *out = (promql_value){.type = PROMQL_TYPE_VECTOR};
    if (!promql_signatures(eval, matching, left, &index, &left_signatures) ||
        !promql_signatures(eval, matching, right, &index, &right_signatures)) {
        return false;
    }
    bool done;
    if (op == PROMQL_OR) {
        done = presence_make(eval, left, left_signatures, index.count, &presence) &&
               set_append(eval, left, out) &&
               set_take_all(eval, right, right_signatures, &presence, false, out);
    } else {
        done = presence_make(eval, right, right_signatures, index.count, &presence) &&
               set_take_all(eval, left, left_signatures, &presence, op == PROMQL_AND, out);
    }
    promql_value_prune(eval, out);
    return done;
}
