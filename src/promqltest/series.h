/* SPDX-License-Identifier: Apache-2.0
 *
 * A line that describes a series: its labels, and samples in the language's short forms.
 *
 *     name{label="value"} 1 2.5 _ 0+10x5 stale {{schema:0 count:3 sum:4 buckets:[1 2]}}x2
 *     name{label="value"}@st _ -30s-1mx2      start timestamps of the samples in the next line
 */
#ifndef IFM_PROMQLTEST_SERIES_H
#define IFM_PROMQLTEST_SERIES_H

#include "base/base.h"
#include "model/model.h"

typedef struct promqltest_item {
    bool omitted; /* "_": no sample */
    bool hint_given;
    bool start_given;
    double value;
    const model_histogram *histogram; /* or NULL */
    int64_t start_offset_ms;          /* from the sample's own time */
} promqltest_item;

typedef struct promqltest_series {
    model_labels labels;
    bool is_starts; /* "@st": the items have nothing but starts */
    promqltest_item *items;
    size_t count;
} promqltest_series;

/* A line being read. */
typedef struct promqltest_reader {
    const char *at;
    const char *end;
    ifm_bump *arena;
    ifm_error *err;
} promqltest_reader;

/* Texts may point into `line`. */
bool promqltest_series_read(model_text line, ifm_bump *arena, promqltest_series *out, ifm_error *err);

/* Parts of it. False: reader->err is set. */
bool promqltest_labels_read(promqltest_reader *reader, model_labels *out);
bool promqltest_number_read(promqltest_reader *reader, double *out);
/* {{...}} */
bool promqltest_histogram_read(promqltest_reader *reader, model_histogram **out, bool *hint_given);
bool promqltest_starts_read(promqltest_reader *reader, promqltest_series *series);

bool promqltest_reader_fail(promqltest_reader *reader, const char *what);
bool promqltest_reader_peek(const promqltest_reader *reader, char c);
bool promqltest_reader_take(promqltest_reader *reader, char c);
void promqltest_reader_space(promqltest_reader *reader);
/* A word of letters, digits and underscores; empty when there is none. */
model_text promqltest_reader_word(promqltest_reader *reader);
/* "xN": *given is whether it is there, *times is N, 0 without it. False: there is no number, or too large a
 * one. */
bool promqltest_reader_times(promqltest_reader *reader, bool *given, uint64_t *times);

bool promqltest_series_add(promqltest_reader *reader, promqltest_series *series, const promqltest_item *item);

#endif
