/* SPDX-License-Identifier: Apache-2.0
 *
 * Settings as Grafana finds them. For SECTION and KEY the first of these that is there:
 *
 *     an argument       cfg:SECTION.KEY=VALUE
 *     the environment   GF_SECTION_KEY, in capitals, a dot in SECTION as "_"
 *     the file          KEY = VALUE below [SECTION]
 *     an argument       cfg:default.SECTION.KEY=VALUE
 *     the default
 *
 * and in its value $__file{PATH} is what that file holds. Note what is not there: GF_SECTION_KEY__FILE means
 * something to the start script of the image only, not to the program.
 */
#ifndef IFM_STAND_IN_SETTINGS_H
#define IFM_STAND_IN_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>

enum { SETTING_BYTES = 512, SETTING_PATH_BYTES = 1024 };

typedef struct grafana_settings {
    const char *home;   /* --homepath */
    const char *config; /* --config, NULL without one */
    char **arguments;   /* ends with NULL; those that are not cfg: are passed over */
} grafana_settings;

/* Writes the value, at most size - 1 bytes of it. Ends the program when $__file{PATH} cannot be read. */
void settings_read(const grafana_settings *all, const char *section, const char *key, const char *fallback,
                   char *value, size_t size);

bool settings_is_true(const grafana_settings *all, const char *section, const char *key);

/* Prints "Error: MESSAGE" to stderr and exits with 1. */
void stand_in_die(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

/* snprintf for texts that must not be cut: ends the program when they do not fit. */
void stand_in_format(char *text, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Reads a file of at most size - 1 bytes and ends it with 0. Returns false with errno set. */
bool stand_in_read_file(const char *path, char *text, size_t size);

#endif
