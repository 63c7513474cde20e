/* SPDX-License-Identifier: Apache-2.0 */
#include "model/limits.h"
#include "model/regex_syntax.h"

#include <stdlib.h>

void regex_shape_init(regex_shape *shape)
{
    *shape = (regex_shape){.simple = true, .before = -1, .after = -1};
    ifm_buf_init(&shape->literals, MODEL_REGEX_SIZE_MAX);
    ifm_buf_init(&shape->ends, MODEL_REGEX_SIZE_MAX * sizeof(uint32_t));
}

void regex_shape_deinit(regex_shape *shape)
{
    ifm_buf_deinit(&shape->literals);
    ifm_buf_deinit(&shape->ends);
}

void regex_shape_other(regex_shape *shape)
{
    shape->simple = false;
}

/* A dot that is not repeated stands for one character, of which there is no fast path. */
static void shape_end_dot(regex_shape *shape)
{
    shape->simple = shape->simple && !shape->dot;
    shape->dot = false;
}

void regex_shape_literal(regex_shape *shape, const char *bytes, size_t size)
{
    shape_end_dot(shape);
    if (shape->after >= 0) {
        shape->simple = false;
    }
    if (shape->simple) {
        ifm_buf_append(&shape->literals, bytes, size);
    }
}

void regex_shape_dot(regex_shape *shape)
{
    shape_end_dot(shape);
    shape->dot = true;
}

void regex_shape_repeat(regex_shape *shape, int min, int max)
{
    bool whole = shape->dot && min <= 1 && max < 0;
    bool first = shape->literals.size == shape->start;
    int *where = first ? &shape->before : &shape->after;
    if (!whole || *where >= 0 || shape->ends.size > 0) {
        shape->simple = false;
    }
    *where = min;
    shape->dot = false;
}

void regex_shape_alternative(regex_shape *shape)
{
    shape_end_dot(shape);
    if (shape->before >= 0 || shape->after >= 0) {
        shape->simple = false;
    }
    uint32_t end = (uint32_t)shape->literals.size;
    if (shape->simple) {
        ifm_buf_append(&shape->ends, &end, sizeof end);
    }
    shape->start = shape->literals.size;
}

void regex_shape_open(regex_shape *shape, bool at_start)
{
    shape->simple = shape->simple && at_start;
    shape->wrapped = true;
}

void regex_shape_close(regex_shape *shape, bool at_end)
{
    shape_end_dot(shape);
    shape->simple = shape->simple && at_end;
}

static int compare_texts(const void *a, const void *b)
{
    return model_text_compare(*(const model_text *)a, *(const model_text *)b);
}

bool regex_shape_finish(regex_shape *shape, model_text **items, size_t *count, ifm_error *err)
{
    if (!ifm_buf_check(&shape->literals, err) || !ifm_buf_check(&shape->ends, err)) {
        return false;
    }
    size_t ends = shape->ends.size / sizeof(uint32_t);
    *count = ends + 1;
    *items = ifm_alloc_zero(*count, sizeof **items);
    if (*items == NULL) {
        return ifm_error_nomem(err);
    }
    size_t start = 0;
    for (size_t i = 0; i <= ends; i++) {
        uint32_t end = (uint32_t)shape->literals.size;
        if (i < ends) {
            memcpy(&end, shape->ends.data + i * sizeof end, sizeof end);
        }
        (*items)[i] = (model_text){end == start ? "" : shape->literals.data + start, end - start};
        start = end;
    }
    qsort(*items, *count, sizeof **items, compare_texts);
    return true;
}

/* Whether `literal` stands in `text` with so many bytes at least before and after it; -1: exactly none. */
static bool matches_within(model_text literal, model_text text, int before, int after)
{
    size_t least = literal.size + (size_t)(before > 0) + (size_t)(after > 0);
    if (text.size < least) {
        return false;
    }
    if (before < 0) {
        return literal.size == 0 || memcmp(text.data, literal.data, literal.size) == 0;
    }
    if (after < 0) {
        return literal.size == 0 ||
               memcmp(text.data + text.size - literal.size, literal.data, literal.size) == 0;
    }
    size_t room = text.size - (size_t)(before > 0) - (size_t)(after > 0);
    return literal.size == 0 || memmem(text.data + (before > 0), room, literal.data, literal.size) != NULL;
}

bool regex_shape_matches(const regex_shape *shape, const model_text *items, size_t count, model_text text)
{
    if (shape->before >= 0 || shape->after >= 0) {
        return matches_within(items[0], text, shape->before, shape->after);
    }
    return bsearch(&text, items, count, sizeof *items, compare_texts) != NULL;
}
