/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as target groups, in YAML and in JSON: what is taken has targets of valid UTF-8, what is refused
 * has a sentence.
 */
#include "config/config.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void parse(const uint8_t *data, size_t size, const char *source)
{
    ifm_bump arena;
    ifm_error err = {.code = IFM_OK};
    const config_target_group *groups = NULL;
    size_t count = 0;
    ifm_bump_init(&arena, 64 << 20);
    if (!config_target_groups_parse((const char *)data, size, source, &arena, &groups, &count, &err)) {
        if (err.code == IFM_OK || err.message[0] == '\0') {
            abort();
        }
        count = 0;
    }
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < groups[i].target_count; j++) {
            if (!ifm_utf8_valid(groups[i].targets[j].data, groups[i].targets[j].size)) {
                abort();
            }
        }
    }
    ifm_bump_deinit(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    parse(data, size, "a.yml");
    parse(data, size, "a.json");
    return 0;
}
