/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/query.h"

#include "cmd/ask.h"

#include "model/model.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The labels of one series, sorted by name; those of a jansson object stay where they are. */
typedef struct label_pair {
    const char *name, *value;
} label_pair;

typedef struct label_list {
    label_pair *items;
    size_t count;
} label_list;

static bool not_the_api(ifm_error *err)
{
    return ifm_error_set(err, IFM_INVALID, "the answer is not what Prometheus's API says it is");
}

/* --- Labels ---------------------------------------------------------------------------------------- */

static int by_name(const void *a, const void *b)
{
    return strcmp(((const label_pair *)a)->name, ((const label_pair *)b)->name);
}

static bool labels_init(label_list *out, const json_t *object, ifm_error *err)
{
    *out = (label_list){0};
    if (!json_is_object(object)) {
        return not_the_api(err);
    }
    out->items = ifm_alloc_zero(json_object_size(object) + 1, sizeof *out->items);
    if (out->items == NULL) {
        return ifm_error_nomem(err);
    }
    const char *name;
    json_t *value, *whole; /* jansson's iteration takes no const */
    memcpy(&whole, &object, sizeof whole);
    json_object_foreach(whole, name, value)
    {
        const char *text = json_string_value(value);
        out->items[out->count++] = (label_pair){name, text != NULL ? text : ""};
    }
    qsort(out->items, out->count, sizeof *out->items, by_name);
    return true;
}

static void append_quoted(ifm_buf *out, const char *text)
{
    model_quote(out, (model_text){.data = text, .size = strlen(text)});
}

/* `name{a="b", c="d"}`; with `whole` the name is one of the labels. */
static void append_labels(ifm_buf *out, const label_list *labels, bool whole)
{
    const char *name = "";
    size_t shown = 0;
    for (size_t i = 0; i < labels->count && !whole; i++) {
        name = strcmp(labels->items[i].name, "__name__") == 0 ? labels->items[i].value : name;
    }
    cmd_plain_append(out, model_text_of(name), "");
    bool braces = name[0] == '\0' || labels->count > 1;
    ifm_buf_append_text(out, braces ? "{" : "");
    for (size_t i = 0; i < labels->count; i++) {
        if (whole || strcmp(labels->items[i].name, "__name__") != 0) {
            ifm_buf_append_text(out, shown++ > 0 ? ", " : "");
            cmd_plain_append(out, model_text_of(labels->items[i].name), "");
            ifm_buf_append_char(out, '=');
            append_quoted(out, labels->items[i].value);
        }
    }
    ifm_buf_append_text(out, braces ? "}" : "");
}

/* As Go's encoding/json writes texts, and no control character that a terminal could obey. */
static void append_json(ifm_buf *out, const char *text)
{
    ifm_buf_append_char(out, '"');
    for (const char *c = text; *c != '\0'; c++) {
        const unsigned char *u = (const unsigned char *)c;
        bool is_c1 = u[0] == 0xC2 && u[1] >= 0x80 && u[1] < 0xA0;
        if (*c == '"' || *c == '\\') {
            ifm_buf_printf(out, "\\%c", *c);
        } else if (*c == '\n' || *c == '\r' || *c == '\t') {
            ifm_buf_append_text(out, *c == '\n' ? "\\n" : *c == '\r' ? "\\r" : "\\t");
        } else if (u[0] < ' ' || u[0] == 0x7F || is_c1 || strchr("<>&", *c) != NULL) {
            ifm_buf_printf(out, "\\u%04x", (unsigned)u[is_c1]); /* U+0080 is C2 80 */
            c += is_c1;
        } else {
            ifm_buf_append_char(out, *c);
        }
    }
    ifm_buf_append_char(out, '"');
}

static void append_labels_json(ifm_buf *out, const label_list *labels)
{
    ifm_buf_append_char(out, '{');
    for (size_t i = 0; i < labels->count; i++) {
        ifm_buf_append_text(out, i > 0 ? "," : "");
        append_json(out, labels->items[i].name);
        ifm_buf_append_char(out, ':');
        append_json(out, labels->items[i].value);
    }
    ifm_buf_append_char(out, '}');
}

/* --- Samples --------------------------------------------------------------------------------------- */

void query_append_time(ifm_buf *out, int64_t time_ms)
{
    char text[IFM_NUMBER_PLAIN_SIZE];
    ifm_buf_append(out, text, ifm_number_write_plain(text, (double)time_ms / 1000));
}

/* A number that is a text in JSON; "?" for what can be none. */
static void append_number(ifm_buf *out, const json_t *value)
{
    static const char words[] = "+-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    const char *text = json_string_value(value);
    char plain[IFM_NUMBER_PLAIN_SIZE];
    double number = 0;
    if (text != NULL && ifm_number_read(text, strlen(text), &number)) {
        ifm_buf_append(out, plain, ifm_number_write_plain(plain, number));
    } else {
        bool harmless = text != NULL && text[strspn(text, words)] == '\0';
        ifm_buf_append_text(out, harmless ? text : "?");
    }
}

static void append_json_time(ifm_buf *out, const json_t *time)
{
    query_append_time(out, llround(json_number_value(time) * 1000));
}

static void append_bucket(ifm_buf *out, const json_t *bucket)
{
    json_int_t rule = json_integer_value(json_array_get(bucket, 0));
    char number[IFM_NUMBER_SIZE];
    double bound = 0;
    ifm_buf_append_char(out, rule == 1 || rule == 3 ? '[' : '(');
    for (size_t i = 1; i <= 2; i++) {
        const char *text = json_string_value(json_array_get(bucket, i));
        (void)!ifm_number_read(text != NULL ? text : "", text != NULL ? strlen(text) : 0, &bound);
        ifm_buf_append(out, number, ifm_number_write_g(number, bound));
        ifm_buf_append_text(out, i == 1 ? "," : "");
    }
    ifm_buf_append_char(out, rule == 0 || rule == 3 ? ']' : ')');
    ifm_buf_append_char(out, ':');
    append_number(out, json_array_get(bucket, 3));
}

static void append_histogram(ifm_buf *out, const json_t *histogram)
{
    const json_t *buckets = json_object_get(histogram, "buckets");
    ifm_buf_append_text(out, "Count: ");
    append_number(out, json_object_get(histogram, "count"));
    ifm_buf_append_text(out, ", Sum: ");
    append_number(out, json_object_get(histogram, "sum"));
    ifm_buf_append_text(out, ", Buckets: [");
    for (size_t i = 0; i < json_array_size(buckets); i++) {
        ifm_buf_append_text(out, i > 0 ? " " : "");
        append_bucket(out, json_array_get(buckets, i));
    }
    ifm_buf_append_char(out, ']');
}

/* "1 @[1700000000]": of [time, value]. */
static void append_pair(ifm_buf *out, const json_t *pair)
{
    const json_t *value = json_array_get(pair, 1);
    if (json_is_object(value)) {
        append_histogram(out, value);
    } else {
        append_number(out, value);
    }
    ifm_buf_append_text(out, " @[");
    append_json_time(out, json_array_get(pair, 0));
    ifm_buf_append_char(out, ']');
}

static void append_histogram_json(ifm_buf *out, const json_t *histogram)
{
    const json_t *buckets = json_object_get(histogram, "buckets");
    ifm_buf_append_text(out, "{\"count\":\"");
    append_number(out, json_object_get(histogram, "count"));
    ifm_buf_append_text(out, "\",\"sum\":\"");
    append_number(out, json_object_get(histogram, "sum"));
    ifm_buf_append_text(out, "\",\"buckets\":[");
    for (size_t i = 0; i < json_array_size(buckets); i++) {
        const json_t *bucket = json_array_get(buckets, i);
        ifm_buf_printf(out, "%s[%d", i > 0 ? "," : "", (int)json_integer_value(json_array_get(bucket, 0)));
        for (size_t j = 1; j <= 3; j++) {
            ifm_buf_append_text(out, ",\"");
            append_number(out, json_array_get(bucket, j));
            ifm_buf_append_char(out, '"');
        }
        ifm_buf_append_char(out, ']');
    }
    ifm_buf_append_text(out, "]}");
}

static void append_pair_json(ifm_buf *out, const json_t *pair)
{
    const json_t *value = json_array_get(pair, 1);
    ifm_buf_append_char(out, '[');
    append_json_time(out, json_array_get(pair, 0));
    ifm_buf_append_char(out, ',');
    if (json_is_object(value)) {
        append_histogram_json(out, value);
    } else {
        ifm_buf_append_char(out, '"');
        append_number(out, value);
        ifm_buf_append_char(out, '"');
    }
    ifm_buf_append_char(out, ']');
}

/* --- Series ---------------------------------------------------------------------------------------- */

/* One of a vector has "value" or "histogram", one of a matrix "values" and "histograms". */
static void append_series(ifm_buf *out, const json_t *series, const label_list *labels)
{
    static const char *const columns[] = {"values", "histograms"};
    const json_t *value = json_object_get(series, "value");
    value = value != NULL ? value : json_object_get(series, "histogram");
    append_labels(out, labels, false);
    if (value != NULL) {
        ifm_buf_append_text(out, " => ");
        append_pair(out, value);
        return;
    }
    ifm_buf_append_text(out, " =>");
    for (size_t i = 0; i < IFM_COUNT_OF(columns); i++) {
        const json_t *pairs = json_object_get(series, columns[i]);
        for (size_t j = 0; j < json_array_size(pairs); j++) {
            ifm_buf_append_char(out, '\n');
            append_pair(out, json_array_get(pairs, j));
        }
    }
}

static void append_series_json(ifm_buf *out, const json_t *series, const label_list *labels)
{
    static const char *const keys[] = {"value", "histogram", "values", "histograms"};
    ifm_buf_append_text(out, "{\"metric\":");
    append_labels_json(out, labels);
    for (size_t i = 0; i < IFM_COUNT_OF(keys); i++) {
        const json_t *pairs = json_object_get(series, keys[i]);
        if (pairs == NULL) {
            continue;
        }
        ifm_buf_printf(out, ",\"%s\":", keys[i]);
        if (i < 2) {
            append_pair_json(out, pairs);
            continue;
        }
        for (size_t j = 0; j < json_array_size(pairs); j++) {
            ifm_buf_append_char(out, j > 0 ? ',' : '[');
            append_pair_json(out, json_array_get(pairs, j));
        }
        ifm_buf_append_text(out, json_array_size(pairs) > 0 ? "]" : "[]");
    }
    ifm_buf_append_char(out, '}');
}

typedef struct entry { /* of a result, to be sorted */
    const json_t *series;
    label_list labels;
} entry;

/* As Prometheus's clients sort: fewer labels first, then by the first name or value that differs. */
static int by_labels(const void *a, const void *b)
{
    const label_list *left = &((const entry *)a)->labels, *right = &((const entry *)b)->labels;
    if (left->count != right->count) {
        return left->count < right->count ? -1 : 1;
    }
    for (size_t i = 0; i < left->count; i++) {
        int order = strcmp(left->items[i].name, right->items[i].name);
        order = order != 0 ? order : strcmp(left->items[i].value, right->items[i].value);
        if (order != 0) {
            return order;
        }
    }
    return 0;
}

static void append_entries(ifm_buf *out, const entry *entries, size_t count, query_format format)
{
    if (format == QUERY_JSON) {
        for (size_t i = 0; i < count; i++) {
            ifm_buf_append_char(out, i > 0 ? ',' : '[');
            append_series_json(out, entries[i].series, &entries[i].labels);
        }
        ifm_buf_append_text(out, count > 0 ? "]\n" : "[]\n");
        return;
    }
    for (size_t i = 0; i < count; i++) {
        ifm_buf_append_text(out, i > 0 ? "\n" : "");
        append_series(out, entries[i].series, &entries[i].labels);
    }
    ifm_buf_append_char(out, '\n');
}

static bool print_result(const json_t *result, bool sorted, query_format format, ifm_buf *out, ifm_error *err)
{
    size_t count = json_array_size(result);
    entry *entries = ifm_alloc_zero(count + 1, sizeof *entries);
    bool ok = entries != NULL || ifm_error_nomem(err);
    for (size_t i = 0; ok && i < count; i++) {
        entries[i].series = json_array_get(result, i);
        ok = labels_init(&entries[i].labels, json_object_get(entries[i].series, "metric"), err);
    }
    if (ok) {
        if (sorted && format == QUERY_PROMQL) {
            qsort(entries, count, sizeof *entries, by_labels);
        }
        append_entries(out, entries, count, format);
    }
    for (size_t i = 0; entries != NULL && i < count; i++) {
        ifm_free(entries[i].labels.items);
    }
    ifm_free(entries);
    return ok && ifm_buf_check(out, err);
}

static bool print_single(const char *type, const json_t *pair, query_format format, ifm_buf *out,
                         ifm_error *err)
{
    bool text = strcmp(type, "string") == 0;
    const char *value = json_string_value(json_array_get(pair, 1));
    if (value == NULL) {
        return not_the_api(err);
    }
    if (format == QUERY_JSON && text) {
        ifm_buf_append_char(out, '[');
        append_json_time(out, json_array_get(pair, 0));
        ifm_buf_append_char(out, ',');
        append_json(out, value);
        ifm_buf_append_char(out, ']');
    } else if (format == QUERY_JSON) {
        append_pair_json(out, pair);
    } else if (text) {
        cmd_plain_append(out, model_text_of(value), "\n\t");
    } else {
        ifm_buf_append_text(out, "scalar: ");
        append_pair(out, pair);
    }
    ifm_buf_append_char(out, '\n');
    return ifm_buf_check(out, err);
}

bool query_print_value(const json_t *data, query_format format, ifm_buf *out, ifm_error *err)
{
    const char *type = json_string_value(json_object_get(data, "resultType"));
    const json_t *result = json_object_get(data, "result");
    if (type == NULL || !json_is_array(result)) {
        return not_the_api(err);
    }
    if (strcmp(type, "vector") == 0 || strcmp(type, "matrix") == 0) {
        return print_result(result, type[0] == 'm', format, out, err);
    }
    return print_single(type, result, format, out, err);
}

/* --- Series and names ------------------------------------------------------------------------------ */

static bool print_labels(const json_t *object, query_format format, ifm_buf *out, ifm_error *err)
{
    label_list labels;
    if (!labels_init(&labels, object, err)) {
        return false;
    }
    if (format == QUERY_JSON) {
        append_labels_json(out, &labels);
    } else {
        append_labels(out, &labels, true);
        ifm_buf_append_char(out, '\n');
    }
    ifm_free(labels.items);
    return true;
}

bool query_print_series(const json_t *data, query_format format, ifm_buf *out, ifm_error *err)
{
    bool json = format == QUERY_JSON;
    ifm_buf_append_text(out, json ? "[" : "");
    for (size_t i = 0; i < json_array_size(data); i++) {
        ifm_buf_append_text(out, json && i > 0 ? "," : "");
        if (!print_labels(json_array_get(data, i), format, out, err)) {
            return false;
        }
    }
    ifm_buf_append_text(out, json ? "]\n" : "");
    return ifm_buf_check(out, err);
}

bool query_print_names(const json_t *data, query_format format, ifm_buf *out, ifm_error *err)
{
    bool json = format == QUERY_JSON;
    ifm_buf_append_text(out, json ? "[" : "");
    for (size_t i = 0; i < json_array_size(data); i++) {
        const char *name = json_string_value(json_array_get(data, i));
        if (name == NULL) {
            return not_the_api(err);
        }
        if (json) {
            ifm_buf_append_text(out, i > 0 ? "," : "");
            append_json(out, name);
        } else {
            cmd_plain_append(out, model_text_of(name), "\n\t");
            ifm_buf_append_char(out, '\n');
        }
    }
    ifm_buf_append_text(out, json ? "]\n" : "");
    return ifm_buf_check(out, err);
}
