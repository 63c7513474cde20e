/* SPDX-License-Identifier: Apache-2.0
 *
 * info(v, {matchers}): labels of info metrics (target_info) are added to the series of v that have the same
 * job and instance.
 */
#include "promql/eval_info.h"

static model_labels identity_of(promql_eval *eval, model_labels labels, model_text name)
{
    model_text names[PROMQL_IDENTIFYING_COUNT] = {model_text_of(promql_identifying[0]),
                                                  model_text_of(promql_identifying[1])};
    labels = model_labels_keep(labels, names, PROMQL_IDENTIFYING_COUNT, eval->arena);
    return model_labels_with(labels, model_text_of(MODEL_NAME_LABEL), name, eval->arena);
}

static bool add_name(promql_eval *eval, promql_info_call *in, model_text name)
{
    for (size_t i = 0; i < in->name_count; i++) {
        if (model_text_equal(in->names[i], name)) {
            return true;
        }
    }
    model_text *grown = ifm_bump_grow(eval->arena, in->names, in->name_count, sizeof *grown);
    if (grown == NULL) {
        return promql_check_arena(eval);
    }
    in->names = grown;
    in->names[in->name_count++] = name;
    return true;
}

static bool group_metrics(promql_eval *eval, promql_info_call *in)
{
    in->groups = ifm_bump_alloc_array(eval->arena, in->metrics.count, sizeof *in->groups);
    for (size_t i = 0; in->groups != NULL && i < in->metrics.count; i++) {
        model_labels labels = in->metrics.series[i].labels;
        model_text name = model_labels_get(labels, model_text_of(MODEL_NAME_LABEL));
        size_t number;
        bool fresh;
        labels = identity_of(eval, labels, name);
        if (!promql_check_arena(eval) || !add_name(eval, in, name) ||
            !promql_index_put(eval, &in->index, labels, &number, &fresh)) {
            return false;
        }
        promql_info_group *group = &in->groups[number];
        size_t *grown = ifm_bump_grow(eval->arena, group->members, group->member_count, sizeof *grown);
        if (grown == NULL) {
            return promql_check_arena(eval);
        }
        group->members = grown;
        group->members[group->member_count++] = i;
    }
    return promql_check_arena(eval);
}

static int64_t sample_time_ms(const promql_info_call *in, size_t series, size_t step)
{
    double seconds = in->metrics.series[series].values[step];
    return (int64_t)(seconds * 1000 + (seconds < 0 ? -0.5 : 0.5));
}

static bool fail_duplicate(promql_eval *eval, const promql_info_call *in, size_t a, size_t b, size_t step)
{
    enum { TEXT_MAX = 4096 };
    ifm_buf text;
    ifm_buf_init(&text, TEXT_MAX);
    model_labels_print(in->metrics.series[a].labels, &text);
    ifm_buf_printf(&text, " @ %lld, new ", (long long)sample_time_ms(in, a, step));
    model_labels_print(in->metrics.series[b].labels, &text);
    (void)promql_eval_fail(eval, IFM_INVALID, "found duplicate series for info metric: existing %.*s @ %lld",
                           (int)text.size, text.data == NULL ? "" : text.data,
                           (long long)sample_time_ms(in, b, step));
    ifm_buf_deinit(&text);
    return false;
}

static bool base_has_sample(const promql_info_call *in, size_t step)
{
    for (size_t i = 0; i < in->base.count; i++) {
        if (!model_is_absent(in->base.series[i].values[step])) {
            return true;
        }
    }
    return false;
}

static bool find_winners(promql_eval *eval, const promql_info_call *in, promql_info_group *group)
{
    group->winners = ifm_bump_alloc_array(eval->arena, eval->steps, sizeof *group->winners);
    for (size_t step = 0; group->winners != NULL && step < eval->steps; step++) {
        for (size_t i = 0; i < group->member_count; i++) {
            size_t series = group->members[i];
            if (model_is_absent(in->metrics.series[series].values[step])) {
                continue;
            }
            size_t *winner = &group->winners[step];
            int64_t before_ms = *winner == 0 ? INT64_MIN : sample_time_ms(in, *winner - 1, step);
            int64_t time_ms = sample_time_ms(in, series, step);
            if (*winner != 0 && before_ms == time_ms && base_has_sample(in, step)) {
                return fail_duplicate(eval, in, *winner - 1, series, step);
            }
            *winner = time_ms > before_ms ? series + 1 : *winner;
        }
    }
    return promql_check_arena(eval);
}

/* Whether the label was asked for: all are, without a selector or with one of names only. */
static bool is_wanted(const promql_info_call *in, model_text name)
{
    bool any = false;
    for (size_t i = 0; i < in->matcher_count; i++) {
        if (promql_is_name(in->matchers[i].name)) {
            continue;
        }
        any = true;
        if (model_text_equal(in->matchers[i].name, name)) {
            return true;
        }
    }
    return !any;
}

static bool take_labels(promql_eval *eval, const promql_info_call *in, model_labels base, model_labels from,
                        model_labels *added)
{
    for (size_t i = 0; i < from.count; i++) {
        const model_label *label = &from.items[i];
        if (promql_is_name(label->name) || !is_wanted(in, label->name)) {
            continue;
        }
        model_text known = model_labels_get(*added, label->name);
        if (known.size > 0 && !model_text_equal(known, label->value)) {
            return promql_eval_fail(eval, IFM_INVALID, "conflicting label: %.*s", (int)label->name.size,
                                    label->name.data);
        }
        if (model_labels_get(base, label->name).size == 0) {
            *added = model_labels_with(*added, label->name, label->value, eval->arena);
        }
    }
    return promql_check_arena(eval);
}

/* Without an info metric, a base series stays if no matcher asks for a label that is not empty. */
static bool stays_alone(promql_eval *eval, const promql_info_call *in)
{
    for (size_t i = 0; i < in->matcher_count; i++) {
        if (!promql_is_name(in->matchers[i].name) &&
            !model_matcher_matches(&in->matchers[i], model_text_of(""), eval->err)) {
            return false;
        }
    }
    return true;
}

static bool emit(promql_eval *eval, promql_info_call *in, model_labels labels, const promql_series *from,
                 size_t step)
{
    size_t number;
    bool fresh;
    if (!promql_index_put(eval, &in->results, labels, &number, &fresh)) {
        return false;
    }
    if (fresh && promql_value_add(eval, in->out, labels) == NULL) {
        return promql_check_arena(eval);
    }
    promql_series *to = &in->out->series[number];
    to->drop_name = to->drop_name || from->drop_name;
    if (!model_is_absent(to->values[step])) {
        return promql_eval_fail(eval, IFM_INVALID, "vector cannot contain metrics with the same labelset");
    }
    promql_series_set(eval, to, step, promql_series_at(from, step));
    return true;
}

/* The labels of one base series at one step; *keep is false when it has none. */
static bool enrich(promql_eval *eval, promql_info_call *in, const promql_series *base,
                   promql_info_group *const *groups, size_t step, model_labels *labels, bool *keep)
{
    model_labels added = {.items = NULL};
    bool found = false;
    for (size_t i = 0; i < in->name_count; i++) {
        size_t winner = groups[i] == NULL ? 0 : groups[i]->winners[step];
        if (winner == 0) {
            continue;
        }
        found = true;
        if (!take_labels(eval, in, base->labels, in->metrics.series[winner - 1].labels, &added)) {
            return false;
        }
    }
    *keep = found || stays_alone(eval, in);
    *labels = base->labels;
    for (size_t i = 0; i < added.count; i++) {
        *labels = model_labels_with(*labels, added.items[i].name, added.items[i].value, eval->arena);
    }
    return promql_check_arena(eval);
}

static bool same_winners(const promql_info_call *in, promql_info_group *const *groups, size_t a, size_t b)
{
    for (size_t i = 0; i < in->name_count; i++) {
        if (groups[i] != NULL && groups[i]->winners[a] != groups[i]->winners[b]) {
            return false;
        }
    }
    return true;
}

static bool enrich_series(promql_eval *eval, promql_info_call *in, const promql_series *base, bool ignored)
{
    promql_info_group **groups =
        ifm_bump_alloc_array(eval->arena, in->name_count, sizeof(promql_info_group *));
    for (size_t i = 0; groups != NULL && !ignored && i < in->name_count; i++) {
        size_t number;
        if (promql_index_get(&in->index, identity_of(eval, base->labels, in->names[i]), &number)) {
            groups[i] = &in->groups[number];
        }
    }
    if (!promql_check_arena(eval)) {
        return false;
    }
    model_labels labels = base->labels;
    bool keep = ignored;
    size_t last = SIZE_MAX;
    for (size_t step = 0; step < eval->steps; step++) {
        if (model_is_absent(base->values[step])) {
            continue;
        }
        if (!ignored && (last == SIZE_MAX || !same_winners(in, groups, last, step)) &&
            !enrich(eval, in, base, groups, step, &labels, &keep)) {
            return false;
        }
        last = step;
        if (keep && !emit(eval, in, labels, base, step)) {
            return false;
        }
    }
    return eval->err->code == IFM_OK && promql_check_interrupt(eval);
}

static bool info_run(promql_eval *eval, promql_info_call *in)
{
    if (!promql_info_find(eval, in) || !group_metrics(eval, in)) {
        return false;
    }
    for (size_t i = 0; i < in->index.count; i++) {
        if (!find_winners(eval, in, &in->groups[i])) {
            return false;
        }
    }
    for (size_t i = 0; i < in->base.count; i++) {
        if (!enrich_series(eval, in, &in->base.series[i], in->ignored[i])) {
            return false;
        }
    }
    return promql_check_arena(eval);
}

bool promql_eval_info(promql_eval *eval, const promql_node *call, promql_value *out)
{
    promql_info_call in = {.call = call, .out = out};
    *out = (promql_value){.type = PROMQL_TYPE_VECTOR};
    in.metrics.type = PROMQL_TYPE_VECTOR;
    if (!promql_eval_node(eval, call->call.arguments[0], &in.base)) {
        return false;
    }
    if (call->call.argument_count > 1) {
        in.selector = &promql_unwrap(call->call.arguments[1])->vector;
        if (!promql_info_matchers(eval, &in)) {
            return false;
        }
    }
    bool done = info_run(eval, &in);
    promql_matchers_free(in.matchers, in.matcher_count);
    return done;
}
