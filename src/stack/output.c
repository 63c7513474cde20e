/* SPDX-License-Identifier: Apache-2.0 */
#include "stack/output.h"

#include "base/base.h"

#include <string.h>

/* A line of somebody else's text. */
typedef struct output_line {
    const char *text;
    size_t size;
} output_line;

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* The line at `text`, without the blanks around it. */
static output_line line_at(const char *text)
{
    size_t size = strcspn(text, "\n");
    while (size > 0 && is_blank(text[size - 1])) {
        size--;
    }
    while (size > 0 && is_blank(*text)) {
        text++;
        size--;
    }
    return (output_line){text, size};
}

static const char *next_line(const char *text)
{
    text += strcspn(text, "\n");
    return *text == '\0' ? text : text + 1;
}

/* Docker's and podman's tools end many a message with where to read on. */
static bool is_pointer_to_help(output_line line)
{
    static const char *const beginnings[] = {"See 'docker", "Run 'docker", "Try 'podman", "See 'podman",
                                             "For more help on how to use Docker"};
    for (size_t i = 0; i < IFM_COUNT_OF(beginnings); i++) {
        size_t size = strlen(beginnings[i]);
        if (line.size >= size && memcmp(line.text, beginnings[i], size) == 0) {
            return true;
        }
    }
    return false;
}

/* Copies what is printable; what is cut is cut at a character. */
static const char *line_copy(output_line line, char *out, size_t size)
{
    size_t length = 0;
    for (size_t at = 0; at < line.size;) {
        uint32_t point;
        size_t step = ifm_utf8_decode(line.text + at, line.size - at, &point);
        bool ok = step > 0 && point >= ' ' && point != 0x7F;
        if (length + (ok ? step : 1) >= size) {
            break;
        }
        memcpy(out + length, ok ? line.text + at : "?", ok ? step : 1);
        length += ok ? step : 1;
        at += step > 0 ? step : 1;
    }
    out[length] = '\0';
    return out;
}

const char *stack_output_last_line(const char *text, char *out, size_t size)
{
    output_line last = {text, 0};
    for (; *text != '\0'; text = next_line(text)) {
        output_line line = line_at(text);
        if (line.size > 0 && !is_pointer_to_help(line)) {
            last = line;
        }
    }
    return line_copy(last, out, size);
}

const char *stack_output_line_with(const char *text, const char *part, char *out, size_t size)
{
    const char *found = strcasestr(text, part);
    if (found == NULL) {
        return NULL;
    }
    while (found > text && found[-1] != '\n') {
        found--;
    }
    return line_copy(line_at(found), out, size);
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Where a version begins at `text`, without its "v"; NULL when none does. */
static const char *version_at(const char *text)
{
    text += *text == 'v' ? 1 : 0;
    return is_digit(*text) ? text : NULL;
}

bool stack_output_version(const char *text, char *out, size_t size)
{
    static const char word[] = "version ";
    const char *version = version_at(text + strspn(text, " \t\r\n"));
    for (const char *at = text; version == NULL;) {
        at = strcasestr(at, word);
        if (at == NULL) {
            break;
        }
        at += sizeof word - 1;
        version = version_at(at + strspn(at, " "));
    }
    *out = '\0';
    if (version != NULL) {
        line_copy((output_line){version, strcspn(version, " \t\r\n,()")}, out, size);
    }
    return version != NULL;
}
