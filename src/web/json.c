/* SPDX-License-Identifier: Apache-2.0
 *
 * A point of a series takes 25 bytes or so; a wide panel has a million. Room is made for many points at once,
 * and they are written where they go.
 */
#include "web/json.h"

#include <math.h>

enum {
    POINT_BYTES_MAX = 64, /* [, a time of 21 bytes, commas, quotes, a value of up to IFM_NUMBER_SIZE, ] */
    POINTS_AT_ONCE = 256,
    NUMBER_BYTES_MAX = 40,
    TIME_START_SIZE = 16 /* of 15 digits: milliseconds have 19 */
};

static const char hex[] = "0123456789abcdef";

/* ---- Strings ---- */

static bool is_plain(unsigned char c)
{
    return c >= 0x20 && c != '"' && c != '\\';
}

/* What JSON must not hold as it is: writes at most 6 bytes. */
static size_t write_escape(char *out, unsigned char c)
{
    const char *short_form = c == '\n' ? "n" : c == '\r' ? "r" : c == '\t' ? "t" : NULL;
    out[0] = '\\';
    if (c == '"' || c == '\\' || short_form != NULL) {
        out[1] = short_form == NULL ? (char)c : short_form[0];
        return 2;
    }
    memcpy(out + 1, "u00", 3);
    out[4] = hex[c >> 4];
    out[5] = hex[c & 15];
    return 6;
}

static void append_escape(ifm_buf *out, unsigned char c)
{
    char text[6];
    ifm_buf_append(out, text, write_escape(text, c));
}

/* How many of the first bytes need no escape, eight at a time: in each byte of a word the top bit of the sums
 * below tells whether it is smaller than a space, a quote or a backslash. A byte past ASCII may be taken for
 * one; then the bytes are looked at one by one. */
static size_t plain_size(const char *text, size_t size)
{
    static const uint64_t ones = UINT64_C(0x0101010101010101);
    size_t at = 0;
    for (; at + 8 <= size; at += 8) {
        uint64_t word;
        memcpy(&word, text + at, 8);
        uint64_t quote = word ^ (ones * '"');
        uint64_t backslash = word ^ (ones * '\\');
        uint64_t found = (word - ones * 0x20) | (quote - ones) | (backslash - ones);
        if ((found & (ones * 0x80)) != 0) {
            break;
        }
    }
    for (; at < size && is_plain((unsigned char)text[at]); at++) {
    }
    return at;
}

/* The longest that a text becomes, in its quotes. */
static size_t label_text_size_max(model_text text)
{
    return 6 * text.size + 2;
}

/* Writes where there is room for label_text_size_max() bytes; returns the end. */
static char *write_label_text(char *at, model_text text)
{
    *at++ = '"';
    for (size_t from = 0; from < text.size;) {
        size_t plain = plain_size(text.data + from, text.size - from);
        memcpy(at, text.data + from, plain);
        at += plain;
        from += plain;
        if (from < text.size) {
            at += write_escape(at, (unsigned char)text.data[from++]);
        }
    }
    *at++ = '"';
    return at;
}

void web_json_label_text(ifm_buf *out, model_text text)
{
    char *to = ifm_buf_reserve(out, label_text_size_max(text));
    if (to != NULL) {
        out->size += (size_t)(write_label_text(to, text) - to);
    }
}

/* The length of the character at text[at], and in *as what is written for it; NULL: itself. */
static size_t html_safe(model_text text, size_t at, const char **as)
{
    uint32_t point;
    size_t size = ifm_utf8_decode(text.data + at, text.size - at, &point);
    *as = NULL;
    if (size == 0) {
        *as = "\\ufffd";
        return 1;
    }
    switch (point) {
    case '<':
        *as = "\\u003c";
        break;
    case '>':
        *as = "\\u003e";
        break;
    case '&':
        *as = "\\u0026";
        break;
    case 0x2028:
        *as = "\\u2028";
        break;
    case 0x2029:
        *as = "\\u2029";
        break;
    default:
        break;
    }
    return size;
}

void web_json_text(ifm_buf *out, model_text text)
{
    ifm_buf_append_char(out, '"');
    for (size_t i = 0; i < text.size && out->failed == IFM_OK;) {
        const char *as;
        size_t size = html_safe(text, i, &as);
        if (as != NULL) {
            ifm_buf_append_text(out, as);
        } else if (size == 1 && !is_plain((unsigned char)text.data[i])) {
            append_escape(out, (unsigned char)text.data[i]);
        } else {
            ifm_buf_append(out, text.data + i, size);
        }
        i += size;
    }
    ifm_buf_append_char(out, '"');
}

void web_json_string(ifm_buf *out, const char *text)
{
    web_json_text(out, model_text_of(text));
}

void web_json_labels(ifm_buf *out, model_labels labels)
{
    ifm_buf_append_char(out, '{');
    for (size_t i = 0; i < labels.count; i++) {
        const model_label *label = &labels.items[i];
        size_t size = label_text_size_max(label->name) + label_text_size_max(label->value) + 2;
        char *to = ifm_buf_reserve(out, size);
        if (to == NULL) {
            return;
        }
        char *at = to;
        *at = ',';
        at = write_label_text(at + (i > 0), label->name);
        *at++ = ':';
        at = write_label_text(at, label->value);
        out->size += (size_t)(at - to);
    }
    ifm_buf_append_char(out, '}');
}

void web_json_texts(ifm_buf *out, const model_text *texts, size_t count)
{
    ifm_buf_append_char(out, '[');
    for (size_t i = 0; i < count; i++) {
        if (i > 0) {
            ifm_buf_append_char(out, ',');
        }
        web_json_text(out, texts[i]);
    }
    ifm_buf_append_char(out, ']');
}

/* ---- Numbers ---- */

void web_json_i64(ifm_buf *out, int64_t value)
{
    char *to = ifm_buf_reserve(out, NUMBER_BYTES_MAX);
    if (to != NULL) {
        out->size += ifm_number_write_i64(to, value);
    }
}

/* encoding/json has the exponent without the zero that strconv puts before it: 1e-7. */
void web_json_number(ifm_buf *out, double value)
{
    char text[NUMBER_BYTES_MAX];
    size_t size = ifm_number_write_json(text, isfinite(value) ? value : 0);
    if (size >= 4 && text[size - 4] == 'e' && text[size - 3] == '-' && text[size - 2] == '0') {
        text[size - 2] = text[size - 1];
        size--;
    }
    ifm_buf_append(out, text, size);
}

static size_t write_time(char *out, int64_t time_ms)
{
    size_t size = 0;
    uint64_t ms = (uint64_t)time_ms;
    if (time_ms < 0) {
        out[size++] = '-';
        ms = 0 - ms;
    }
    uint64_t seconds = ms / 1000;
    unsigned fraction = (unsigned)(ms - seconds * 1000);
    size += ifm_number_write_u64(out + size, seconds);
    if (fraction != 0) {
        out[size] = '.';
        out[size + 1] = (char)('0' + fraction / 100);
        out[size + 2] = (char)('0' + fraction / 10 % 10);
        out[size + 3] = (char)('0' + fraction % 10);
        size += 4;
    }
    return size;
}

void web_json_time(ifm_buf *out, int64_t time_ms)
{
    char *to = ifm_buf_reserve(out, NUMBER_BYTES_MAX);
    if (to != NULL) {
        out->size += write_time(to, time_ms);
    }
}

void web_json_value(ifm_buf *out, double value)
{
    char *to = ifm_buf_reserve(out, NUMBER_BYTES_MAX);
    if (to != NULL) {
        to[0] = '"';
        size_t size = ifm_number_write_json(to + 1, value);
        to[size + 1] = '"';
        out->size += size + 2;
    }
}

/* ---- Points ---- */

/* What most times of an answer begin with: all of the seconds but their last four digits. */
typedef struct time_start {
    uint64_t thousands; /* of ten seconds: seconds / 10000; 0: none yet */
    size_t size;
    char text[TIME_START_SIZE];
} time_start;

/* As write_time(). */
static size_t write_near_time(char *out, int64_t time_ms, time_start *start)
{
    uint64_t ms = (uint64_t)time_ms;
    uint64_t seconds = ms / 1000;
    uint64_t thousands = seconds / 10000;
    if (time_ms < 0 || thousands == 0 || ms - seconds * 1000 != 0) {
        return write_time(out, time_ms);
    }
    if (thousands != start->thousands) {
        start->thousands = thousands;
        start->size = ifm_number_write_u64(start->text, thousands);
    }
    memcpy(out, start->text, sizeof start->text);
    unsigned rest = (unsigned)(seconds - thousands * 10000);
    char *at = out + start->size;
    at[0] = (char)('0' + rest / 1000);
    at[1] = (char)('0' + rest / 100 % 10);
    at[2] = (char)('0' + rest / 10 % 10);
    at[3] = (char)('0' + rest % 10);
    return start->size + 4;
}

/* [TIME,"VALUE"] */
static size_t write_point(char *to, const promql_point *point, time_start *start)
{
    char *at = to;
    *at++ = '[';
    at += write_near_time(at, point->time_ms, start);
    memcpy(at, ",\"", 2);
    at += 2;
    at += ifm_number_write_json(at, point->value);
    memcpy(at, "\"]", 2);
    return (size_t)(at + 2 - to);
}

static void append_bucket(ifm_buf *out, const model_bucket *bucket)
{
    /* Which ends belong to it: the upper, the lower, none, both. */
    static const char rules[2][2] = {{'2', '0'}, {'1', '3'}};
    ifm_buf_append_char(out, '[');
    ifm_buf_append_char(out, rules[bucket->lower_inclusive][bucket->upper_inclusive]);
    ifm_buf_append_char(out, ',');
    web_json_value(out, bucket->lower);
    ifm_buf_append_char(out, ',');
    web_json_value(out, bucket->upper);
    ifm_buf_append_char(out, ',');
    web_json_value(out, bucket->count);
    ifm_buf_append_char(out, ']');
}

void web_json_histogram(ifm_buf *out, const model_histogram *h)
{
    ifm_buf_append_text(out, "{\"count\":");
    web_json_value(out, h->count);
    ifm_buf_append_text(out, ",\"sum\":");
    web_json_value(out, h->sum);
    model_bucket_iterator it;
    model_bucket bucket;
    bool found = false;
    model_bucket_iterator_init(&it, h, MODEL_BUCKETS_UP);
    while (out->failed == IFM_OK && model_bucket_iterator_next(&it, &bucket)) {
        if (bucket.count != 0) {
            ifm_buf_append_text(out, found ? "," : ",\"buckets\":[");
            append_bucket(out, &bucket);
            found = true;
        }
    }
    ifm_buf_append_text(out, found ? "]}" : "}");
}

static void append_histogram_point(ifm_buf *out, const promql_point *point)
{
    ifm_buf_append_char(out, '[');
    web_json_time(out, point->time_ms);
    ifm_buf_append_char(out, ',');
    web_json_histogram(out, point->histogram);
    ifm_buf_append_char(out, ']');
}

/* The floats of points[0..count), which have a comma before each but the first. */
static void append_floats(ifm_buf *out, const promql_point *points, size_t count, bool *first)
{
    char *to = ifm_buf_reserve(out, count * POINT_BYTES_MAX);
    if (to == NULL) {
        return;
    }
    char *at = to;
    time_start start = {.thousands = 0};
    for (size_t i = 0; i < count; i++) {
        if (points[i].histogram == NULL) {
            *at = ',';
            at += !*first;
            *first = false;
            at += write_point(at, &points[i], &start);
        }
    }
    out->size += (size_t)(at - to);
}

static void append_values(ifm_buf *out, const promql_result_series *series)
{
    bool first = true;
    ifm_buf_append_text(out, ",\"values\":[");
    for (size_t i = 0; i < series->count; i += POINTS_AT_ONCE) {
        size_t left = series->count - i;
        append_floats(out, series->points + i, left < POINTS_AT_ONCE ? left : POINTS_AT_ONCE, &first);
    }
    ifm_buf_append_char(out, ']');
}

static void append_histograms(ifm_buf *out, const promql_result_series *series)
{
    bool first = true;
    ifm_buf_append_text(out, ",\"histograms\":[");
    for (size_t i = 0; i < series->count && out->failed == IFM_OK; i++) {
        if (series->points[i].histogram != NULL) {
            if (!first) {
                ifm_buf_append_char(out, ',');
            }
            first = false;
            append_histogram_point(out, &series->points[i]);
        }
    }
    ifm_buf_append_char(out, ']');
}

/* ---- Results ---- */

static void append_matrix_series(ifm_buf *out, const promql_result_series *series)
{
    size_t histograms = 0;
    for (size_t i = 0; i < series->count; i++) {
        histograms += series->points[i].histogram != NULL;
    }
    ifm_buf_append_text(out, "{\"metric\":");
    web_json_labels(out, series->labels);
    if (histograms < series->count) {
        append_values(out, series);
    }
    if (histograms > 0) {
        append_histograms(out, series);
    }
    ifm_buf_append_char(out, '}');
}

static void append_vector_series(ifm_buf *out, const promql_result_series *series)
{
    const promql_point *point = series->points;
    ifm_buf_append_text(out, "{\"metric\":");
    web_json_labels(out, series->labels);
    if (point->histogram != NULL) {
        ifm_buf_append_text(out, ",\"histogram\":");
        append_histogram_point(out, point);
    } else {
        bool first = true;
        ifm_buf_append_text(out, ",\"value\":");
        append_floats(out, point, 1, &first);
    }
    ifm_buf_append_char(out, '}');
}

static void append_series(ifm_buf *out, const promql_result *result, size_t limit)
{
    size_t count = limit > 0 && limit < result->series_count ? limit : result->series_count;
    ifm_buf_append_char(out, '[');
    for (size_t i = 0; i < count && out->failed == IFM_OK; i++) {
        if (i > 0) {
            ifm_buf_append_char(out, ',');
        }
        if (result->type == PROMQL_TYPE_VECTOR) {
            append_vector_series(out, &result->series[i]);
        } else {
            append_matrix_series(out, &result->series[i]);
        }
    }
    ifm_buf_append_char(out, ']');
}

/* Go's json.Marshal() of a time as float64, and of a value by FormatFloat(.., 'f', -1, 64). */
static void append_scalar(ifm_buf *out, const promql_result *result)
{
    char text[IFM_NUMBER_PLAIN_SIZE];
    ifm_buf_append_char(out, '[');
    web_json_number(out, (double)result->scalar.time_ms / 1000);
    ifm_buf_append_char(out, ',');
    if (result->type == PROMQL_TYPE_STRING) {
        web_json_text(out, (model_text){result->string.data, result->string.size});
    } else {
        size_t size = ifm_number_write_plain(text, result->scalar.value);
        web_json_text(out, (model_text){text, size});
    }
    ifm_buf_append_char(out, ']');
}

void web_json_result(ifm_buf *out, const promql_result *result, size_t limit)
{
    static const char *const names[] = {[PROMQL_TYPE_NONE] = "none",
                                        [PROMQL_TYPE_SCALAR] = "scalar",
                                        [PROMQL_TYPE_VECTOR] = "vector",
                                        [PROMQL_TYPE_MATRIX] = "matrix",
                                        [PROMQL_TYPE_STRING] = "string"};
    ifm_buf_append_text(out, "{\"resultType\":\"");
    ifm_buf_append_text(out, names[result->type]);
    ifm_buf_append_text(out, "\",\"result\":");
    if (result->type == PROMQL_TYPE_VECTOR || result->type == PROMQL_TYPE_MATRIX) {
        append_series(out, result, limit);
    } else {
        append_scalar(out, result);
    }
}
