/* SPDX-License-Identifier: Apache-2.0
 *
 * L1 is the invariant of labels.h. Sets are small (5 to 20 labels): what is looked up is searched for one by
 * one.
 */
#include "model/labels.h"

#include "model/quote.h"

#include <stdlib.h>
#define XXH_INLINE_ALL /* nothing to link, as in metrics/family.c */
#include <xxhash.h>

bool model_text_equal(model_text a, model_text b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

int model_text_compare(model_text a, model_text b)
{
    size_t common = a.size < b.size ? a.size : b.size;
    int order = common == 0 ? 0 : memcmp(a.data, b.data, common);
    if (order != 0) {
        return order;
    }
    return a.size < b.size ? -1 : a.size > b.size;
}

model_text model_labels_get(model_labels labels, model_text name)
{
    for (size_t i = 0; i < labels.count; i++) {
        if (model_text_equal(labels.items[i].name, name)) {
            return labels.items[i].value;
        }
    }
    return (model_text){"", 0};
}

bool model_labels_equal(model_labels a, model_labels b)
{
    if (a.count != b.count) {
        return false;
    }
    for (size_t i = 0; i < a.count; i++) {
        if (!model_text_equal(a.items[i].value, b.items[i].value) ||
            !model_text_equal(a.items[i].name, b.items[i].name)) {
            return false;
        }
    }
    return true;
}

int model_labels_compare(model_labels a, model_labels b)
{
    size_t common = a.count < b.count ? a.count : b.count;
    for (size_t i = 0; i < common; i++) {
        int order = model_text_compare(a.items[i].name, b.items[i].name);
        if (order == 0) {
            order = model_text_compare(a.items[i].value, b.items[i].value);
        }
        if (order != 0) {
            return order;
        }
    }
    return a.count < b.count ? -1 : a.count > b.count;
}

/* A text behind its size: one byte below 255, else 255 and three bytes, the lowest first. */
static void hash_text(XXH64_state_t *state, model_text text)
{
    unsigned char size[4] = {255, (unsigned char)text.size, (unsigned char)(text.size >> 8),
                             (unsigned char)(text.size >> 16)};
    if (text.size < 255) {
        size[0] = (unsigned char)text.size;
    }
    XXH64_update(state, size, text.size < 255 ? 1 : sizeof size);
    XXH64_update(state, text.size == 0 ? "" : text.data, text.size);
}

uint64_t model_labels_hash(model_labels labels)
{
    XXH64_state_t state;
    XXH64_reset(&state, 0);
    for (size_t i = 0; i < labels.count; i++) {
        hash_text(&state, labels.items[i].name);
        hash_text(&state, labels.items[i].value);
    }
    return XXH64_digest(&state);
}

bool model_label_is_metadata(model_text name)
{
    static const char *const names[] = {MODEL_NAME_LABEL, "__type__", "__unit__"};
    if (name.size != 8) { /* as long as all of them are */
        return false;
    }
    for (size_t i = 0; i < IFM_COUNT_OF(names); i++) {
        if (memcmp(name.data, names[i], name.size) == 0) {
            return true;
        }
    }
    return false;
}

static int compare_names(const void *a, const void *b)
{
    return model_text_compare(((const model_label *)a)->name, ((const model_label *)b)->name);
}

bool model_labels_make(model_label *items, size_t count, model_labels *out, ifm_error *err)
{
    if (count > 1) {
        qsort(items, count, sizeof *items, compare_names);
    }
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && model_text_equal(items[i].name, items[i - 1].name)) {
            return ifm_error_set(err, IFM_INVALID, "label \"%.*s\" occurs twice",
                                 items[i].name.size > 100 ? 100 : (int)items[i].name.size,
                                 items[i].name.data);
        }
    }
    for (size_t i = 0; i < count; i++) {
        if (items[i].value.size > 0) {
            items[kept++] = items[i];
        }
    }
    *out = (model_labels){items, kept};
    return true;
}

model_labels model_labels_with(model_labels labels, model_text name, model_text value, ifm_bump *arena)
{
    model_label *items = ifm_bump_alloc_array(arena, labels.count + 1, sizeof *items);
    if (items == NULL) {
        return (model_labels){NULL, 0};
    }
    size_t count = 0;
    size_t i = 0;
    for (; i < labels.count && model_text_compare(labels.items[i].name, name) < 0; i++) {
        items[count++] = labels.items[i];
    }
    if (value.size > 0) {
        items[count++] = (model_label){name, value};
    }
    i += i < labels.count && model_text_equal(labels.items[i].name, name);
    for (; i < labels.count; i++) {
        items[count++] = labels.items[i];
    }
    return (model_labels){items, count}; /* L1 */
}

static bool text_is_one_of(model_text text, const model_text *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (model_text_equal(text, names[i])) {
            return true;
        }
    }
    return false;
}

typedef enum label_choice { CHOOSE_NAMED, CHOOSE_OTHERS, CHOOSE_NO_METADATA } label_choice;

static bool label_is_chosen(model_text label, label_choice choice, const model_text *names, size_t count)
{
    switch (choice) {
    case CHOOSE_NAMED:
        return text_is_one_of(label, names, count);
    case CHOOSE_OTHERS:
        return !model_text_equal(label, model_text_of(MODEL_NAME_LABEL)) &&
               !text_is_one_of(label, names, count);
    default:
        return !model_label_is_metadata(label);
    }
}

/* The chosen ones; `labels` itself when that is all of them. */
static model_labels labels_choose(model_labels labels, label_choice choice, const model_text *names,
                                  size_t count, ifm_bump *arena)
{
    size_t kept = 0;
    for (size_t i = 0; i < labels.count; i++) {
        kept += label_is_chosen(labels.items[i].name, choice, names, count);
    }
    if (kept == labels.count || kept == 0) {
        return (model_labels){kept == 0 ? NULL : labels.items, kept};
    }
    model_label *items = ifm_bump_alloc_array(arena, kept, sizeof *items);
    if (items == NULL) {
        return (model_labels){NULL, 0};
    }
    size_t at = 0;
    for (size_t i = 0; i < labels.count; i++) {
        if (label_is_chosen(labels.items[i].name, choice, names, count)) {
            items[at++] = labels.items[i];
        }
    }
    return (model_labels){items, kept};
}

model_labels model_labels_without_metadata(model_labels labels, ifm_bump *arena)
{
    return labels_choose(labels, CHOOSE_NO_METADATA, NULL, 0, arena);
}

model_labels model_labels_keep(model_labels labels, const model_text *names, size_t count, ifm_bump *arena)
{
    return labels_choose(labels, CHOOSE_NAMED, names, count, arena);
}

model_labels model_labels_drop(model_labels labels, const model_text *names, size_t count, ifm_bump *arena)
{
    return labels_choose(labels, CHOOSE_OTHERS, names, count, arena);
}

model_labels model_labels_copy(model_labels labels, ifm_bump *arena)
{
    model_label *items = ifm_bump_alloc_array(arena, labels.count, sizeof *items);
    if (items == NULL) {
        return (model_labels){NULL, 0};
    }
    for (size_t i = 0; i < labels.count; i++) {
        const model_label *from = &labels.items[i];
        items[i].name = (model_text){ifm_bump_copy(arena, from->name.data, from->name.size), from->name.size};
        items[i].value =
            (model_text){ifm_bump_copy(arena, from->value.data, from->value.size), from->value.size};
        if (items[i].name.data == NULL || items[i].value.data == NULL) {
            return (model_labels){NULL, 0};
        }
    }
    return (model_labels){items, labels.count};
}

/* [a-zA-Z_][a-zA-Z0-9_]*, what needs no quotes. */
static bool name_is_plain(model_text name)
{
    for (size_t i = 0; i < name.size; i++) {
        char c = name.data[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        if (!letter && (i == 0 || c < '0' || c > '9')) {
            return false;
        }
    }
    return name.size > 0;
}

void model_labels_print(model_labels labels, ifm_buf *out)
{
    ifm_buf_append_char(out, '{');
    for (size_t i = 0; i < labels.count; i++) {
        if (i > 0) {
            ifm_buf_append_text(out, ", ");
        }
        if (name_is_plain(labels.items[i].name)) {
            ifm_buf_append(out, labels.items[i].name.data, labels.items[i].name.size);
        } else {
            model_quote(out, labels.items[i].name);
        }
        ifm_buf_append_char(out, '=');
        model_quote(out, labels.items[i].value);
    }
    ifm_buf_append_char(out, '}');
}
