/* SPDX-License-Identifier: Apache-2.0 */
#include "config/reader.h"

#include <inttypes.h>

static const char secret[] = "<secret>";

void config_print_indent(int indent, ifm_buf *out)
{
    for (int i = 0; i < indent; i++) {
        ifm_buf_append_char(out, ' ');
    }
}

void config_print_name(const char *name, int indent, ifm_buf *out)
{
    config_print_indent(indent, out);
    ifm_buf_append_text(out, name);
    ifm_buf_append_text(out, ":\n");
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Whether YAML would take the text, without quotes, for something else than a text. */
static bool looks_special(model_text text)
{
    static const char *const words[] = {"null", "true", "false", "yes",  "no",    "on",    "off", "y",   "n",
                                        "Null", "NULL", "True",  "TRUE", "False", "FALSE", "Yes", "YES", "No",
                                        "NO",   "On",   "ON",    "Off",  "OFF",   "Y",     "N"};
    for (size_t i = 0; i < IFM_COUNT_OF(words); i++) {
        if (model_text_equal(text, model_text_of(words[i]))) {
            return true;
        }
    }
    return false;
}

static bool needs_quotes(model_text text)
{
    static const char begins[] = "_/($.;^\\+<", inside[] = "_/($.;^\\+<>)|*?-=:%@ ,[]{}~!&";
    if (text.size == 0 || looks_special(text) || text.data[text.size - 1] == ':' ||
        text.data[text.size - 1] == ' ') {
        return true;
    }
    /* Numbers and times begin with a digit, a sign or a point: they are texts when a letter comes first. */
    if (!is_letter(text.data[0]) && strchr(begins, text.data[0]) == NULL) {
        return true;
    }
    if ((text.data[0] == '.' || text.data[0] == '+') && text.size > 1 && text.data[1] != '*') {
        return true;
    }
    for (size_t i = 1; i < text.size; i++) {
        char c = text.data[i];
        bool digit = c >= '0' && c <= '9';
        if (c == '\0' || (!is_letter(c) && !digit && strchr(inside, c) == NULL) ||
            (c == ':' && text.data[i + 1] == ' ')) {
            return true;
        }
    }
    return false;
}

/* In double quotes, with YAML's escapes; UTF-8 as it is. */
static void print_quoted(model_text text, ifm_buf *out)
{
    ifm_buf_append_char(out, '"');
    for (size_t i = 0; i < text.size; i++) {
        unsigned char c = (unsigned char)text.data[i];
        if (c == '"' || c == '\\') {
            ifm_buf_append_char(out, '\\');
            ifm_buf_append_char(out, (char)c);
        } else if (c == '\n') {
            ifm_buf_append_text(out, "\\n");
        } else if (c < 0x20 || c == 0x7F) {
            ifm_buf_printf(out, "\\x%02X", c);
        } else {
            ifm_buf_append_char(out, (char)c);
        }
    }
    ifm_buf_append_char(out, '"');
}

/* A time to live, an address: digits with letters are no number to YAML, those of durations and such. */
static bool is_duration(model_text text)
{
    int64_t ms;
    return text.size > 1 && config_duration(text, &ms);
}

void config_print_text(model_text text, ifm_buf *out)
{
    if (needs_quotes(text) && !is_duration(text)) {
        print_quoted(text, out);
    } else {
        ifm_buf_append(out, text.data, text.size);
    }
}

void config_print_labels(const char *name, model_labels labels, int indent, ifm_buf *out)
{
    if (labels.count == 0) {
        return;
    }
    config_print_name(name, indent, out);
    for (size_t i = 0; i < labels.count; i++) {
        config_print_indent(indent + 2, out);
        config_print_text(labels.items[i].name, out);
        ifm_buf_append_text(out, ": ");
        config_print_text(labels.items[i].value, out);
        ifm_buf_append_char(out, '\n');
    }
}

void config_print_size(uint64_t bytes, ifm_buf *out)
{
    static const char *const names[] = {"EiB", "PiB", "TiB", "GiB", "MiB", "KiB", "B"};
    if (bytes == 0) {
        ifm_buf_append_text(out, "0B");
    }
    for (size_t i = 0; i < IFM_COUNT_OF(names); i++) {
        uint64_t unit = UINT64_C(1) << (10 * (IFM_COUNT_OF(names) - 1 - i));
        if (bytes >= unit) {
            ifm_buf_printf(out, "%" PRIu64 "%s", bytes / unit, names[i]);
            bytes %= unit;
        }
    }
}

/* Without the password that may stand in it, also where it keeps the text from being a URL. */
static void print_url(const char *url, ifm_buf *out)
{
    int scheme;
    const char *end = http_url_without_user(url, &scheme);
    const char *user = url + scheme;
    const char *colon = end == user ? NULL : memchr(user, ':', (size_t)(end - user));
    if (colon == NULL) {
        config_print_text(model_text_of(url), out);
        return;
    }
    end--; /* at the "@" */
    ifm_buf whole;
    ifm_buf_init(&whole, strlen(url) + sizeof secret + 1);
    ifm_buf_append(&whole, url, (size_t)(colon + 1 - url));
    ifm_buf_append_text(&whole, secret);
    ifm_buf_append_text(&whole, end);
    ifm_buf_append_char(&whole, '\0');
    if (whole.failed == IFM_OK) {
        config_print_text((model_text){whole.data, whole.size - 1}, out);
    } else {
        out->failed = whole.failed;
    }
    ifm_buf_deinit(&whole);
}

/* "" for a value that is zero and not shown. */
static void print_scalar(const config_field *field, const void *at, ifm_buf *out)
{
    char number[IFM_NUMBER_SIZE];
    const char *text;
    bool shown = field->shown;
    switch (field->kind) {
    case CONFIG_KIND_SECRET:
        ifm_buf_append_text(out, *(char *const *)at != NULL ? secret : "");
        break;
    case CONFIG_KIND_TEXT:
    case CONFIG_KIND_PATH:
        text = *(char *const *)at;
        if (text != NULL && (text[0] != '\0' || shown)) {
            config_print_text(model_text_of(text), out);
        }
        break;
    case CONFIG_KIND_URL:
        if (*(char *const *)at != NULL) {
            print_url(*(char *const *)at, out);
        }
        break;
    case CONFIG_KIND_MODEL_TEXT:
        if (((const model_text *)at)->size > 0 || shown) {
            config_print_text(*(const model_text *)at, out);
        }
        break;
    case CONFIG_KIND_BOOL:
        ifm_buf_append_text(out, *(const bool *)at ? "true" : shown ? "false" : "");
        break;
    case CONFIG_KIND_NOT_BOOL:
        ifm_buf_append_text(out, *(const bool *)at ? "false" : shown ? "true" : "");
        break;
    case CONFIG_KIND_UINT:
        if (*(const uint64_t *)at > 0 || shown) {
            ifm_buf_append(out, number, ifm_number_write_u64(number, *(const uint64_t *)at));
        }
        break;
    case CONFIG_KIND_SIZE:
        if (*(const uint64_t *)at > 0 || shown) {
            config_print_size(*(const uint64_t *)at, out);
        }
        break;
    case CONFIG_KIND_DOUBLE:
        if (*(const double *)at != 0 || shown) {
            ifm_buf_append(out, number, ifm_number_write_g(number, *(const double *)at));
        }
        break;
    default: /* CONFIG_KIND_DURATION */
        if (*(const int64_t *)at > 0 || shown) {
            config_duration_print(*(const int64_t *)at, out);
        }
        break;
    }
}

static void print_section(const config_field *field, const void *at, int indent, ifm_buf *out)
{
    size_t before = out->size;
    config_print_name(field->name, indent, out);
    size_t inside = out->size;
    config_print(field->schema, at, indent + 2, out);
    if (out->size == inside && out->failed == IFM_OK) {
        out->size = before; /* nothing in it */
    }
}

static void print_field(const config_field *field, const char *base, int indent, ifm_buf *out)
{
    const void *at = base + field->offset;
    size_t before = out->size, inside, count;
    if (field->hidden) {
        return;
    }
    switch (field->kind) {
    case CONFIG_KIND_INLINE:
        config_print(field->schema, at, indent, out);
        return;
    case CONFIG_KIND_SECTION:
        print_section(field, at, indent, out);
        return;
    case CONFIG_KIND_LIST:
        count = *(const size_t *)(const void *)(base + field->count_offset);
        if (count > 0) {
            config_print_name(field->name, indent, out);
            config_print_list(field->schema, *(void *const *)at, count, indent, out);
        }
        return;
    case CONFIG_KIND_CUSTOM:
        if (field->print != NULL) {
            field->print(field, at, indent, out);
        }
        return;
    case CONFIG_KIND_FIXED:
    case CONFIG_KIND_UNSUPPORTED:
        return;
    default:
        config_print_indent(indent, out);
        ifm_buf_append_text(out, field->name);
        ifm_buf_append_text(out, ": ");
        inside = out->size;
        print_scalar(field, at, out);
        ifm_buf_append_char(out, '\n');
        if (out->size == inside + 1 && out->failed == IFM_OK) {
            out->size = before;
        }
        return;
    }
}

void config_print(const config_schema *schema, const void *base, int indent, ifm_buf *out)
{
    for (const config_field *field = schema->fields; field->name != NULL || field->kind == CONFIG_KIND_INLINE;
         field++) {
        print_field(field, base, indent, out);
    }
}

void config_print_list(const config_schema *schema, const void *items, size_t count, int indent, ifm_buf *out)
{
    for (size_t i = 0; i < count; i++) {
        size_t before = out->size;
        config_print(schema, (const char *)items + i * schema->size, indent + 2, out);
        if (out->failed == IFM_OK && out->size > before) {
            out->data[before + (size_t)indent] = '-'; /* of the two blanks before the first key */
        } else {
            config_print_indent(indent, out);
            ifm_buf_append_text(out, "- {}\n");
        }
    }
}
