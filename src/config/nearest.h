/* SPDX-License-Identifier: Apache-2.0
 *
 * The known key that a misspelt one was meant to be.
 */
#ifndef CONFIG_NEAREST_H
#define CONFIG_NEAREST_H

#include "model/model.h"

typedef struct config_nearest {
    model_text key;
    const char *name; /* NULL: none is near */
    size_t distance;  /* letters to insert, leave out, replace or swap */
} config_nearest;

void config_nearest_init(config_nearest *nearest, model_text key);
void config_nearest_try(config_nearest *nearest, const char *name);

#endif
