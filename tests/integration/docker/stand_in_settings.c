/* SPDX-License-Identifier: Apache-2.0 */
#include "stand_in_settings.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    CONFIG_BYTES = 64 << 10 /* Grafana's own sample.ini has 60 KiB; ours have less than one */
};

void stand_in_die(const char *format, ...)
{
    va_list arguments;
    fflush(stdout);
    fputs("Error: ", stderr);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    exit(1);
}

void stand_in_format(char *text, size_t size, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text, size, format, arguments);
    va_end(arguments);
    if (length < 0 || (size_t)length >= size) {
        stand_in_die("a text does not fit into %zu bytes: \"%s\"", size, text);
    }
}

bool stand_in_read_file(const char *path, char *text, size_t size)
{
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        return false;
    }
    size_t length = fread(text, 1, size, file);
    int number = ferror(file) ? EIO : length == size ? EFBIG : 0;
    fclose(file);
    if (number != 0) {
        errno = number;
        return false;
    }
    text[length] = '\0';
    return true;
}

/* Takes white space off both ends of a text of this length, and quotes; returns where it begins. */
static char *trim(char *text, size_t length)
{
    while (length > 0 && isspace((unsigned char)text[length - 1])) {
        length--;
    }
    text[length] = '\0';
    while (isspace((unsigned char)*text)) {
        text++;
        length--;
    }
    if (length >= 2 && (*text == '"' || *text == '\'') && text[length - 1] == *text) {
        text[length - 1] = '\0';
        text++;
    }
    return text;
}

static bool find_argument(const grafana_settings *all, const char *name, char *value, size_t size)
{
    size_t length = strlen(name);
    for (char **argument = all->arguments; *argument != NULL; argument++) {
        if (strncmp(*argument, name, length) == 0) {
            stand_in_format(value, size, "%s", *argument + length);
            return true;
        }
    }
    return false;
}

static bool find_environment(const char *section, const char *key, char *value, size_t size)
{
    char name[SETTING_BYTES];
    stand_in_format(name, sizeof name, "GF_%s_%s", section, key);
    for (char *c = name; *c != '\0'; c++) {
        *c = *c == '.' || *c == '-' ? '_' : (char)toupper((unsigned char)*c);
    }
    const char *found = getenv(name);
    if (found == NULL || *found == '\0') {
        return false;
    }
    stand_in_format(value, size, "%s", found);
    return true;
}

/* A line is a comment, [SECTION] or KEY = VALUE. Keys above the first section have the section "". */
static bool find_in_file(const char *path, const char *section, const char *key, char *value, size_t size)
{
    static char text[CONFIG_BYTES];
    bool inside = *section == '\0';
    bool found = false;
    if (!stand_in_read_file(path, text, sizeof text)) {
        stand_in_die("failed to parse \"%s\": %s", path, strerror(errno));
    }
    for (char *line = text, *next; *line != '\0'; line = next) {
        size_t length = strcspn(line, "\n");
        next = line + length + (line[length] == '\n');
        char *entry = trim(line, length);
        char *equals = strchr(entry, '=');
        if (*entry == '[') {
            entry[strcspn(entry, "]")] = '\0';
            inside = strcmp(entry + 1, section) == 0;
        } else if (inside && *entry != ';' && *entry != '#' && equals != NULL &&
                   strcmp(trim(entry, (size_t)(equals - entry)), key) == 0) {
            stand_in_format(value, size, "%s", trim(equals + 1, strlen(equals + 1)));
            found = true; /* the last one counts */
        }
    }
    return found;
}

static void expand_file(char *value, size_t size)
{
    static const char opening[] = "$__file{";
    size_t length = strlen(value);
    if (strncmp(value, opening, sizeof opening - 1) != 0 || value[length - 1] != '}') {
        return;
    }
    char path[SETTING_PATH_BYTES];
    char text[SETTING_BYTES];
    value[length - 1] = '\0';
    stand_in_format(path, sizeof path, "%s", value + sizeof opening - 1);
    if (!stand_in_read_file(path, text, sizeof text)) {
        stand_in_die("could not read \"%s\", which a setting names: %s", path, strerror(errno));
    }
    stand_in_format(value, size, "%s", trim(text, strlen(text)));
}

void settings_read(const grafana_settings *all, const char *section, const char *key, const char *fallback,
                   char *value, size_t size)
{
    char argument[SETTING_BYTES];
    char argument_default[SETTING_BYTES];
    stand_in_format(argument, sizeof argument, "cfg:%s.%s=", section, key);
    stand_in_format(argument_default, sizeof argument_default, "cfg:default.%s.%s=", section, key);
    if (!find_argument(all, argument, value, size) && !find_environment(section, key, value, size) &&
        !(all->config != NULL && find_in_file(all->config, section, key, value, size)) &&
        !find_argument(all, argument_default, value, size)) {
        stand_in_format(value, size, "%s", fallback);
    }
    expand_file(value, size);
}

bool settings_is_true(const grafana_settings *all, const char *section, const char *key)
{
    char value[SETTING_BYTES];
    settings_read(all, section, key, "false", value, sizeof value);
    return strcasecmp(value, "true") == 0 || strcmp(value, "1") == 0;
}
