/* SPDX-License-Identifier: Apache-2.0 */
#include "config/environment.h"

#include "config/limits.h"

#include <stdlib.h>

static bool is_special(char c)
{
    return c != '\0' && (strchr("*#$@!?-", c) != NULL || (c >= '0' && c <= '9'));
}

static bool is_name(char c)
{
    return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* The name in the text behind a "$", and how many bytes it is with its braces. Empty with a width: wrong
 * syntax, which goes away; empty without: the "$" stays. */
static model_text name_of(model_text text, size_t *width)
{
    if (text.data[0] == '{') {
        const char *end = memchr(text.data, '}', text.size);
        *width = end == NULL ? 1 : (size_t)(end - text.data) + 1;
        return (model_text){text.data + 1, end == NULL ? 0 : *width - 2};
    }
    if (is_special(text.data[0])) {
        *width = 1;
        return (model_text){text.data, 1};
    }
    size_t size = 0;
    while (size < text.size && is_name(text.data[size])) {
        size++;
    }
    *width = size;
    return (model_text){text.data, size};
}

static void append_variable(ifm_buf *out, model_text name)
{
    if (model_text_equal(name, model_text_of("$"))) {
        ifm_buf_append_char(out, '$');
        return;
    }
    char text[256] = "";
    if (name.size > 0 && name.size < sizeof text) {
        memcpy(text, name.data, name.size);
        const char *value = getenv(text);
        ifm_buf_append_text(out, value == NULL ? "" : value);
    }
}

bool config_environment_expand(model_text text, ifm_bump *arena, model_text *out, ifm_error *err)
{
    ifm_buf expanded;
    ifm_buf_init(&expanded, CONFIG_RELABEL_BYTES_MAX);
    for (size_t i = 0; i < text.size; i++) {
        size_t width = 0;
        if (text.data[i] != '$' || i + 1 == text.size) {
            ifm_buf_append_char(&expanded, text.data[i]);
            continue;
        }
        const model_text name = name_of((model_text){text.data + i + 1, text.size - i - 1}, &width);
        if (width == 0) {
            ifm_buf_append_char(&expanded, '$');
        } else {
            append_variable(&expanded, name);
        }
        i += width;
    }
    bool ok = ifm_buf_check(&expanded, err);
    if (ok) {
        *out = (model_text){ifm_bump_copy(arena, expanded.data == NULL ? "" : expanded.data, expanded.size),
                            expanded.size};
        ok = ifm_bump_check(arena, err);
    }
    ifm_buf_deinit(&expanded);
    return ok;
}
