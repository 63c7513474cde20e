/* SPDX-License-Identifier: Apache-2.0 */
#include "config/nearest.h"

enum { NAME_MAX_SIZE = 63 };

void config_nearest_init(config_nearest *nearest, model_text key)
{
    /* A third of the letters may be wrong: more is another word. */
    *nearest = (config_nearest){.key = key, .distance = key.size / 3 + 1};
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Damerau and Levenshtein's distance, in three rows. */
static size_t distance_of(model_text a, model_text b)
{
    size_t rows[3][NAME_MAX_SIZE + 1];
    size_t *before = rows[0], *last = rows[1], *row = rows[2];
    for (size_t j = 0; j <= b.size; j++) {
        last[j] = j;
    }
    for (size_t i = 1; i <= a.size; i++) {
        row[0] = i;
        for (size_t j = 1; j <= b.size; j++) {
            size_t change = a.data[i - 1] == b.data[j - 1] ? 0 : 1;
            row[j] = least(least(last[j], row[j - 1]) + 1, last[j - 1] + change);
            if (i > 1 && j > 1 && a.data[i - 1] == b.data[j - 2] && a.data[i - 2] == b.data[j - 1]) {
                row[j] = least(row[j], before[j - 2] + 1);
            }
        }
        size_t *free_row = before;
        before = last;
        last = row;
        row = free_row;
    }
    return last[b.size];
}

void config_nearest_try(config_nearest *nearest, const char *name)
{
    const model_text known = model_text_of(name);
    if (nearest->key.size == 0 || nearest->key.size > NAME_MAX_SIZE || known.size > NAME_MAX_SIZE) {
        return;
    }
    size_t distance = distance_of(nearest->key, known);
    if (distance < nearest->distance) {
        nearest->distance = distance;
        nearest->name = name;
    }
}
