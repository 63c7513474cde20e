/* SPDX-License-Identifier: Apache-2.0
 *
 * Labels of a line, name{label="value"} or {"name", "label"="value"}, and start timestamps of its samples.
 */
#include "promqltest/series.h"
#include "promqltest/text.h"

typedef struct label_list {
    model_label *items;
    size_t count;
} label_list;

static bool add_label(promqltest_reader *reader, label_list *list, model_text name, model_text value)
{
    model_label *items = ifm_bump_grow(reader->arena, list->items, list->count, sizeof *items);
    if (items == NULL) {
        return ifm_bump_check(reader->arena, reader->err);
    }
    list->items = items;
    items[list->count++] = (model_label){name, value};
    return true;
}

static bool read_string(promqltest_reader *reader, model_text *out)
{
    size_t size = promqltest_scan_string(reader->at, (size_t)(reader->end - reader->at), reader->arena, out,
                                         reader->err);
    reader->at += size;
    return size > 0;
}

/* label="value", "label"="value", or "name" alone. */
static bool read_label(promqltest_reader *reader, label_list *list)
{
    model_text name;
    model_text value;
    bool quoted = reader->at < reader->end && !promqltest_is_word(*reader->at);
    if (quoted) {
        if (!read_string(reader, &name)) {
            return false;
        }
    } else {
        name = promqltest_reader_word(reader);
    }
    promqltest_reader_space(reader);
    if (quoted && (promqltest_reader_peek(reader, ',') || promqltest_reader_peek(reader, '}'))) {
        return add_label(reader, list, model_text_of(MODEL_NAME_LABEL), name);
    }
    if (name.size == 0 || !promqltest_reader_take(reader, '=')) {
        return promqltest_reader_fail(reader, "there is no label=\"value\"");
    }
    promqltest_reader_space(reader);
    return read_string(reader, &value) && add_label(reader, list, name, value);
}

static bool read_braces(promqltest_reader *reader, label_list *list)
{
    promqltest_reader_space(reader);
    while (!promqltest_reader_take(reader, '}')) {
        if (!read_label(reader, list)) {
            return false;
        }
        promqltest_reader_space(reader);
        if (!promqltest_reader_take(reader, ',') && !promqltest_reader_peek(reader, '}')) {
            return promqltest_reader_fail(reader, "there is no comma or brace behind a label");
        }
        promqltest_reader_space(reader);
    }
    return true;
}

bool promqltest_labels_read(promqltest_reader *reader, model_labels *out)
{
    label_list list = {NULL, 0};
    const char *from = reader->at;
    while (reader->at < reader->end && (*reader->at == ':' || (promqltest_is_word(*reader->at) &&
                                                               (reader->at > from || *reader->at > '9')))) {
        reader->at++;
    }
    model_text name = {from, (size_t)(reader->at - from)};
    if (name.size > 0 && !add_label(reader, &list, model_text_of(MODEL_NAME_LABEL), name)) {
        return false;
    }
    if (promqltest_reader_take(reader, '{')) {
        if (!read_braces(reader, &list)) {
            return false;
        }
    } else if (name.size == 0) {
        return promqltest_reader_fail(reader, "there is no series");
    }
    return model_labels_make(list.items, list.count, out, reader->err);
}

/* A duration with or without a sign. */
static bool read_offset(promqltest_reader *reader, int64_t *out)
{
    bool negative = promqltest_reader_take(reader, '-');
    if (!negative) {
        promqltest_reader_take(reader, '+');
    }
    size_t size = promqltest_scan_duration(reader->at, (size_t)(reader->end - reader->at), out);
    if (size == 0 && promqltest_reader_peek(reader, '0')) {
        *out = 0;
        size = 1;
    }
    reader->at += size;
    *out = negative ? -*out : *out;
    return size > 0 || promqltest_reader_fail(reader, "there is no duration");
}

static bool add_offsets(promqltest_reader *reader, promqltest_series *series)
{
    promqltest_item item = {.start_given = true};
    int64_t step = 0;
    bool given;
    uint64_t times;
    bool gap = promqltest_reader_take(reader, '_');
    if (!gap && !read_offset(reader, &item.start_offset_ms)) {
        return false;
    }
    bool steps = !gap && (promqltest_reader_peek(reader, '+') || promqltest_reader_peek(reader, '-'));
    if ((steps && !read_offset(reader, &step)) || !promqltest_reader_times(reader, &given, &times)) {
        return false;
    }
    if (steps && !given) {
        return promqltest_reader_fail(reader, "xN is missing");
    }
    item.start_given = !gap;
    times += gap && given ? 0 : 1;
    for (uint64_t i = 0; i < times; i++) {
        if (!promqltest_series_add(reader, series, &item)) {
            return false;
        }
        if (__builtin_add_overflow(item.start_offset_ms, step, &item.start_offset_ms)) {
            return promqltest_reader_fail(reader, "a start is out of range");
        }
    }
    return true;
}

bool promqltest_starts_read(promqltest_reader *reader, promqltest_series *series)
{
    promqltest_reader_space(reader);
    while (reader->at < reader->end) {
        if (!add_offsets(reader, series)) {
            return false;
        }
        if (reader->at < reader->end && !promqltest_is_space(*reader->at)) {
            return promqltest_reader_fail(reader, "a space is missing between starts");
        }
        promqltest_reader_space(reader);
    }
    return true;
}
