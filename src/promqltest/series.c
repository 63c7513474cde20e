/* SPDX-License-Identifier: Apache-2.0 */
#include "promqltest/series.h"

#include "promqltest/limits.h"
#include "promqltest/text.h"

enum { SHOWN_BYTES = 24 };

bool promqltest_reader_fail(promqltest_reader *reader, const char *what)
{
    size_t left = (size_t)(reader->end - reader->at);
    return ifm_error_set(reader->err, IFM_INVALID, "%s at \"%.*s\"", what,
                         (int)(left < SHOWN_BYTES ? left : SHOWN_BYTES), reader->at);
}

bool promqltest_reader_peek(const promqltest_reader *reader, char c)
{
    return reader->at < reader->end && *reader->at == c;
}

bool promqltest_reader_take(promqltest_reader *reader, char c)
{
    bool found = promqltest_reader_peek(reader, c);
    reader->at += found ? 1 : 0;
    return found;
}

void promqltest_reader_space(promqltest_reader *reader)
{
    while (reader->at < reader->end && promqltest_is_space(*reader->at)) {
        reader->at++;
    }
}

model_text promqltest_reader_word(promqltest_reader *reader)
{
    const char *from = reader->at;
    while (reader->at < reader->end && promqltest_is_word(*reader->at)) {
        reader->at++;
    }
    return (model_text){from, (size_t)(reader->at - from)};
}

bool promqltest_reader_times(promqltest_reader *reader, bool *given, uint64_t *times)
{
    *times = 0;
    *given = promqltest_reader_take(reader, 'x');
    if (!*given) {
        return true;
    }
    const char *from = reader->at;
    for (; reader->at < reader->end && *reader->at >= '0' && *reader->at <= '9'; reader->at++) {
        *times = *times * 10 + (uint64_t)(*reader->at - '0');
        if (*times > PROMQLTEST_ITEMS_MAX) {
            return ifm_error_set(reader->err, IFM_LIMIT, "a line may have at most %d samples",
                                 PROMQLTEST_ITEMS_MAX);
        }
    }
    return reader->at > from || promqltest_reader_fail(reader, "x is not followed by a number");
}

bool promqltest_series_add(promqltest_reader *reader, promqltest_series *series, const promqltest_item *item)
{
    if (series->count == PROMQLTEST_ITEMS_MAX) {
        return ifm_error_set(reader->err, IFM_LIMIT, "a line may have at most %d samples",
                             PROMQLTEST_ITEMS_MAX);
    }
    promqltest_item *items = ifm_bump_grow(reader->arena, series->items, series->count, sizeof *items);
    if (items == NULL) {
        return ifm_bump_check(reader->arena, reader->err);
    }
    series->items = items;
    items[series->count++] = *item;
    return true;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static size_t digits(const char *text, size_t size)
{
    size_t at = 0;
    while (at < size && is_digit(text[at])) {
        at++;
    }
    return at;
}

/* The length of a number without a sign: 1, .5, 1e-5. */
static size_t number_size(const char *text, size_t size)
{
    size_t at = digits(text, size);
    if (at < size && text[at] == '.') {
        at += 1 + digits(text + at + 1, size - at - 1);
    }
    if (at > 0 && at < size && (text[at] == 'e' || text[at] == 'E')) {
        size_t exponent = at + 1;
        if (exponent < size && (text[exponent] == '+' || text[exponent] == '-')) {
            exponent++;
        }
        size_t count = exponent < size ? digits(text + exponent, size - exponent) : 0;
        at = count > 0 ? exponent + count : at;
    }
    return at;
}

static bool word_is(model_text word, const char *lower)
{
    size_t size = strlen(lower);
    bool same = word.size == size;
    for (size_t i = 0; same && i < size; i++) {
        same = (word.data[i] | 0x20) == lower[i];
    }
    return same;
}

static bool read_unsigned(promqltest_reader *reader, double *out)
{
    size_t left = (size_t)(reader->end - reader->at);
    int64_t ms;
    size_t size = promqltest_scan_duration(reader->at, left, &ms);
    if (size > 0) {
        reader->at += size;
        *out = (double)ms / 1000;
        return true;
    }
    size = number_size(reader->at, left);
    if (size > 0) {
        bool ok = ifm_number_read(reader->at, size, out);
        reader->at += ok ? size : 0;
        return ok || promqltest_reader_fail(reader, "there is no number that a double can hold");
    }
    const char *from = reader->at;
    model_text word = promqltest_reader_word(reader);
    if (word_is(word, "nan")) {
        *out = model_from_bits(MODEL_NAN_BITS);
        return true;
    }
    if (word_is(word, "inf")) {
        *out = __builtin_inf();
        return true;
    }
    reader->at = from;
    return promqltest_reader_fail(reader, "there is no number");
}

bool promqltest_number_read(promqltest_reader *reader, double *out)
{
    bool negative = promqltest_reader_take(reader, '-');
    if (!negative) {
        promqltest_reader_take(reader, '+');
    }
    if (!read_unsigned(reader, out)) {
        return false;
    }
    *out = negative ? -*out : *out;
    return true;
}

/* The step of 1+2x3, which has no other sign than the operator. */
static bool read_step(promqltest_reader *reader, double *out)
{
    bool negative = promqltest_reader_peek(reader, '-');
    reader->at++;
    if (promqltest_reader_peek(reader, '-') || promqltest_reader_peek(reader, '+') ||
        !read_unsigned(reader, out)) {
        return promqltest_reader_fail(reader, "there is no number to add");
    }
    *out = negative ? -*out : *out;
    return true;
}

static bool add_floats(promqltest_reader *reader, promqltest_series *series)
{
    promqltest_item item = {0};
    double step = 0;
    bool given;
    uint64_t times;
    if (!promqltest_number_read(reader, &item.value)) {
        return false;
    }
    bool steps = promqltest_reader_peek(reader, '+') || promqltest_reader_peek(reader, '-');
    if ((steps && !read_step(reader, &step)) || !promqltest_reader_times(reader, &given, &times)) {
        return false;
    }
    if (steps && !given) {
        return promqltest_reader_fail(reader, "xN is missing");
    }
    for (uint64_t i = 0; i <= times; i++) {
        if (!promqltest_series_add(reader, series, &item)) {
            return false;
        }
        item.value += step;
    }
    return true;
}

static bool add_stale(promqltest_reader *reader, promqltest_series *series)
{
    promqltest_item item = {.value = model_from_bits(MODEL_STALE_BITS)};
    if (!promqltest_text_is(promqltest_reader_word(reader), "stale")) {
        return promqltest_reader_fail(reader, "there is no sample");
    }
    return promqltest_series_add(reader, series, &item);
}

static bool add_gaps(promqltest_reader *reader, promqltest_series *series)
{
    promqltest_item item = {.omitted = true};
    bool given;
    uint64_t times;
    reader->at++;
    if (!promqltest_reader_times(reader, &given, &times)) {
        return false;
    }
    for (uint64_t i = 0; i < (given ? times : 1); i++) {
        if (!promqltest_series_add(reader, series, &item)) {
            return false;
        }
    }
    return true;
}

static bool next_histogram(promqltest_reader *reader, promqltest_item *item, const model_histogram *step,
                           bool subtract)
{
    if (item->histogram->schema > step->schema) {
        return ifm_error_set(reader->err, IFM_INVALID,
                             "error combining histograms: cannot merge from schema %d to %d", step->schema,
                             item->histogram->schema);
    }
    unsigned flags;
    const model_histogram *next = NULL;
    bool ok = (subtract ? model_histogram_sub : model_histogram_add)(item->histogram, step, reader->arena,
                                                                     &next, &flags);
    if (!ok && (flags & MODEL_ADD_INCOMPATIBLE) != 0) {
        return ifm_error_set(reader->err, IFM_INVALID,
                             "cannot combine histograms with exponential and with custom buckets");
    }
    item->histogram = next;
    return ok || ifm_bump_check(reader->arena, reader->err);
}

/* {{A}}, {{A}}xN, {{A}}+{{B}}xN, {{A}}-{{B}}xN */
static bool add_histograms(promqltest_reader *reader, promqltest_series *series)
{
    promqltest_item item = {0};
    model_histogram *first;
    model_histogram *step = NULL;
    bool given;
    uint64_t times;
    if (!promqltest_histogram_read(reader, &first, &item.hint_given)) {
        return false;
    }
    bool subtract = promqltest_reader_take(reader, '-');
    if ((subtract || promqltest_reader_take(reader, '+')) &&
        !promqltest_histogram_read(reader, &step, &item.hint_given)) {
        return false;
    }
    if (!promqltest_reader_times(reader, &given, &times)) {
        return false;
    }
    if (step != NULL && !given) {
        return promqltest_reader_fail(reader, "xN is missing");
    }
    item.histogram = first;
    for (uint64_t i = 0; i <= times; i++) {
        if (!promqltest_series_add(reader, series, &item) ||
            (step != NULL && i < times && !next_histogram(reader, &item, step, subtract))) {
            return false;
        }
    }
    return true;
}

static bool read_item(promqltest_reader *reader, promqltest_series *series)
{
    char c = *reader->at;
    if (c == '_') {
        return add_gaps(reader, series);
    }
    if (c == '{') {
        return add_histograms(reader, series);
    }
    if (c == 's') {
        return add_stale(reader, series);
    }
    return add_floats(reader, series);
}

static bool read_items(promqltest_reader *reader, promqltest_series *series)
{
    promqltest_reader_space(reader);
    while (reader->at < reader->end) {
        if (!read_item(reader, series)) {
            return false;
        }
        if (reader->at < reader->end && !promqltest_is_space(*reader->at)) {
            return promqltest_reader_fail(reader, "a space is missing between samples");
        }
        promqltest_reader_space(reader);
    }
    return true;
}

bool promqltest_series_read(model_text line, ifm_bump *arena, promqltest_series *out, ifm_error *err)
{
    promqltest_reader reader = {line.data, line.data + line.size, arena, err};
    *out = (promqltest_series){.count = 0};
    if (!promqltest_labels_read(&reader, &out->labels)) {
        return false;
    }
    if (promqltest_reader_take(&reader, '@')) {
        out->is_starts = promqltest_text_is(promqltest_reader_word(&reader), "st");
        return out->is_starts ? promqltest_starts_read(&reader, out)
                              : promqltest_reader_fail(&reader, "\"@st\" is missing");
    }
    if (reader.at < reader.end && !promqltest_is_space(*reader.at)) {
        return promqltest_reader_fail(&reader, "a space is missing behind the series");
    }
    return read_items(&reader, out);
}
