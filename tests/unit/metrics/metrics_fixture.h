/* SPDX-License-Identifier: Apache-2.0
 *
 * What the tests of the metrics share: a registry that must come to be, a document as a string, the value
 * of one sample in it, and short ways to name labels.
 */
#ifndef IFM_TESTS_METRICS_FIXTURE_H
#define IFM_TESTS_METRICS_FIXTURE_H

#include "check.h"

#include <inferometer/inferometer.h>
#include <stdlib.h>

#define TEXTS(...)     ((const char *const[]){__VA_ARGS__})
#define LABEL_ONE      .label_names = TEXTS("a"), .label_count = 1
#define LABEL_TWO      .label_names = TEXTS("a", "b"), .label_count = 2
#define COUNTER(...)   (&(ifm_counter_options){.metric = {.help = "Help.", __VA_ARGS__}})
#define GAUGE(...)     (&(ifm_gauge_options){.metric = {.help = "Help.", __VA_ARGS__}})
#define HISTOGRAM(...) (&(ifm_histogram_options){.metric = {.help = "Help.", __VA_ARGS__}})
#define SUMMARY(...)   (&(ifm_summary_options){.metric = {.help = "Help.", __VA_ARGS__}})

/* A statement that must succeed for the rest of the test to make sense. */
#define MUST(call)                                                                                           \
    do {                                                                                                     \
        if (!(call)) {                                                                                       \
            fail_msg("%s: %s", #call, err.message);                                                          \
        }                                                                                                    \
    } while (0)

/* A call, with &refused as its error, that must fail with this code and a sentence in which `part` occurs. */
#define CHECK_REFUSED(call, want, part)                                                                      \
    do {                                                                                                     \
        ifm_error refused = {.code = IFM_OK};                                                                \
        CHECK(!(call));                                                                                      \
        CHECK_INT(refused.code, want);                                                                       \
        CHECK_CONTAINS(refused.message, part);                                                               \
    } while (0)

static inline ifm_registry *fixture_registry(const ifm_registry_options *options)
{
    ifm_error err;
    ifm_registry *registry = ifm_registry_new(options, &err);
    assert_non_null(registry);
    return registry;
}

/* The document; the caller frees it with ifm_free(). */
static inline char *fixture_expose(ifm_registry *registry, const ifm_expose_options *options, size_t *size)
{
    ifm_error err;
    char *text = NULL;
    size_t ignored;
    MUST(ifm_registry_expose(registry, options, &text, size == NULL ? &ignored : size, &err));
    return text;
}

static inline char *fixture_format(ifm_registry *registry, ifm_format format)
{
    return fixture_expose(registry, &(ifm_expose_options){.format = format}, NULL);
}

/* The text after `sample` and a blank at the beginning of a line of `text`; NULL when there is none. */
static inline const char *fixture_find(const char *text, const char *sample)
{
    size_t size = strlen(sample);
    for (const char *line = text; line != NULL && *line != '\0';) {
        if (strncmp(line, sample, size) == 0 && line[size] == ' ') {
            return line + size + 1;
        }
        line = strchr(line, '\n');
        line = line == NULL ? NULL : line + 1;
    }
    return NULL;
}

/* The value of a sample as text 0.0.4 has it; -1 when it is not there. */
static inline double fixture_value(ifm_registry *registry, const char *sample)
{
    char *text = fixture_format(registry, IFM_FORMAT_TEXT);
    const char *found = fixture_find(text, sample);
    double value = found == NULL ? -1 : strtod(found, NULL);
    ifm_free(text);
    return value;
}

static inline double fixture_dropped(ifm_registry *registry, const char *reason)
{
    char sample[100];
    snprintf(sample, sizeof sample, "inferometer_dropped_updates_total{reason=\"%s\"}", reason);
    return fixture_value(registry, sample);
}

static inline double fixture_overflowed(ifm_registry *registry)
{
    return fixture_value(registry, "inferometer_overflow_updates_total");
}

/* The document holds exactly the lines of `want`, among others: families that the registry adds itself. */
#define CHECK_EXPOSES(registry, format, want)                                                                \
    do {                                                                                                     \
        char *check_document = fixture_format((registry), (format));                                         \
        CHECK_CONTAINS(check_document, (want));                                                              \
        ifm_free(check_document);                                                                            \
    } while (0)

#endif
