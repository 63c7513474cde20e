/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as a configuration: what is taken prints a text that is taken again and prints the same, and its
 * rules relabel; what is refused has a sentence.
 */
#include "config/config.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ARENA_MAX = 16 << 20 };

static void relabel(const config_relabels *relabels)
{
    const model_label items[] = {{model_text_of("__address__"), model_text_of("localhost:9090")},
                                 {model_text_of("__meta_a"), model_text_of("\xff\xc3\xa4")},
                                 {model_text_of("a"), model_text_of("b")},
                                 {model_text_of("job"), model_text_of("x")}};
    ifm_bump arena;
    ifm_bump_init(&arena, ARENA_MAX);
    model_labels out = {0};
    bool keep = false;
    ifm_error err = {.code = IFM_OK};
    bool ok =
        config_relabel_apply(relabels, (model_labels){items, IFM_COUNT_OF(items)}, &arena, &out, &keep, &err);
    if (!ok && err.code == IFM_OK) {
        abort();
    }
    for (size_t i = 1; ok && i < out.count; i++) {
        if (model_text_compare(out.items[i - 1].name, out.items[i].name) >= 0) {
            abort();
        }
    }
    ifm_bump_deinit(&arena);
}

/* "$" in the text would be expanded again, and texts that were URLs before secrets went may be none. */
static bool prints_faithfully(const char *text)
{
    return strchr(text, '$') == NULL && strstr(text, "<secret>") == NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ifm_error err = {.code = IFM_OK};
    const config_file *config = config_parse((const char *)data, size, "a.yml", &err);
    if (config == NULL) {
        if (err.code == IFM_OK || err.message[0] == '\0') {
            abort();
        }
        return 0;
    }
    for (size_t i = 0; i < config->scrape_count; i++) {
        relabel(&config->scrapes[i].relabels);
        relabel(&config->scrapes[i].metric_relabels);
    }
    if (prints_faithfully(config->text)) {
        const config_file *again = config_parse(config->text, strlen(config->text), "a.yml", &err);
        if (again == NULL || strcmp(again->text, config->text) != 0) {
            abort();
        }
        config_release(again);
    }
    config_release(config);
    return 0;
}
