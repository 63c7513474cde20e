/* SPDX-License-Identifier: Apache-2.0
 *
 * The lines of an eval:
 *
 *     eval instant at TIME QUERY
 *     eval range from TIME to TIME step DURATION QUERY
 *         expect fail|warn|info|no_warn|no_info|ordered [msg: TEXT|regex: PATTERN]
 *         expect string "TEXT"
 *         expect range vector from TIME to TIME step DURATION
 *         NUMBER, or lines of series
 */
#include "promqltest/eval.h"
#include "promqltest/text.h"

static const char *const kind_names[] = {"fail", "warn", "info", "no_warn", "no_info", "ordered"};

static bool add_expect(promqltest_run_state *run, promqltest_eval *eval, const promqltest_expect *expect,
                       ifm_error *err)
{
    promqltest_expect *all = ifm_bump_grow(&run->arena, eval->expects, eval->expect_count, sizeof *all);
    if (all == NULL) {
        model_regex_free(expect->regex);
        return ifm_bump_check(&run->arena, err);
    }
    eval->expects = all;
    all[eval->expect_count++] = *expect;
    eval->kinds[expect->kind]++;
    return true;
}

/* The pattern may be found anywhere. */
static bool compile(promqltest_run_state *run, promqltest_expect *expect, ifm_error *err)
{
    ifm_buf pattern;
    ifm_buf_init(&pattern, PROMQLTEST_FILE_BYTES_MAX);
    ifm_buf_append_text(&pattern, ".*(?-s:");
    ifm_buf_append(&pattern, expect->text.data, expect->text.size);
    ifm_buf_append_text(&pattern, ").*");
    if (ifm_buf_check(&pattern, err)) {
        char *copy = ifm_bump_copy(&run->arena, pattern.data, pattern.size);
        expect->regex = copy == NULL ? NULL : model_regex_new((model_text){copy, pattern.size}, err);
    }
    ifm_buf_deinit(&pattern);
    if (expect->regex == NULL) {
        (void)ifm_bump_check(&run->arena, err); /* else `err` says it already */
        return false;
    }
    return true;
}

static bool check_kinds(const promqltest_eval *eval, ifm_error *err)
{
    const size_t *kinds = eval->kinds;
    if (kinds[PROMQLTEST_FAIL] > 1) {
        return ifm_error_set(err, IFM_INVALID, "there is more than one \"expect fail\"");
    }
    if ((kinds[PROMQLTEST_WARN] > 0 && kinds[PROMQLTEST_NO_WARN] > 0) ||
        (kinds[PROMQLTEST_INFO] > 0 && kinds[PROMQLTEST_NO_INFO] > 0)) {
        return ifm_error_set(err, IFM_INVALID, "an annotation is expected, and none");
    }
    return true;
}

static bool read_message(promqltest_run_state *run, model_text rest, promqltest_expect *expect,
                         ifm_error *err)
{
    expect->exact = promqltest_starts_with(rest, "msg:");
    bool pattern = promqltest_starts_with(rest, "regex:");
    if (rest.size == 0) {
        return true;
    }
    size_t skip = expect->exact ? 4 : 6;
    if ((!expect->exact && !pattern) || rest.size <= skip) {
        return ifm_error_set(err, IFM_INVALID,
                             "behind \"expect %s\" there is no \"msg: TEXT\" or \"regex: "
                             "PATTERN\"",
                             kind_names[expect->kind]);
    }
    expect->text = promqltest_trim((model_text){rest.data + skip, rest.size - skip});
    return expect->exact || compile(run, expect, err);
}

/* from TIME to TIME step DURATION, and what follows. */
static bool read_range(promqltest_eval *eval, model_text *rest, ifm_error *err)
{
    model_text from = {0};
    model_text to = {0};
    model_text step = {0};
    bool ok = promqltest_cut_this(rest, "from");
    from = promqltest_cut_word(rest);
    ok = ok && promqltest_cut_this(rest, "to");
    to = promqltest_cut_word(rest);
    ok = ok && promqltest_cut_this(rest, "step");
    step = promqltest_cut_word(rest);
    if (!ok || !promqltest_read_duration(from, &eval->start_ms) ||
        !promqltest_read_duration(to, &eval->end_ms) || !promqltest_read_duration(step, &eval->step_ms)) {
        return ifm_error_set(err, IFM_INVALID, "there is no \"from TIME to TIME step DURATION\"");
    }
    if (eval->end_ms < eval->start_ms) {
        return ifm_error_set(err, IFM_INVALID, "the end of the range is before its start");
    }
    return eval->step_ms > 0 || ifm_error_set(err, IFM_INVALID, "the step is 0");
}

static bool read_string(promqltest_run_state *run, promqltest_eval *eval, model_text rest, ifm_error *err)
{
    eval->expects_string = true;
    size_t size = promqltest_scan_string(rest.data, rest.size, &run->arena, &eval->string, err);
    if (size == 0) {
        return false;
    }
    return size == rest.size || ifm_error_set(err, IFM_INVALID, "something follows the string");
}

static bool read_expect(promqltest_run_state *run, promqltest_eval *eval, model_text rest, ifm_error *err)
{
    if (promqltest_cut_this(&rest, "string")) {
        return read_string(run, eval, rest, err);
    }
    model_text kind = promqltest_cut_word(&rest);
    if (promqltest_text_is(kind, "range") && promqltest_cut_this(&rest, "vector")) {
        eval->expects_matrix = true;
        bool ok = !eval->is_range && read_range(eval, &rest, err);
        eval->eval_ms = eval->end_ms;
        return ok || (eval->is_range && ifm_error_set(err, IFM_INVALID, "a range query has a range"));
    }
    for (size_t i = 0; i < PROMQLTEST_EXPECT_KINDS; i++) {
        promqltest_expect expect = {.kind = (promqltest_expect_kind)i};
        if (promqltest_text_is(kind, kind_names[i])) {
            return read_message(run, rest, &expect, err) && add_expect(run, eval, &expect, err) &&
                   check_kinds(eval, err);
        }
    }
    return ifm_error_set(err, IFM_INVALID, "\"%.*s\" cannot be expected",
                         (int)(kind.size < 40 ? kind.size : 40), kind.data);
}

/* A number alone; whole ones may be hexadecimal, octal or binary. */
static bool read_scalar(model_text line, double *out)
{
    bool negative = line.size > 0 && line.data[0] == '-';
    size_t sign = negative || (line.size > 0 && line.data[0] == '+') ? 1 : 0;
    if (line.size < sign + 2 || line.data[sign] != '0') {
        return ifm_number_read(line.data, line.size, out);
    }
    char base = (char)(line.data[sign + 1] | 0x20);
    bool octal = base >= '0' && base <= '7';
    unsigned bits = base == 'x' ? 4 : base == 'b' ? 1 : base == 'o' || octal ? 3 : 0;
    uint64_t value = 0;
    for (size_t i = sign + (octal ? 1 : 2); i < line.size && bits > 0; i++) {
        int c = line.data[i] | 0x20;
        int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : 16;
        if (digit >= 1 << bits || value >> (63 - bits) != 0) {
            bits = 0;
        }
        value = value << bits | (unsigned)digit;
    }
    if (bits == 0) {
        return ifm_number_read(line.data, line.size, out);
    }
    *out = negative ? -(double)value : (double)value;
    return true;
}

/* The same series again replaces the earlier line. */
static bool put_series(promqltest_run_state *run, promqltest_eval *eval, const promqltest_series *series,
                       size_t position, ifm_error *err)
{
    for (size_t i = 0; i < eval->series_count; i++) {
        if (model_labels_equal(eval->series[i].series.labels, series->labels)) {
            eval->series[i] = (promqltest_expected){.series = *series, .position = position};
            return true;
        }
    }
    if (eval->series_count == PROMQLTEST_SERIES_MAX) {
        return ifm_error_set(err, IFM_LIMIT, "at most %d series may be expected", PROMQLTEST_SERIES_MAX);
    }
    promqltest_expected *all = ifm_bump_grow(&run->arena, eval->series, eval->series_count, sizeof *all);
    if (all == NULL) {
        return ifm_bump_check(&run->arena, err);
    }
    eval->series = all;
    all[eval->series_count++] = (promqltest_expected){.series = *series, .position = position};
    return true;
}

static bool read_series(promqltest_run_state *run, promqltest_eval *eval, model_text line, size_t position,
                        ifm_error *err)
{
    promqltest_series series;
    if (!promqltest_series_read(line, &run->arena, &series, err)) {
        return false;
    }
    if (series.is_starts) {
        return ifm_error_set(err, IFM_INVALID, "starts cannot be expected");
    }
    if (series.count == 0) {
        return ifm_error_set(err, IFM_INVALID, "the series has no value");
    }
    if (series.count > 1 && !eval->is_range && !eval->expects_matrix) {
        return ifm_error_set(
            err, IFM_INVALID,
            "an instant query has one value; hint: expect range vector from TIME to TIME step "
            "DURATION");
    }
    return put_series(run, eval, &series, position, err);
}

/* The older way to expect a failure: it ends the command. */
static bool read_old_failure(promqltest_run_state *run, promqltest_eval *eval, model_text rest, bool exact,
                             ifm_error *err)
{
    promqltest_expect *expect = &eval->expects[0];
    expect->exact = exact;
    expect->text = rest;
    return exact || compile(run, expect, err);
}

static bool read_expectations(promqltest_run_state *run, promqltest_eval *eval, bool old_failure,
                              ifm_error *err)
{
    model_text line;
    size_t position = 0;
    while (promqltest_next_of_command(run, &line)) {
        model_text rest = line;
        if (old_failure && promqltest_cut_this(&rest, "expected_fail_message")) {
            return read_old_failure(run, eval, rest, true, err);
        }
        if (old_failure && promqltest_cut_this(&rest, "expected_fail_regexp")) {
            return read_old_failure(run, eval, rest, false, err);
        }
        if (promqltest_cut_this(&rest, "expect")) {
            if (!read_expect(run, eval, rest, err)) {
                return false;
            }
            continue;
        }
        if (read_scalar(line, &eval->scalar)) {
            eval->expects_scalar = true;
            return true;
        }
        if (!read_series(run, eval, line, ++position, err)) {
            return false;
        }
    }
    return true;
}

static bool read_when(promqltest_eval *eval, model_text *rest, ifm_error *err)
{
    if (promqltest_cut_this(rest, "range")) {
        eval->is_range = true;
        return read_range(eval, rest, err);
    }
    if (!promqltest_cut_this(rest, "instant")) {
        return ifm_error_set(err, IFM_INVALID,
                             "behind eval there is no \"instant at TIME\" or \"range from TIME "
                             "to TIME step DURATION\"");
    }
    if (promqltest_cut_this(rest, "at") &&
        !promqltest_read_duration(promqltest_cut_word(rest), &eval->start_ms)) {
        return ifm_error_set(err, IFM_INVALID, "behind \"instant at\" there is no time such as 5m");
    }
    eval->end_ms = eval->start_ms;
    eval->eval_ms = eval->start_ms;
    return true;
}

static bool check_query(promqltest_run_state *run, const promqltest_eval *eval, ifm_error *err)
{
    return promql_parse(eval->query.data, eval->query.size, &run->arena, err) != NULL;
}

bool promqltest_eval_read(promqltest_run_state *run, model_text first, model_text rest, promqltest_eval *out,
                          ifm_error *err)
{
    *out = (promqltest_eval){.is_range = false};
    promqltest_expect old = {.kind = PROMQLTEST_EXPECT_KINDS};
    if (!promqltest_text_is(first, "eval")) {
        model_text kind = {first.data + strlen("eval_"), first.size - strlen("eval_")};
        for (size_t i = 0; i < PROMQLTEST_EXPECT_KINDS; i++) {
            old.kind = promqltest_text_is(kind, kind_names[i]) ? (promqltest_expect_kind)i : old.kind;
        }
        if (!add_expect(run, out, &old, err)) {
            return false;
        }
    }
    if (!read_when(out, &rest, err)) {
        return false;
    }
    out->query = rest;
    return check_query(run, out, err) && read_expectations(run, out, out->kinds[PROMQLTEST_FAIL] > 0, err);
}

void promqltest_eval_free(promqltest_eval *eval)
{
    for (size_t i = 0; i < eval->expect_count; i++) {
        model_regex_free(eval->expects[i].regex);
    }
}
