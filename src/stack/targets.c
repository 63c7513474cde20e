/* SPDX-License-Identifier: Apache-2.0 */
#include "stack/targets.h"

#include "stack/stack.h"

#include <stdio.h>
#include <string.h>

enum { TARGET_BYTES_MAX = 1000 };

/* A target taken apart: borrowed parts of one text. */
typedef struct target_parts {
    bool https;
    const char *place; /* HOST:PORT */
    size_t place_size;
    const char *path; /* "" for /metrics */
} target_parts;

static bool is_port(const char *text, size_t size)
{
    uint32_t port = 0;
    for (size_t i = 0; i < size; i++) {
        if (text[i] < '0' || text[i] > '9' || port > 65535) {
            return false;
        }
        port = port * 10 + (uint32_t)(text[i] - '0');
    }
    return size > 0 && port >= 1 && port <= 65535;
}

/* A name, an IPv4 address, or an IPv6 address in brackets. What cannot be in any of them is refused;
 * whether it exists, Prometheus says. */
static bool is_host(const char *text, size_t size)
{
    bool bracketed = size > 2 && text[0] == '[' && text[size - 1] == ']';
    const char *more = bracketed ? ":%[]" : "";
    for (size_t i = 0; i < size; i++) {
        char c = text[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!letter && (c == '\0' || strchr("._-", c) == NULL) && (c == '\0' || strchr(more, c) == NULL)) {
            return false;
        }
    }
    return size > 0;
}

static bool parse(const char *text, target_parts *out)
{
    *out = (target_parts){.path = ""};
    const char *at = text;
    if (strncmp(at, "http://", 7) == 0) {
        at += 7;
    } else if (strncmp(at, "https://", 8) == 0) {
        at += 8;
        out->https = true;
    }
    size_t size = strcspn(at, "/?#");
    const char *colon = NULL;
    for (size_t i = 0; i < size; i++) {
        colon = at[i] == ':' ? at + i : colon;
    }
    if (colon == NULL || at[size] == '?' || at[size] == '#' || strlen(text) > TARGET_BYTES_MAX) {
        return false;
    }
    out->place = at;
    out->place_size = size;
    bool usual = strcmp(at + size, "/") == 0 || strcmp(at + size, "/metrics") == 0;
    out->path = usual ? "" : at + size;
    return is_host(at, (size_t)(colon - at)) && is_port(colon + 1, size - (size_t)(colon + 1 - at)) &&
           strpbrk(out->path, "?#") == NULL;
}

static void render(const target_parts *target, ifm_buf *out)
{
    ifm_buf_printf(out, "{\"targets\": [\"%.*s\"]", (int)target->place_size, target->place);
    bool path = target->path[0] != '\0';
    if (path || target->https) {
        ifm_buf_printf(out, ", \"labels\": {%s%s", target->https ? "\"__scheme__\": \"https\"" : "",
                       path && target->https ? ", " : "");
        if (path) {
            ifm_buf_append_text(out, "\"__metrics_path__\": ");
            ifm_buf_append_json(out, target->path);
        }
        ifm_buf_append_char(out, '}');
    }
    ifm_buf_append_char(out, '}');
}

/* Prometheus makes one target of two that are the same: whoever waits for as many as are in the file would
 * wait in vain. */
static bool is_repeated(const char *const *targets, size_t count, const target_parts *target)
{
    for (size_t i = 0; i < count; i++) {
        target_parts other;
        if (parse(targets[i], &other) && other.https == target->https &&
            other.place_size == target->place_size &&
            memcmp(other.place, target->place, other.place_size) == 0 &&
            strcmp(other.path, target->path) == 0) {
            return true;
        }
    }
    return false;
}

bool stack_targets_render(const char *const *targets, size_t count, ifm_buf *out, ifm_error *err)
{
    if (count > STACK_TARGETS_MAX) {
        return ifm_error_set(err, IFM_LIMIT, "there are %zu targets; the most is %d", count,
                             STACK_TARGETS_MAX);
    }
    ifm_buf_append_char(out, '[');
    for (size_t i = 0; i < count; i++) {
        target_parts target;
        if (!parse(targets[i], &target)) {
            return ifm_error_set(
                err, IFM_INVALID,
                "\"%.100s\" is no target; hint: give it as HOST:PORT, or as the URL of its metrics",
                targets[i]);
        }
        if (!is_repeated(targets, i, &target)) {
            ifm_buf_append_text(out, i > 0 ? ",\n " : "");
            render(&target, out);
        }
    }
    ifm_buf_append_text(out, "]\n");
    return ifm_buf_check(out, err);
}
