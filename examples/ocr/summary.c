/* SPDX-License-Identifier: Apache-2.0 */
#include "ocr/summary.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BUCKETS_MAX = 64, LABEL_SIZE = 64 };

/* A histogram of the text format, as far as it is needed here. */
struct buckets {
    double bounds[BUCKETS_MAX]; /* the last one is infinite */
    double counts[BUCKETS_MAX]; /* cumulative */
    size_t length;
    double count;
    double sum;
};

/* The value of a sample's line, which is what follows its last space. */
static double line_value(const char *line, size_t size)
{
    const char *space = memrchr(line, ' ', size);
    return space == NULL ? 0 : strtod(space, NULL);
}

/* The value of a label, between its quotes; false when the line has none. No label here needs escapes. */
static bool line_label(const char *line, size_t size, const char *label, char out[LABEL_SIZE])
{
    char wanted[LABEL_SIZE];
    int length = snprintf(wanted, sizeof wanted, "%s=\"", label);
    const char *at = memmem(line, size, wanted, (size_t)length);
    if (at == NULL) {
        return false;
    }
    at += length;
    const char *end = memchr(at, '"', size - (size_t)(at - line));
    if (end == NULL || end - at >= LABEL_SIZE) {
        return false;
    }
    memcpy(out, at, (size_t)(end - at));
    out[end - at] = '\0';
    return true;
}

/* Goes to the next line that is a sample of `name` with the label stage="STAGE" (NULL: any), after *line
 * or, when that is NULL, from the start of `text`. */
static bool next_sample(const char *text, const char *name, const char *stage, const char **line,
                        size_t *size)
{
    size_t name_length = strlen(name);
    const char *at = *line == NULL ? text : *line + *size;
    while (*at != '\0') {
        at += *at == '\n';
        size_t length = strcspn(at, "\n");
        char label[LABEL_SIZE];
        if (strncmp(at, name, name_length) == 0 && (at[name_length] == '{' || at[name_length] == ' ') &&
            (stage == NULL || (line_label(at, length, "stage", label) && strcmp(label, stage) == 0))) {
            *line = at;
            *size = length;
            return true;
        }
        at += length;
    }
    return false;
}

/* The sum of all samples of a name. */
static double total(const char *text, const char *name, const char *stage)
{
    double sum = 0;
    const char *line = NULL;
    for (size_t size = 0; next_sample(text, name, stage, &line, &size);) {
        sum += line_value(line, size);
    }
    return sum;
}

static struct buckets read_buckets(const char *text, const char *family, const char *stage)
{
    char name[LABEL_SIZE * 2];
    struct buckets out = {0};
    snprintf(name, sizeof name, "%s_count", family);
    out.count = total(text, name, stage);
    snprintf(name, sizeof name, "%s_sum", family);
    out.sum = total(text, name, stage);
    snprintf(name, sizeof name, "%s_bucket", family);
    const char *line = NULL;
    for (size_t size = 0; next_sample(text, name, stage, &line, &size) && out.length < BUCKETS_MAX;) {
        char bound[LABEL_SIZE];
        if (line_label(line, size, "le", bound)) {
            out.bounds[out.length] = strtod(bound, NULL);
            out.counts[out.length++] = line_value(line, size);
        }
    }
    return out;
}

/* Linear between the bounds of the bucket in which the quantile lies, as in PromQL. */
static double quantile(const struct buckets *buckets, double q)
{
    double rank = q * buckets->count;
    size_t i = 0;
    while (i + 1 < buckets->length && buckets->counts[i] < rank) {
        i++;
    }
    double low = i > 0 ? buckets->bounds[i - 1] : 0;
    if (i == buckets->length || isinf(buckets->bounds[i])) {
        return low;
    }
    double below = i > 0 ? buckets->counts[i - 1] : 0;
    double inside = buckets->counts[i] - below;
    return inside > 0 ? low + (buckets->bounds[i] - low) * (rank - below) / inside : low;
}

/* One row, when there is anything in it. */
static void print_times(FILE *stream, const char *text, const char *title, const char *family,
                        const char *stage)
{
    struct buckets buckets = read_buckets(text, family, stage);
    if (buckets.count > 0) {
        fprintf(stream, "  %-16s %8.0f %9.3f s %9.3f s\n", title, buckets.count, buckets.sum / buckets.count,
                quantile(&buckets, 0.95));
    }
}

/* ": 3 unreadable_image, 1 render_failed" */
static void print_reasons(FILE *stream, const char *text)
{
    static const char name[] = "inference_failures_total";
    const char *line = NULL;
    const char *separator = ": ";
    for (size_t size = 0; next_sample(text, name, NULL, &line, &size);) {
        char reason[LABEL_SIZE];
        if (line_label(line, size, "reason", reason) && line_value(line, size) > 0) {
            fprintf(stream, "%s%.0f %s", separator, line_value(line, size), reason);
            separator = ", ";
        }
    }
}

static double outcomes(const char *text, const char *outcome)
{
    double sum = 0;
    const char *line = NULL;
    for (size_t size = 0; next_sample(text, "inference_requests_total", NULL, &line, &size);) {
        char label[LABEL_SIZE];
        if (line_label(line, size, "outcome", label) && strcmp(label, outcome) == 0) {
            sum += line_value(line, size);
        }
    }
    return sum;
}

static void print_table(FILE *stream, const char *text)
{
    static const char *const stages[] = {"render", "pre_process", "engine_forward", "post_process"};
    fprintf(stream, "  %-16s %8s %11s %11s\n", "stage", "count", "mean", "p95");
    print_times(stream, text, "waiting", "inference_queue_duration_seconds", NULL);
    for (size_t i = 0; i < sizeof stages / sizeof stages[0]; i++) {
        print_times(stream, text, stages[i], "inference_stage_duration_seconds", stages[i]);
    }
    print_times(stream, text, "total_inference", "inference_duration_seconds", NULL);
}

bool summary_print(FILE *stream, ifm_registry *registry, double seconds, ifm_error *err)
{
    char *text;
    size_t size;
    if (!ifm_registry_expose(registry, NULL, &text, &size, err)) {
        return false;
    }
    double read = outcomes(text, "success"), failed = outcomes(text, "failure");
    fprintf(stream, "%.0f page%s read in %.1f s, %.0f failed", read, read == 1 ? "" : "s", seconds, failed);
    print_reasons(stream, text);
    /* A worker that does not end in time has its page in hand still. */
    double cancelled = outcomes(text, "cancelled") + total(text, "inference_requests_in_flight", NULL);
    if (cancelled > 0) {
        fprintf(stream, ", %.0f interrupted", cancelled);
    }
    struct buckets confidence = read_buckets(text, "inference_data_word_confidence_ratio", NULL);
    fprintf(stream, "\n%.0f words, %.0f characters", total(text, "ocr_words_total", NULL),
            total(text, "ocr_characters_total", NULL));
    if (confidence.count > 0) {
        fprintf(stream, ", mean confidence %.2f", confidence.sum / confidence.count);
    }
    fputc('\n', stream);
    if (read + failed + cancelled > 0) {
        print_table(stream, text);
    }
    fflush(stream);
    ifm_free(text);
    return true;
}
