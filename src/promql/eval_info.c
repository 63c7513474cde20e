/* SPDX-License-Identifier: Apache-2.0
 *
 * info(v, {matchers}): labels of info metrics (target_info) are added to the series of v that have the same job and
 * instance.
 */
#include "promql/eval_impl.h"

static const char *const identifying[] = {"instance", "job"};
enum { IDENTIFYING_COUNT = 2 };

/* Info series with the same name, job and instance: at each step the one with the newest sample counts. */
typedef struct info_group {
    size_t *members;
    size_t member_count;
    size_t *winners; /* 1 + the index of the series at each step; 0: none */
} info_group;

/* Names that are only excluded are those of metrics that are called so. */
static const char info_names[] = ".+_info";

typedef struct info {
    const promql_node *call;
    const promql_vector *selector; /* NULL: none given */
    model_matcher *matchers;       /* of the selector, compiled */
    size_t matcher_count;
    promql_value base;
    bool *ignored;        /* of each base series: it is an info metric itself */
    promql_value metrics; /* values are seconds of the sample's own time */
    promql_index index;   /* name, job and instance to a group */
    info_group *groups;
    model_text *names; /* of info metrics */
    size_t name_count;
    promql_index results;
    promql_value *out;
} info;

static bool is_name(model_text name)
{
    return model_text_equal(name, model_text_of(MODEL_NAME_LABEL));
}

static bool has_name_matcher(const info *in)
{
    for (size_t i = 0; i < in->matcher_count; i++) {
        if (is_name(in->matchers[i].name)) {
            return true;
        }
    }
    return false;
}

/* Whether the series is one of those that info() takes labels from: its name is asked for. */
static bool is_info_metric(promql_eval *eval, const info *in, model_labels labels)
{
    model_text name = model_labels_get(labels, model_text_of(MODEL_NAME_LABEL));
    bool asked = false;
    if (in->selector == NULL) {
        return model_text_equal(name, model_text_of("target_info"));
    }
    for (size_t i = 0; i < in->matcher_count; i++) {
        if (!is_name(in->matchers[i].name)) {
            continue;
        }
        asked = true;
        if (!model_matcher_matches(&in->matchers[i], name, eval->err)) {
            return false;
        }
    }
    return asked;
}

/* a|b|c of the values that the base series have, with what is special in regular expressions escaped. */
static bool append_value(promql_eval *eval, ifm_buf *pattern, promql_index *seen, model_text value)
{
    model_label label = {.name = model_text_of("value"), .value = value};
    model_labels *labels = ifm_bump_alloc(eval->arena, sizeof *labels + sizeof label);
    size_t number;
    bool fresh;
    if (labels == NULL) {
        return promql_check_arena(eval);
    }
    memcpy(labels + 1, &label, sizeof label);
    *labels = (model_labels){.items = (const model_label *)(labels + 1), .count = 1};
    if (!promql_index_put(eval, seen, *labels, &number, &fresh) || !fresh) {
        return eval->err->code == IFM_OK;
    }
    if (pattern->size > 0) {
        ifm_buf_append_char(pattern, '|');
    }
    for (size_t i = 0; i < value.size; i++) {
        if (strchr("\\.+*?()|[]{}^$", value.data[i]) != NULL && value.data[i] != '\0') {
            ifm_buf_append_char(pattern, '\\');
        }
        ifm_buf_append(pattern, &value.data[i], 1);
    }
    return true;
}

enum { PATTERN_SIZE_MAX = 4 * 1024 * 1024 }; /* 60,000 targets with names of 64 bytes */

/* Adds `name` =~ all its values; without a value nothing is added. */
static bool add_identity(promql_eval *eval, const info *in, const char *name, model_matcher *matchers,
                         size_t *count)
{
    promql_index seen = {.slots = NULL};
    ifm_buf pattern;
    ifm_buf_init(&pattern, PATTERN_SIZE_MAX);
    bool done = true;
    for (size_t i = 0; done && i < in->base.count; i++) {
        model_text value = model_labels_get(in->base.series[i].labels, model_text_of(name));
        if (!in->ignored[i] && value.size > 0) {
            done = append_value(eval, &pattern, &seen, value);
        }
    }
    if (done && pattern.size > 0) {
        model_matcher *matcher = &matchers[*count];
        matcher->name = model_text_of(name);
        matcher->value = (model_text){ifm_bump_copy(eval->arena, pattern.data, pattern.size), pattern.size};
        matcher->match = MODEL_REGEX;
        done = ifm_buf_check(&pattern, eval->err) && promql_check_arena(eval);
        matcher->regex = done ? model_regex_new(matcher->value, eval->err) : NULL;
        done = matcher->regex != NULL;
        *count += done ? 1 : 0;
    }
    ifm_buf_deinit(&pattern);
    return done;
}

/* Info metrics are looked at when the first selector of the argument is: its modifiers, and those of the subqueries
 * around it, count from the outside to the inside. */
typedef struct info_times {
    promql_eval *eval;
    promql_moment moment;
    bool done;
} info_times;

static bool info_visit(void *context, const promql_node *node, const promql_node *parent)
{
    info_times *times = context;
    promql_moment moment;
    (void)parent;
    if (times->done || (node->kind != PROMQL_VECTOR && node->kind != PROMQL_SUBQUERY)) {
        return !times->done;
    }
    const promql_shift *shift = node->kind == PROMQL_VECTOR ? &node->vector.shift : &node->subquery.shift;
    if (!promql_moment_of(times->eval, shift, &moment)) {
        times->done = true;
        return false;
    }
    moment.offset_ms += moment.fixed ? 0 : times->moment.offset_ms;
    if (!moment.fixed) {
        moment.fixed = times->moment.fixed;
        moment.fixed_ms = times->moment.fixed_ms;
    }
    times->moment = moment;
    times->done = node->kind == PROMQL_VECTOR;
    return !times->done;
}

static bool read_metrics(promql_eval *eval, info *in, const model_matcher *matchers, size_t count)
{
    info_times times = {.eval = eval};
    promql_selection selection;
    promql_visit(in->call->call.arguments[0], info_visit, &times);
    int64_t first_ms = promql_moment_at(eval, &times.moment, 0) - eval->options->lookback_ms + 1;
    int64_t last_ms = promql_moment_at(eval, &times.moment, eval->steps - 1);
    storage_hints hints = {
        .start_ms = first_ms, .end_ms = last_ms, .step_ms = eval->step_ms, .function = "info"};
    if (!promql_select(eval, matchers, count, &hints, &selection)) {
        return false;
    }
    return promql_select_instant(eval, &selection, &times.moment, PROMQL_SELECT_INFO, &in->metrics);
}

static bool find_metrics(promql_eval *eval, info *in)
{
    model_matcher *matchers =
        ifm_bump_alloc_array(eval->arena, in->matcher_count + IDENTIFYING_COUNT + 1, sizeof *matchers);
    if (matchers == NULL) {
        return promql_check_arena(eval);
    }
    size_t own = 0; /* those to free here */
    bool done = true;
    for (size_t i = 0; done && i < IDENTIFYING_COUNT; i++) {
        done = add_identity(eval, in, identifying[i], matchers, &own);
    }
    if (done && own > 0) {
        size_t count = own;
        for (size_t i = 0; i < in->matcher_count; i++) {
            matchers[count++] = in->matchers[i];
        }
        if (!has_name_matcher(in)) {
            matchers[count++] = (model_matcher){.name = model_text_of(MODEL_NAME_LABEL),
                                                .value = model_text_of("target_info"),
                                                .match = MODEL_EQUAL};
        }
        done = read_metrics(eval, in, matchers, count);
    }
    promql_matchers_free(matchers, own);
    return done;
}

static model_labels identity_of(promql_eval *eval, model_labels labels, model_text name)
{
    model_text names[IDENTIFYING_COUNT] = {model_text_of(identifying[0]), model_text_of(identifying[1])};
    labels = model_labels_keep(labels, names, IDENTIFYING_COUNT, eval->arena);
    return model_labels_with(labels, model_text_of(MODEL_NAME_LABEL), name, eval->arena);
}

static bool add_name(promql_eval *eval, info *in, model_text name)
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

static bool group_metrics(promql_eval *eval, info *in)
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
        info_group *group = &in->groups[number];
        size_t *grown = ifm_bump_grow(eval->arena, group->members, group->member_count, sizeof *grown);
        if (grown == NULL) {
            return promql_check_arena(eval);
        }
        group->members = grown;
        group->members[group->member_count++] = i;
    }
    return promql_check_arena(eval);
}

static int64_t sample_time_ms(const info *in, size_t series, size_t step)
{
    double seconds = in->metrics.series[series].values[step];
    return (int64_t)(seconds * 1000 + (seconds < 0 ? -0.5 : 0.5));
}

static bool fail_duplicate(promql_eval *eval, const info *in, size_t a, size_t b, size_t step)
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

static bool base_has_sample(const info *in, size_t step)
{
    for (size_t i = 0; i < in->base.count; i++) {
        if (!model_is_absent(in->base.series[i].values[step])) {
            return true;
        }
    }
    return false;
}

static bool find_winners(promql_eval *eval, const info *in, info_group *group)
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
static bool is_wanted(const info *in, model_text name)
{
    bool any = false;
    for (size_t i = 0; i < in->matcher_count; i++) {
        if (is_name(in->matchers[i].name)) {
            continue;
        }
        any = true;
        if (model_text_equal(in->matchers[i].name, name)) {
            return true;
        }
    }
    return !any;
}

static bool take_labels(promql_eval *eval, const info *in, model_labels base, model_labels from,
                        model_labels *added)
{
    for (size_t i = 0; i < from.count; i++) {
        const model_label *label = &from.items[i];
        if (is_name(label->name) || !is_wanted(in, label->name)) {
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
static bool stays_alone(promql_eval *eval, const info *in)
{
    for (size_t i = 0; i < in->matcher_count; i++) {
        if (!is_name(in->matchers[i].name) &&
            !model_matcher_matches(&in->matchers[i], model_text_of(""), eval->err)) {
            return false;
        }
    }
    return true;
}

static bool emit(promql_eval *eval, info *in, model_labels labels, const promql_series *from, size_t step)
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
static bool enrich(promql_eval *eval, info *in, const promql_series *base, info_group *const *groups,
                   size_t step, model_labels *labels, bool *keep)
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

static bool same_winners(const info *in, info_group *const *groups, size_t a, size_t b)
{
    for (size_t i = 0; i < in->name_count; i++) {
        if (groups[i] != NULL && groups[i]->winners[a] != groups[i]->winners[b]) {
            return false;
        }
    }
    return true;
}

static bool enrich_series(promql_eval *eval, info *in, const promql_series *base, bool ignored)
{
    info_group **groups = ifm_bump_alloc_array(eval->arena, in->name_count, sizeof(info_group *));
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

static bool info_run(promql_eval *eval, info *in)
{
    in->ignored = ifm_bump_alloc_array(eval->arena, in->base.count, sizeof *in->ignored);
    if (in->ignored == NULL) {
        return promql_check_arena(eval);
    }
    for (size_t i = 0; i < in->base.count; i++) {
        in->ignored[i] = is_info_metric(eval, in, in->base.series[i].labels);
    }
    if (eval->err->code != IFM_OK || !find_metrics(eval, in) || !group_metrics(eval, in)) {
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

/* The matchers of the selector, and one of names where it only says which are not meant. */
static bool info_matchers(promql_eval *eval, info *in)
{
    const promql_vector *selector = in->selector;
    size_t count = selector->matcher_count;
    promql_matcher *matchers = ifm_bump_alloc_array(eval->arena, count + 1, sizeof *matchers);
    bool excludes = false;
    bool asks = false;
    for (size_t i = 0; matchers != NULL && i < count; i++) {
        matchers[i] = selector->matchers[i];
        bool negative = matchers[i].match == PROMQL_MATCH_NOT || matchers[i].match == PROMQL_MATCH_NOT_REGEX;
        bool named = is_name(promql_model_text(matchers[i].name));
        excludes = excludes || (named && negative);
        asks = asks || (named && !negative);
    }
    if (matchers == NULL) {
        return promql_check_arena(eval);
    }
    if (excludes && !asks) {
        matchers[count].name = (promql_text){MODEL_NAME_LABEL, strlen(MODEL_NAME_LABEL)};
        matchers[count].value = (promql_text){info_names, strlen(info_names)};
        matchers[count++].match = PROMQL_MATCH_REGEX;
    }
    in->matchers = promql_matchers_new(eval, matchers, count);
    in->matcher_count = in->matchers == NULL ? 0 : count;
    return in->matchers != NULL;
}

bool promql_eval_info(promql_eval *eval, const promql_node *call, promql_value *out)
{
    info in = {.call = call, .out = out};
    *out = (promql_value){.type = PROMQL_TYPE_VECTOR};
    in.metrics.type = PROMQL_TYPE_VECTOR;
    if (!promql_eval_node(eval, call->call.arguments[0], &in.base)) {
        return false;
    }
    if (call->call.argument_count > 1) {
        in.selector = &promql_unwrap(call->call.arguments[1])->vector;
        if (!info_matchers(eval, &in)) {
            return false;
        }
    }
    bool done = info_run(eval, &in);
    promql_matchers_free(in.matchers, in.matcher_count);
    return done;
}
