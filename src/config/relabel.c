/* SPDX-License-Identifier: Apache-2.0
 *
 * Relabelling, as relabel.go of Prometheus does it.
 */
#include "config/limits.h"
#include "config/md5.h"
#include "config/reader.h"

#include <inttypes.h>
#include <locale.h>
#include <stdio.h>
#include <wctype.h>

/* Labels that are being changed: sorted or not, and those with an empty value are not there. */
typedef struct relabeller {
    model_label *items;
    size_t count;
    ifm_bump *arena;
    ifm_buf text; /* for one value */
    ifm_error *err;
} relabeller;

static model_text label_get(const relabeller *work, model_text name)
{
    for (size_t i = 0; i < work->count; i++) {
        if (model_text_equal(work->items[i].name, name)) {
            return work->items[i].value;
        }
    }
    return (model_text){"", 0};
}

static bool arena_failed(relabeller *work)
{
    return ifm_bump_check(work->arena, work->err); /* false */
}

static bool copy_text(relabeller *work, model_text *text)
{
    text->data = ifm_bump_copy(work->arena, text->data == NULL ? "" : text->data, text->size);
    return text->data != NULL || arena_failed(work);
}

/* `value` is copied, `name` is not. */
static bool label_set(relabeller *work, model_text name, model_text value)
{
    if (!copy_text(work, &value)) {
        return false;
    }
    for (size_t i = 0; i < work->count; i++) {
        if (model_text_equal(work->items[i].name, name)) {
            work->items[i].value = value;
            return true;
        }
    }
    if (value.size == 0) {
        return true;
    }
    model_label *items = ifm_bump_alloc_array(work->arena, work->count + 1, sizeof *items);
    if (items == NULL) {
        return arena_failed(work);
    }
    if (work->count > 0) {
        memcpy(items, work->items, work->count * sizeof *items);
    }
    items[work->count++] = (model_label){name, value};
    work->items = items;
    return true;
}

/* The values of the source labels, in the arena. */
static bool join_sources(relabeller *work, const config_relabel *rule, model_text *out)
{
    if (rule->source_count == 1) {
        *out = label_get(work, rule->sources[0]);
        return true;
    }
    ifm_buf_clear(&work->text);
    for (size_t i = 0; i < rule->source_count; i++) {
        const model_text value = label_get(work, rule->sources[i]);
        ifm_buf_append(&work->text, rule->separator.data, i == 0 ? 0 : rule->separator.size);
        ifm_buf_append(&work->text, value.data, value.size);
    }
    *out = (model_text){work->text.data, work->text.size};
    return ifm_buf_check(&work->text, work->err) && copy_text(work, out);
}

static bool matches(relabeller *work, const config_relabel *rule, model_text text, bool *out)
{
    *work->err = (ifm_error){.code = IFM_OK};
    *out = model_regex_matches(rule->regex, text, work->err);
    return work->err->code == IFM_OK;
}

static bool expand(relabeller *work, const config_relabel *rule, model_text text, model_text template,
                   model_text *out, bool *matched)
{
    ifm_buf_clear(&work->text);
    if (!model_regex_expand(rule->regex, text, template, &work->text, matched, work->err)) {
        return false;
    }
    *out = (model_text){work->text.data, work->text.size};
    return ifm_buf_check(&work->text, work->err) && copy_text(work, out);
}

static bool replace(relabeller *work, const config_relabel *rule, model_text source)
{
    bool matched;
    model_text target = rule->target, value;
    if (memchr(target.data, '$', target.size) != NULL) {
        if (!expand(work, rule, source, rule->target, &target, &matched)) {
            return false;
        }
        if (!matched || !config_label_name_valid(target)) {
            return true;
        }
    }
    if (!expand(work, rule, source, rule->replacement, &value, &matched)) {
        return false;
    }
    return !matched || label_set(work, target, value);
}

static bool hashmod(relabeller *work, const config_relabel *rule, model_text source)
{
    uint8_t digest[16];
    uint64_t hash = 0;
    char text[IFM_NUMBER_SIZE];
    config_md5(source.data, source.size, digest);
    for (size_t i = 8; i < 16; i++) {
        hash = hash << 8 | digest[i];
    }
    return label_set(work, rule->target,
                     (model_text){text, ifm_number_write_u64(text, hash % rule->modulus)});
}

static void append_utf8(ifm_buf *out, uint32_t point)
{
    if (point < 0x80) {
        ifm_buf_append_char(out, (char)point);
    } else if (point < 0x800) {
        ifm_buf_append_char(out, (char)(0xC0 | point >> 6));
        ifm_buf_append_char(out, (char)(0x80 | (point & 0x3F)));
    } else {
        if (point < 0x10000) {
            ifm_buf_append_char(out, (char)(0xE0 | point >> 12));
        } else {
            ifm_buf_append_char(out, (char)(0xF0 | point >> 18));
            ifm_buf_append_char(out, (char)(0x80 | (point >> 12 & 0x3F)));
        }
        ifm_buf_append_char(out, (char)(0x80 | (point >> 6 & 0x3F)));
        ifm_buf_append_char(out, (char)(0x80 | (point & 0x3F)));
    }
}

/* By the C library's table; without it those of ASCII. */
void config_change_case(ifm_buf *out, model_text text, bool upper)
{
    locale_t all = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    for (size_t at = 0; at < text.size;) {
        uint32_t point;
        size_t size = ifm_utf8_decode(text.data + at, text.size - at, &point);
        point = size == 0 ? 0xFFFD : point;
        if (point < 0x80) {
            bool turns = upper ? point >= 'a' && point <= 'z' : point >= 'A' && point <= 'Z';
            point ^= turns ? 0x20u : 0;
        } else if (all != (locale_t)0) {
            point = (uint32_t)(upper ? towupper_l((wint_t)point, all) : towlower_l((wint_t)point, all));
        }
        append_utf8(out, point);
        at += size == 0 ? 1 : size;
    }
    if (all != (locale_t)0) {
        freelocale(all);
    }
}

static bool set_case(relabeller *work, const config_relabel *rule, model_text source)
{
    ifm_buf_clear(&work->text);
    config_change_case(&work->text, source, rule->action == CONFIG_RELABEL_UPPERCASE);
    return ifm_buf_check(&work->text, work->err) &&
           label_set(work, rule->target, (model_text){work->text.data, work->text.size});
}

/* Names as they are now: what is set meanwhile is not looked at. */
static bool labelmap(relabeller *work, const config_relabel *rule)
{
    const model_label *items = work->items;
    size_t count = work->count;
    model_label *before = ifm_bump_alloc_array(work->arena, count, sizeof *before);
    if (before == NULL) {
        return arena_failed(work);
    }
    if (count > 0) {
        memcpy(before, items, count * sizeof *before);
    }
    for (size_t i = 0; i < count; i++) {
        bool matched;
        model_text name;
        if (before[i].value.size == 0) {
            continue;
        }
        if (!expand(work, rule, before[i].name, rule->replacement, &name, &matched) ||
            (matched && name.size > 0 && !label_set(work, name, before[i].value))) {
            return false;
        }
    }
    return true;
}

static bool drop_names(relabeller *work, const config_relabel *rule)
{
    for (size_t i = 0; i < work->count; i++) {
        bool matched;
        if (!matches(work, rule, work->items[i].name, &matched)) {
            return false;
        }
        if (matched == (rule->action == CONFIG_RELABEL_LABELDROP)) {
            work->items[i].value.size = 0;
        }
    }
    return true;
}

static bool apply_rule(relabeller *work, const config_relabel *rule, bool *keep)
{
    model_text source;
    bool matched;
    if (!join_sources(work, rule, &source)) {
        return false;
    }
    switch (rule->action) {
    case CONFIG_RELABEL_KEEP:
    case CONFIG_RELABEL_DROP:
        if (!matches(work, rule, source, &matched)) {
            return false;
        }
        *keep = matched == (rule->action == CONFIG_RELABEL_KEEP);
        return true;
    case CONFIG_RELABEL_KEEP_EQUAL:
    case CONFIG_RELABEL_DROP_EQUAL:
        matched = model_text_equal(label_get(work, rule->target), source);
        *keep = matched == (rule->action == CONFIG_RELABEL_KEEP_EQUAL);
        return true;
    case CONFIG_RELABEL_REPLACE:
        return replace(work, rule, source);
    case CONFIG_RELABEL_HASHMOD:
        return hashmod(work, rule, source);
    case CONFIG_RELABEL_LOWERCASE:
    case CONFIG_RELABEL_UPPERCASE:
        return set_case(work, rule, source);
    case CONFIG_RELABEL_LABELMAP:
        return labelmap(work, rule);
    default:
        return drop_names(work, rule);
    }
}

static bool apply_all(relabeller *work, const config_relabels *relabels, model_labels labels, bool *keep)
{
    work->items = ifm_bump_alloc_array(work->arena, labels.count, sizeof *work->items);
    if (work->items == NULL) {
        return arena_failed(work);
    }
    if (labels.count > 0) {
        memcpy(work->items, labels.items, labels.count * sizeof *work->items);
    }
    work->count = labels.count;
    for (size_t i = 0; i < relabels->count && *keep; i++) {
        if (!apply_rule(work, &relabels->items[i], keep)) {
            return false;
        }
    }
    return true;
}

bool config_relabel_apply(const config_relabels *relabels, model_labels labels, ifm_bump *arena,
                          model_labels *out, bool *keep, ifm_error *err)
{
    *keep = true;
    if (relabels->count == 0) {
        *out = labels;
        return true;
    }
    relabeller work = {.arena = arena, .err = err};
    ifm_buf_init(&work.text, CONFIG_RELABEL_BYTES_MAX);
    bool ok = apply_all(&work, relabels, labels, keep);
    ifm_buf_deinit(&work.text);
    return ok && model_labels_make(work.items, work.count, out, err);
}
