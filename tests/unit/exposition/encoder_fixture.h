/* SPDX-License-Identifier: Apache-2.0
 *
 * What the tests of the encoder share: short ways to write text, families and points, and a document as a
 * string.
 */
#ifndef IFM_TESTS_EXPOSITION_ENCODER_FIXTURE_H
#define IFM_TESTS_EXPOSITION_ENCODER_FIXTURE_H

#include "exposition/encoder.h"

#include "check.h"

#include <math.h>

#define TEXT(literal)                                                                                        \
    {                                                                                                        \
        literal, sizeof(literal) - 1                                                                         \
    }
#define TEXTS(...)      ((const ifm_text[]){__VA_ARGS__})
#define FIXTURE_TIME_MS INT64_C(1700000000123)

/* Writes one family, or several, into an encoder. */
typedef void fixture_function(ifm_encoder *encoder);

/* The document that `write` makes, terminated; the caller frees it with ifm_free(). */
static inline char *fixture_bytes(const ifm_encoder_options *options, fixture_function *write, size_t *size)
{
    ifm_buf out;
    ifm_error err;
    ifm_buf_init(&out, 1 << 24);
    ifm_encoder *encoder = ifm_encoder_new(options, &out, &err);
    assert_non_null(encoder);
    write(encoder);
    CHECK(ifm_encoder_finish(encoder, &err));
    ifm_encoder_free(encoder);
    char *text = ifm_buf_take(&out, size, &err);
    assert_non_null(text);
    return text;
}

static inline void fixture_check(const ifm_encoder_options *options, fixture_function *write,
                                 const char *want)
{
    size_t size;
    char *got = fixture_bytes(options, write, &size);
    CHECK_TEXT(got, want);
    ifm_free(got);
}

static inline void fixture_gauge(ifm_encoder *encoder, const ifm_family_head *head, const ifm_text *values,
                                 double value)
{
    ifm_encoder_family_begin(encoder, head);
    ifm_encoder_gauge(encoder, &(ifm_point){.label_values = values}, value);
    ifm_encoder_family_end(encoder);
}

/* Families of every type, two points where that matters, with all that a point can have. */
static inline void fixture_counter(ifm_encoder *encoder)
{
    static const ifm_text names[] = {TEXT("method"), TEXT("path")};
    static const ifm_text trace_names[] = {TEXT("trace_id")};
    static const ifm_text trace_values[] = {TEXT("a\"b")};
    static const ifm_exemplar_view exemplar = {trace_names, trace_values, 1, 0.5, 1700000000500};
    const ifm_family_head head = {
        TEXT("requests"), TEXT("All requests."), {NULL, 0}, IFM_TYPE_COUNTER, names, IFM_COUNT_OF(names)};
    ifm_encoder_family_begin(encoder, &head);
    ifm_encoder_counter(encoder, &(ifm_point){TEXTS(TEXT("GET"), TEXT("/")), FIXTURE_TIME_MS}, 3, &exemplar);
    ifm_encoder_counter(encoder, &(ifm_point){TEXTS(TEXT("PUT"), TEXT("")), 0}, 0.1, NULL);
    ifm_encoder_family_end(encoder);
}

static inline void fixture_histogram(ifm_encoder *encoder)
{
    static const double bounds[] = {0.00001, 0.5, 1};
    static const uint64_t buckets[] = {1, 2, 0, 4};
    static const ifm_text names[] = {TEXT("t")};
    static const ifm_text values[] = {TEXT("1")};
    static const ifm_exemplar_view fits = {names, values, 1, 0.5, 0};
    static const ifm_exemplar_view above = {NULL, NULL, 0, 7, 1000};
    const ifm_exemplar_view *const exemplars[] = {NULL, &fits, NULL, &above};
    const ifm_family_head head = {
        TEXT("duration_seconds"), TEXT("How long it takes."), TEXT("seconds"), IFM_TYPE_HISTOGRAM, NULL, 0};
    const ifm_histogram_point histogram = {true, bounds, buckets,   IFM_COUNT_OF(bounds),
                                           7,    12.5,   exemplars, NULL};
    ifm_encoder_family_begin(encoder, &head);
    ifm_encoder_histogram(encoder, &(ifm_point){NULL, FIXTURE_TIME_MS}, &histogram);
    ifm_encoder_family_end(encoder);
}

static inline void fixture_summary(ifm_encoder *encoder)
{
    static const ifm_text names[] = {TEXT("shard")};
    static const double quantiles[] = {0.5, 0.99, 1};
    static const double values[] = {0.25, (double)NAN, 1e21};
    const ifm_family_head head = {TEXT("size_bytes"), TEXT("Sizes."), TEXT("bytes"),
                                  IFM_TYPE_SUMMARY,   names,          IFM_COUNT_OF(names)};
    const ifm_summary_point summary = {quantiles, values, IFM_COUNT_OF(quantiles), 12, 34.5};
    ifm_encoder_family_begin(encoder, &head);
    ifm_encoder_summary(encoder, &(ifm_point){TEXTS(TEXT("a")), FIXTURE_TIME_MS}, &summary);
    ifm_encoder_summary(encoder, &(ifm_point){TEXTS(TEXT("b")), 0},
                        &(ifm_summary_point){.count = 1, .sum = 2});
    ifm_encoder_family_end(encoder);
}

static inline void fixture_simple(ifm_encoder *encoder)
{
    static const ifm_text names[] = {TEXT("version")};
    static const ifm_text states[] = {TEXT("idle"), TEXT("busy")};
    const ifm_family_head gauge = {TEXT("temperature"), TEXT("Degrees."), {NULL, 0}, IFM_TYPE_GAUGE, NULL, 0};
    const ifm_family_head unknown = {TEXT("other"), TEXT("Something."), {NULL, 0}, IFM_TYPE_UNKNOWN, NULL, 0};
    const ifm_family_head info = {TEXT("build"), TEXT("Build."), {NULL, 0}, IFM_TYPE_INFO, names, 1};
    const ifm_family_head set = {TEXT("state"), TEXT("State."), {NULL, 0}, IFM_TYPE_STATE_SET, names, 1};
    fixture_gauge(encoder, &gauge, NULL, -1.5);
    fixture_gauge(encoder, &unknown, NULL, 42);
    ifm_encoder_family_begin(encoder, &info);
    ifm_encoder_info(encoder, &(ifm_point){.label_values = TEXTS(TEXT("1.2"))});
    ifm_encoder_family_end(encoder);
    ifm_encoder_family_begin(encoder, &set);
    ifm_encoder_state_set(encoder, &(ifm_point){.label_values = TEXTS(TEXT("1.2"))}, states, 2, 2);
    ifm_encoder_family_end(encoder);
}

static inline void fixture_all(ifm_encoder *encoder)
{
    fixture_counter(encoder);
    fixture_histogram(encoder);
    fixture_summary(encoder);
    fixture_simple(encoder);
}

#endif
