/* SPDX-License-Identifier: Apache-2.0
 *
 * Which info metrics a call of info() reads: those that its selector asks for, of the targets of the base
 * series.
 */
#include "promql/eval_info.h"

/* Names that are only excluded are those of metrics that are called so. */
static const char info_names[] = ".+_info";

const char *const promql_identifying[PROMQL_IDENTIFYING_COUNT] = {"instance", "job"};

static bool has_name_matcher(const promql_info_call *in)
{
    for (size_t i = 0; i < in->matcher_count; i++) {
        if (promql_is_name(in->matchers[i].name)) {
            return true;
        }
    }
    return false;
}

/* Whether the series is one of those that info() takes labels from: its name is asked for. */
static bool is_info_metric(promql_eval *eval, const promql_info_call *in, model_labels labels)
{
    model_text name = model_labels_get(labels, model_text_of(MODEL_NAME_LABEL));
    bool asked = false;
    if (in->selector == NULL) {
        return model_text_equal(name, model_text_of("target_info"));
    }
    for (size_t i = 0; i < in->matcher_count; i++) {
        if (!promql_is_name(in->matchers[i].name)) {
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
static bool add_identity(promql_eval *eval, const promql_info_call *in, const char *name,
                         model_matcher *matchers, size_t *count)
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

/* Info metrics are looked at when the first selector of the argument is: its modifiers, and those of the
 * subqueries around it, count from the outside to the inside. */
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

static bool read_metrics(promql_eval *eval, promql_info_call *in, const model_matcher *matchers, size_t count)
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

static bool find_metrics(promql_eval *eval, promql_info_call *in)
{
    model_matcher *matchers =
        ifm_bump_alloc_array(eval->arena, in->matcher_count + PROMQL_IDENTIFYING_COUNT + 1, sizeof *matchers);
    if (matchers == NULL) {
        return promql_check_arena(eval);
    }
    size_t own = 0; /* those to free here */
    bool done = true;
    for (size_t i = 0; done && i < PROMQL_IDENTIFYING_COUNT; i++) {
        done = add_identity(eval, in, promql_identifying[i], matchers, &own);
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

/* The matchers of the selector, and one of names where it only says which are not meant. */
bool promql_info_matchers(promql_eval *eval, promql_info_call *in)
{
    const promql_vector *selector = in->selector;
    size_t count = selector->matcher_count;
    promql_matcher *matchers = ifm_bump_alloc_array(eval->arena, count + 1, sizeof *matchers);
    bool excludes = false;
    bool asks = false;
    for (size_t i = 0; matchers != NULL && i < count; i++) {
        matchers[i] = selector->matchers[i];
        bool negative = matchers[i].match == PROMQL_MATCH_NOT || matchers[i].match == PROMQL_MATCH_NOT_REGEX;
        bool named = promql_is_name(promql_model_text(matchers[i].name));
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

bool promql_info_find(promql_eval *eval, promql_info_call *in)
{
    in->ignored = ifm_bump_alloc_array(eval->arena, in->base.count, sizeof *in->ignored);
    if (in->ignored == NULL) {
        return promql_check_arena(eval);
    }
    for (size_t i = 0; i < in->base.count; i++) {
        in->ignored[i] = is_info_metric(eval, in, in->base.series[i].labels);
    }
    return eval->err->code == IFM_OK && find_metrics(eval, in);
}
