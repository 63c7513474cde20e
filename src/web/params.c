/* SPDX-License-Identifier: Apache-2.0 */
#include "web/params.h"

#include "web/limits.h"

#include <strings.h>

static int hex_value(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    char low = (char)(c | 0x20);
    return low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

/* Decodes %XX, and a plus where it stands for a space. False when an escape is none. */
static bool decode(model_text text, bool plus_is_space, char *out, size_t *out_size)
{
    size_t size = 0;
    for (size_t i = 0; i < text.size; i++) {
        char c = text.data[i];
        if (c == '%') {
            int high = i + 2 < text.size ? hex_value(text.data[i + 1]) : -1;
            int low = high >= 0 ? hex_value(text.data[i + 2]) : -1;
            if (low < 0) {
                return false;
            }
            c = (char)(high << 4 | low);
            i += 2;
        } else if (c == '+' && plus_is_space) {
            c = ' ';
        }
        out[size++] = c;
    }
    *out_size = size;
    return true;
}

/* False with IFM_NOMEM or IFM_LIMIT; *ok says whether it could be decoded. */
static bool decode_text(model_text text, bool plus_is_space, ifm_bump *arena, model_text *out, bool *ok)
{
    char *bytes = ifm_bump_alloc(arena, text.size + 1);
    if (bytes == NULL) {
        return false;
    }
    out->data = bytes;
    *ok = decode(text, plus_is_space, bytes, &out->size);
    return true;
}

/* A server must take "http://HOST/PATH" too, which proxies send: RFC 9112, 3.2.2. */
static const char *target_path(const char *target)
{
    static const char *const schemes[] = {"http://", "https://"};
    for (size_t i = 0; i < IFM_COUNT_OF(schemes); i++) {
        size_t size = strlen(schemes[i]);
        if (strncasecmp(target, schemes[i], size) == 0) {
            const char *path = strchr(target + size, '/');
            return path == NULL ? "/" : path;
        }
    }
    return target;
}

bool web_target_split(const char *target, ifm_bump *arena, model_text *path, model_text *query,
                      ifm_error *err)
{
    const char *from = target_path(target);
    size_t size = strcspn(from, "?#");
    bool ok = false;
    *query = (model_text){"", 0};
    if (from[size] == '?') {
        *query = (model_text){from + size + 1, strcspn(from + size + 1, "#")};
    }
    if (size > WEB_PATH_BYTES_MAX) {
        return ifm_error_set(err, IFM_LIMIT, "the path has more than %d bytes", WEB_PATH_BYTES_MAX);
    }
    if (!decode_text((model_text){from, size}, false, arena, path, &ok)) {
        return ifm_bump_check(arena, err);
    }
    if (!ok || !ifm_utf8_valid(path->data, path->size) || memchr(path->data, '\0', path->size) != NULL) {
        return ifm_error_set(err, IFM_INVALID, "the path is no text in percent-encoded UTF-8");
    }
    return true;
}

static bool param_add(web_params *params, model_text pair, ifm_bump *arena, ifm_error *err)
{
    const char *equals = memchr(pair.data, '=', pair.size);
    size_t name_size = equals == NULL ? pair.size : (size_t)(equals - pair.data);
    model_text name = {pair.data, name_size};
    model_text value = {"", 0};
    if (equals != NULL) {
        value = (model_text){equals + 1, pair.size - name_size - 1};
    }
    if (params->count == WEB_PARAMS_MAX) {
        return ifm_error_set(err, IFM_LIMIT, "the request has more than %d parameters", WEB_PARAMS_MAX);
    }
    bool name_ok = false;
    bool value_ok = false;
    web_param *items = ifm_bump_grow(arena, params->items, params->count, sizeof *items);
    if (items == NULL) {
        return ifm_bump_check(arena, err);
    }
    params->items = items;
    web_param *param = &items[params->count];
    if (!decode_text(name, true, arena, &param->name, &name_ok) ||
        !decode_text(value, true, arena, &param->value, &value_ok)) {
        return ifm_bump_check(arena, err);
    }
    if (!name_ok || !value_ok) {
        *param = (web_param){{NULL, 0}, {NULL, 0}};
        return true;
    }
    if (!ifm_utf8_valid(param->name.data, param->name.size) ||
        !ifm_utf8_valid(param->value.data, param->value.size)) {
        return ifm_error_set(err, IFM_INVALID, "a parameter is not valid UTF-8");
    }
    params->count++;
    return true;
}

bool web_params_add(web_params *params, model_text form, ifm_bump *arena, ifm_error *err)
{
    for (size_t at = 0; at < form.size;) {
        const char *from = form.data + at;
        const char *end = memchr(from, '&', form.size - at);
        size_t size = end == NULL ? form.size - at : (size_t)(end - from);
        /* Go refuses a semicolon, which once separated pairs, too. */
        if (size > 0 && memchr(from, ';', size) == NULL &&
            !param_add(params, (model_text){from, size}, arena, err)) {
            return false;
        }
        at += size + 1;
    }
    return true;
}

static bool name_is(const web_param *param, const char *name)
{
    return model_text_equal(param->name, model_text_of(name));
}

bool web_param_has(const web_params *params, const char *name)
{
    for (size_t i = 0; i < params->count; i++) {
        if (name_is(&params->items[i], name)) {
            return true;
        }
    }
    return false;
}

model_text web_param_get(const web_params *params, const char *name)
{
    for (size_t i = 0; i < params->count; i++) {
        if (name_is(&params->items[i], name)) {
            return params->items[i].value;
        }
    }
    return (model_text){"", 0};
}

const model_text *web_param_all(const web_params *params, const char *name, ifm_bump *arena, size_t *count)
{
    model_text *values = ifm_bump_alloc_array(arena, params->count, sizeof *values);
    *count = 0;
    for (size_t i = 0; values != NULL && i < params->count; i++) {
        if (name_is(&params->items[i], name)) {
            values[(*count)++] = params->items[i].value;
        }
    }
    return values;
}
