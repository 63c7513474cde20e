/* SPDX-License-Identifier: Apache-2.0
 *
 * Operators between two instant vectors, but for the set operators: which series meet, and what comes out.
 *
 * Sides are called "many" and "one", also where one meets one: with group_right the right side is "many". For
 * each series of "many" and each of "one" with the same signature there is one column of results; what
 * Prometheus refuses is refused step by step:
 * E1  two series of "one" with the same signature at one step;
 * E2  one-to-one: two of "many" that found a partner;
 * E3  many-to-one: two results of one signature with the same labels.
 */
#include "promql/eval_impl.h"

typedef struct match_result {
    size_t series;   /* in out */
    bool *attempted; /* steps at which there was a result, or a filter took it; NULL: not needed */
} match_result;

/* Series of one signature. */
typedef struct match_group {
    size_t *ones;
    size_t one_count;
    size_t many_count;
    bool *matched; /* steps with a result: the others are filled from the left */
    match_result *results;
    size_t result_count;
} match_group;

typedef struct match {
    const promql_node *node;
    const promql_binary *binary;
    const promql_matching *matching;
    bool swapped; /* "many" is the right side */
    const promql_value *many;
    const promql_value *one;
    size_t *many_signatures;
    size_t *one_signatures;
    match_group *groups;
    size_t group_count;
    promql_last last;
    promql_value *out;
} match;

static bool *steps_new(promql_eval *eval)
{
    return ifm_bump_alloc_array(eval->arena, eval->steps, sizeof(bool));
}

static bool match_groups(promql_eval *eval, match *m)
{
    promql_index index = {.slots = NULL};
    if (!promql_signatures(eval, m->matching, m->many, &index, &m->many_signatures) ||
        !promql_signatures(eval, m->matching, m->one, &index, &m->one_signatures)) {
        return false;
    }
    m->group_count = index.count;
    m->groups = ifm_bump_alloc_array(eval->arena, index.count, sizeof *m->groups);
    if (m->groups == NULL) {
        return promql_check_arena(eval);
    }
    for (size_t i = 0; i < m->many->count; i++) {
        m->groups[m->many_signatures[i]].many_count++;
    }
    for (size_t i = 0; i < m->one->count; i++) {
        match_group *group = &m->groups[m->one_signatures[i]];
        size_t *grown = ifm_bump_grow(eval->arena, group->ones, group->one_count, sizeof *grown);
        if (grown == NULL) {
            return promql_check_arena(eval);
        }
        group->ones = grown;
        group->ones[group->one_count++] = i;
    }
    return true;
}

static bool any_at(const promql_value *value, size_t step)
{
    for (size_t i = 0; i < value->count; i++) {
        if (!model_is_absent(value->series[i].values[step])) {
            return true;
        }
    }
    return false;
}

/* Prometheus looks at nothing while one side is empty, unless there is something to fill in. */
static bool match_is_active(const match *m, size_t step)
{
    return m->matching->has_fill_left || m->matching->has_fill_right || any_at(m->many, step);
}

static bool match_fail_duplicate(promql_eval *eval, const match *m, size_t first, size_t second)
{
    model_labels labels = m->one->series[first].labels;
    model_labels other = m->one->series[second].labels;
    if (model_labels_compare(labels, other) > 0) { /* whatever the storage's order is */
        labels = other;
        other = m->one->series[first].labels;
    }
    ifm_buf text;
    ifm_buf_init(&text, IFM_ERROR_MESSAGE_SIZE * 16);
    ifm_buf_append_text(&text, "found duplicate series for the match group ");
    model_labels_print(promql_match_labels(eval, m->matching, labels), &text);
    ifm_buf_printf(&text, " on the %s hand-side of the operation: [", m->swapped ? "left" : "right");
    model_labels_print(labels, &text);
    ifm_buf_append_text(&text, ", ");
    model_labels_print(other, &text);
    ifm_buf_append_text(&text,
                        "];many-to-many matching not allowed: matching labels must be unique on one side");
    size_t size = text.size;
    (void)promql_eval_fail(eval, IFM_INVALID, "%.*s", (int)size, text.data == NULL ? "" : text.data);
    ifm_buf_deinit(&text);
    return false;
}

/* E1, at the first step where it happens to this group. */
static bool match_check_ones(promql_eval *eval, const match *m, const match_group *group)
{
    for (size_t step = 0; group->one_count > 1 && step < eval->steps; step++) {
        size_t found = SIZE_MAX;
        for (size_t i = 0; i < group->one_count; i++) {
            if (model_is_absent(m->one->series[group->ones[i]].values[step])) {
                continue;
            }
            if (found != SIZE_MAX && match_is_active(m, step)) {
                return match_fail_duplicate(eval, m, found, group->ones[i]);
            }
            found = group->ones[i];
        }
        if (!promql_check_interrupt(eval)) {
            return false;
        }
    }
    return true;
}

static model_labels match_result_labels(promql_eval *eval, const match *m, model_labels many,
                                        model_labels one)
{
    const promql_matching *matching = m->matching;
    model_labels labels = many;
    if (promql_changes_schema(m->binary->op)) {
        labels = model_labels_without_metadata(labels, eval->arena);
    }
    if (matching->card == PROMQL_ONE_TO_ONE && matching->on) {
        labels = promql_match_labels(eval, matching, labels);
    }
    for (size_t i = 0; matching->card == PROMQL_ONE_TO_ONE && !matching->on && i < matching->label_count;
         i++) {
        labels =
            model_labels_with(labels, promql_model_text(matching->labels[i]), model_text_of(""), eval->arena);
    }
    for (size_t i = 0; i < matching->include_count; i++) {
        model_text name = promql_model_text(matching->include[i]);
        labels = model_labels_with(labels, name, model_labels_get(one, name), eval->arena);
    }
    return labels;
}

/* One operation; sample->present says whether it has a result, *attempted whether it counts as a match. */
static bool match_operate(promql_eval *eval, match *m, promql_sample many, promql_sample one, size_t step,
                          promql_sample *sample, bool *attempted)
{
    promql_operation done;
    *sample = (promql_sample){.present = false};
    if (!promql_sample_operation(eval, m->binary->op, m->swapped ? one : many, m->swapped ? many : one,
                                 &done)) {
        return false;
    }
    if (done.annotation != NULL) {
        promql_last_set(eval, &m->last, step, &done);
    }
    *attempted = !done.failed;
    if (done.failed) {
        return true;
    }
    if (m->binary->return_bool) {
        *sample = (promql_sample){.present = true, .value = done.keep ? 1 : 0};
    } else if (done.keep) {
        *sample = done.result;
    }
    return true;
}

/* The next column of results of `group`. */
static promql_series *match_new_result(promql_eval *eval, match *m, match_group *group, model_labels many,
                                       model_labels one, match_result **result)
{
    promql_series *series = promql_value_add(eval, m->out, match_result_labels(eval, m, many, one));
    match_result *grown = ifm_bump_grow(eval->arena, group->results, group->result_count, sizeof *grown);
    if (series == NULL || grown == NULL) {
        (void)promql_check_arena(eval);
        return NULL;
    }
    group->results = grown;
    *result = &group->results[group->result_count++];
    **result = (match_result){.series = m->out->count - 1};
    if (group->many_count > 1) {
        (*result)->attempted = steps_new(eval);
        if ((*result)->attempted == NULL) {
            (void)promql_check_arena(eval);
            return NULL;
        }
    }
    return series;
}

/* What stands on the two sides of a column: a series, or a number to fill in. */
typedef struct match_sides {
    const promql_series *many; /* NULL: fill */
    const promql_series *one;
    double fill;
    const bool *skip; /* steps at which nothing is filled in */
} match_sides;

/* Two series of numbers, of which no other series asks what became of them: most dashboards have nothing
 * else. */
static bool match_is_plain(const match *m, const match_group *group, const match_sides *sides,
                           const match_result *result)
{
    return sides->many != NULL && sides->one != NULL && sides->many->histograms == NULL &&
           sides->one->histograms == NULL && group->matched == NULL && result->attempted == NULL &&
           m->binary->op != PROMQL_TRIM_UPPER && m->binary->op != PROMQL_TRIM_LOWER;
}

static void match_floats(const promql_eval *eval, const match *m, const match_sides *sides, double *out)
{
    const double *left = m->swapped ? sides->one->values : sides->many->values;
    const double *right = m->swapped ? sides->many->values : sides->one->values;
    promql_operator op = m->binary->op;
    bool filter = promql_operator_is_comparison(op) && !m->binary->return_bool;
    for (size_t step = 0; step < eval->steps; step++) {
        if (model_is_absent(left[step]) || model_is_absent(right[step])) {
            continue;
        }
        double result = promql_scalar_operation(op, left[step], right[step]);
        if (!filter) {
            out[step] = result;
        } else if (result != 0) {
            out[step] = left[step];
        }
    }
}

static bool match_column(promql_eval *eval, match *m, match_group *group, const match_sides *sides,
                         promql_series *series, match_result *result)
{
    promql_sample filled = {.present = true, .value = sides->fill};
    if (match_is_plain(m, group, sides, result)) {
        match_floats(eval, m, sides, series->values);
        return promql_check_work(eval, eval->steps);
    }
    for (size_t step = 0; step < eval->steps; step++) {
        promql_sample many = sides->many == NULL ? filled : promql_series_at(sides->many, step);
        promql_sample one = sides->one == NULL ? filled : promql_series_at(sides->one, step);
        if (!many.present || !one.present || (sides->skip != NULL && sides->skip[step])) {
            continue;
        }
        promql_sample sample;
        bool attempted;
        if (!match_operate(eval, m, many, one, step, &sample, &attempted) || !promql_check_interrupt(eval)) {
            return false;
        }
        promql_series_set(eval, series, step, sample);
        if (attempted && result->attempted != NULL) {
            result->attempted[step] = true;
        }
        if (attempted && group->matched != NULL) {
            group->matched[step] = true;
        }
    }
    return promql_check_arena(eval);
}

static bool match_pair(promql_eval *eval, match *m, size_t group_at, const match_sides *sides)
{
    match_group *group = &m->groups[group_at];
    model_labels many = {.items = NULL};
    model_labels one = {.items = NULL};
    match_result *result;
    if (sides->many != NULL) {
        many = sides->many->labels;
    }
    if (sides->one != NULL) {
        one = sides->one->labels;
    }
    many = sides->many == NULL ? promql_match_labels(eval, m->matching, one) : many;
    one = sides->one == NULL ? promql_match_labels(eval, m->matching, many) : one;
    promql_series *series = match_new_result(eval, m, group, many, one, &result);
    if (series == NULL) {
        return false;
    }
    series->drop_name = sides->many != NULL && sides->many->drop_name;
    if (m->binary->return_bool) {
        promql_drop_name(eval, series);
    }
    return match_column(eval, m, group, sides, series, result);
}

/* Steps at which a group has no "one". */
static bool *match_ones_present(promql_eval *eval, const match *m, const match_group *group)
{
    bool *present = steps_new(eval);
    for (size_t i = 0; present != NULL && i < group->one_count; i++) {
        const double *values = m->one->series[group->ones[i]].values;
        for (size_t step = 0; step < eval->steps; step++) {
            present[step] = present[step] || !model_is_absent(values[step]);
        }
    }
    return present;
}

static bool match_many(promql_eval *eval, match *m, size_t index)
{
    match_group *group = &m->groups[m->many_signatures[index]];
    match_sides sides = {.many = &m->many->series[index]};
    if (m->matching->has_fill_left && group->matched == NULL) {
        group->matched = steps_new(eval);
    }
    for (size_t i = 0; i < group->one_count; i++) {
        sides.one = &m->one->series[group->ones[i]];
        if (!match_pair(eval, m, m->many_signatures[index], &sides)) {
            return false;
        }
    }
    if (!m->matching->has_fill_right) {
        return promql_check_arena(eval);
    }
    sides.one = NULL;
    sides.fill = m->matching->fill_right;
    sides.skip = match_ones_present(eval, m, group);
    return promql_check_arena(eval) && match_pair(eval, m, m->many_signatures[index], &sides);
}

static bool match_fill_left(promql_eval *eval, match *m)
{
    for (size_t i = 0; m->matching->has_fill_left && i < m->one->count; i++) {
        match_group *group = &m->groups[m->one_signatures[i]];
        match_sides sides = {
            .one = &m->one->series[i], .fill = m->matching->fill_left, .skip = group->matched};
        bool *before = group->matched;
        group->matched = NULL; /* what is filled in is no match of the next one */
        bool done = match_pair(eval, m, m->one_signatures[i], &sides);
        group->matched = before;
        if (!done) {
            return false;
        }
    }
    return true;
}

/* E2: whatever their labels are. E3: results with these labels. */
static bool match_check_results(promql_eval *eval, const match *m, const match_group *group)
{
    bool one_to_one = m->matching->card == PROMQL_ONE_TO_ONE;
    promql_index index = {.slots = NULL};
    bool **taken = ifm_bump_alloc_array(eval->arena, group->result_count, sizeof *taken);
    for (size_t i = 0; taken != NULL && i < group->result_count; i++) {
        size_t number = 0;
        bool fresh = i == 0;
        if (!one_to_one && !promql_index_put(eval, &index, m->out->series[group->results[i].series].labels,
                                             &number, &fresh)) {
            return false;
        }
        if (fresh) {
            taken[number] = group->results[i].attempted;
            continue;
        }
        for (size_t step = 0; step < eval->steps; step++) {
            if (!group->results[i].attempted[step]) {
                continue;
            }
            if (taken[number][step]) {
                return promql_eval_fail(eval, IFM_INVALID, "multiple matches for labels: %s",
                                        one_to_one
                                            ? "many-to-one matching must be explicit (group_left/group_right)"
                                            : "grouping labels must ensure unique matches");
            }
            taken[number][step] = true;
        }
    }
    return promql_check_arena(eval);
}

static bool match_run(promql_eval *eval, match *m)
{
    for (size_t i = 0; i < m->group_count; i++) {
        if (!match_check_ones(eval, m, &m->groups[i])) {
            return false;
        }
    }
    for (size_t i = 0; i < m->many->count; i++) {
        if (!match_many(eval, m, i)) {
            return false;
        }
    }
    if (!match_fill_left(eval, m)) {
        return false;
    }
    for (size_t i = 0; i < m->group_count; i++) {
        if (m->groups[i].many_count > 1 && !match_check_results(eval, m, &m->groups[i])) {
            return false;
        }
    }
    return true;
}

bool promql_eval_match(promql_eval *eval, const promql_node *node, promql_value *left, promql_value *right,
                       promql_value *out)
{
    match m = {.node = node, .binary = &node->binary, .matching = node->binary.matching, .out = out};
    m.swapped = m.matching->card == PROMQL_ONE_TO_MANY;
    m.many = m.swapped ? right : left;
    m.one = m.swapped ? left : right;
    *out = (promql_value){.type = PROMQL_TYPE_VECTOR};
    bool fill = m.matching->has_fill_left || m.matching->has_fill_right;
    if ((left->count == 0 || right->count == 0) && !fill) {
        return true;
    }
    if (!match_groups(eval, &m) || !match_run(eval, &m)) {
        return false;
    }
    promql_last_emit(eval, &m.last, node);
    promql_value_prune(eval, out);
    return true;
}
