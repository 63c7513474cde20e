/* SPDX-License-Identifier: Apache-2.0 */
#include "promql/annotate.h"

#include "promql/date.h"
#include "promql/quote.h"

#include <math.h>
#include <stdio.h>

/* The name of a metric in quotes. Long ones take memory of the query. */
static const char *show_name(promql_eval *eval, model_labels labels, promql_shown *buffer)
{
    enum { SHORT = 50 }; /* bytes: each may take four in quotes */
    model_text name = model_labels_get(labels, model_text_of(MODEL_NAME_LABEL));
    if (name.size > SHORT) {
        const char *quoted = promql_quoted_name(eval, labels);
        return quoted == NULL ? "\"\"" : quoted;
    }
    *buffer = promql_show((promql_text){name.data, name.size});
    return buffer->text;
}

static bool has_name(model_labels labels)
{
    return model_labels_get(labels, model_text_of(MODEL_NAME_LABEL)).size > 0;
}

void promql_note_mixed_floats(promql_eval *eval, const promql_node *at, model_labels labels)
{
    promql_shown shown;
    promql_warn(eval, at, "encountered a mix of histograms and floats for metric name %s",
                show_name(eval, labels, &shown));
}

void promql_note_mixed_schemas(promql_eval *eval, const promql_node *at, model_labels labels)
{
    promql_shown shown;
    promql_warn(
        eval, at,
        "vector contains a mix of histograms with exponential and custom buckets schemas for metric name %s",
        show_name(eval, labels, &shown));
}

void promql_note_mixed_classic(promql_eval *eval, const promql_node *at, model_labels labels)
{
    promql_shown shown;
    bool named = has_name(labels);
    promql_warn(eval, at, "vector contains a mix of classic and native histograms%s%s",
                named ? " for metric name " : "", named ? show_name(eval, labels, &shown) : "");
}

void promql_note_not_counter(promql_eval *eval, const promql_node *at, model_labels labels)
{
    promql_shown shown;
    promql_warn(eval, at, "this native histogram metric is not a counter: %s",
                show_name(eval, labels, &shown));
}

void promql_note_not_gauge(promql_eval *eval, const promql_node *at, model_labels labels)
{
    promql_shown shown;
    promql_warn(eval, at, "this native histogram metric is not a gauge: %s", show_name(eval, labels, &shown));
}

void promql_note_start_overlap(promql_eval *eval, const promql_node *at, model_labels labels)
{
    promql_shown shown;
    promql_warn(eval, at, "sample has start time that overlaps with previous sample timestamp for metric %s",
                show_name(eval, labels, &shown));
}

void promql_note_bad_bucket(promql_eval *eval, const promql_node *at, model_labels labels)
{
    promql_shown shown;
    bool named = has_name(labels);
    model_text bound = model_labels_get(labels, model_text_of("le"));
    promql_warn(eval, at, "bucket label \"le\" is missing or has a malformed value of %s%s%s",
                promql_show((promql_text){bound.data, bound.size}).text, named ? " for metric name " : "",
                named ? show_name(eval, labels, &shown) : "");
}

/* As %g shows a number. */
static const char *show_number(double value, char out[IFM_NUMBER_SIZE + 1])
{
    out[ifm_number_write_g(out, value)] = '\0';
    return out;
}

void promql_note_quantile(promql_eval *eval, const promql_node *at, double quantile)
{
    char number[IFM_NUMBER_SIZE + 1];
    promql_warn(eval, at, "quantile value should be between 0 and 1, got %s", show_number(quantile, number));
}

static const char *operation_name(promql_histogram_operation operation)
{
    static const char *const names[] = {"addition", "subtraction", "aggregation"};
    return names[operation];
}

void promql_note_reset_collision(promql_eval *eval, const promql_node *at,
                                 promql_histogram_operation operation)
{
    promql_warn(eval, at, "conflicting counter resets during histogram %s", operation_name(operation));
}

void promql_note_histograms_ignored(promql_eval *eval, const promql_node *at, model_labels labels)
{
    promql_shown shown;
    promql_info(eval, at,
                "ignored histograms in a range containing both floats and histograms for metric name %s",
                show_name(eval, labels, &shown));
}

void promql_note_bounds_reconciled(promql_eval *eval, const promql_node *at,
                                   promql_histogram_operation operation)
{
    promql_info(eval, at, "mismatched custom buckets were reconciled during %s", operation_name(operation));
}

void promql_note_nan(promql_eval *eval, const promql_node *at, model_labels labels, promql_nan_note note)
{
    static const char *const texts[] = {
        [PROMQL_NAN_RESULT] = "input to histogram_quantile has NaN observations, result is NaN",
        [PROMQL_NAN_SKEW] = "input to histogram_quantile has NaN observations, result is skewed higher",
        [PROMQL_NAN_EXCLUDED] =
            "input to histogram_fraction has NaN observations, which are excluded from all fractions",
    };
    if (note != PROMQL_NAN_NONE) {
        promql_shown shown;
        bool named = has_name(labels);
        promql_info(eval, at, "%s%s%s", texts[note], named ? " for metric name " : "",
                    named ? show_name(eval, labels, &shown) : "");
    }
}

/* What one annotation about monotonicity tells of. */
typedef struct monotonicity_detail {
    promql_fixes fixes;
    char *text;
    size_t text_size;
} monotonicity_detail;

static void show_time(int64_t time_ms, char *out, size_t size)
{
    promql_date date = promql_date_of(time_ms / 1000);
    snprintf(out, size, "%04lld-%02d-%02dT%02d:%02d:%02dZ", (long long)date.year, date.month, date.day,
             date.hour, date.minute, date.second);
}

static void monotonicity_write(const char *key, monotonicity_detail *detail)
{
    const promql_fixes *fixes = &detail->fixes;
    char from[IFM_NUMBER_SIZE + 1];
    char to[IFM_NUMBER_SIZE + 1];
    char first[40];
    char last[40];
    show_time(fixes->first_ms, first, sizeof first);
    show_time(fixes->last_ms, last, sizeof last);
    snprintf(
        detail->text, detail->text_size,
        "PromQL info: %s, from buckets %s to %s, with a max diff of %.2g, over %llu samples from %s to %s",
        key, show_number(fixes->fixed.lowest, from), show_number(fixes->fixed.highest, to), fixes->fixed.fall,
        (unsigned long long)fixes->samples, first, last);
}

static monotonicity_detail *monotonicity_new(promql_eval *eval, promql_annotation *annotation)
{
    enum { TAIL_MAX = 4 * IFM_NUMBER_SIZE + 2 * 40 + 80 };
    monotonicity_detail *detail = ifm_bump_alloc(eval->arena, sizeof *detail);
    size_t size = strlen(annotation->key) + TAIL_MAX;
    char *text = ifm_bump_alloc(eval->arena, size);
    if (detail == NULL || text == NULL) {
        return NULL;
    }
    *detail = (monotonicity_detail){.text = text, .text_size = size};
    annotation->detail = detail;
    annotation->text = text;
    return detail;
}

void promql_note_monotonicity(promql_eval *eval, const promql_node *at, model_labels labels,
                              const promql_fixes *fixes)
{
    char key[IFM_ERROR_MESSAGE_SIZE * 2];
    promql_shown shown;
    bool named = has_name(labels);
    if (fixes->samples == 0) {
        return;
    }
    snprintf(key, sizeof key,
             "input to histogram_quantile needed to be fixed for monotonicity (see "
             "https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile)%s%s",
             named ? " for metric name " : "", named ? show_name(eval, labels, &shown) : "");
    promql_annotation *annotation = promql_annotate(eval, at, false, key);
    monotonicity_detail *detail = annotation == NULL ? NULL : annotation->detail;
    if (annotation != NULL && detail == NULL) {
        detail = monotonicity_new(eval, annotation);
    }
    if (detail != NULL) {
        uint64_t samples = detail->fixes.samples + fixes->samples;
        promql_fixes_add(&detail->fixes, fixes->first_ms, fixes->fixed);
        promql_fixes_add(&detail->fixes, fixes->last_ms, fixes->fixed);
        detail->fixes.samples = samples;
        monotonicity_write(annotation->key, detail);
    }
}
