/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/impl.h"

static char *put(char *at, model_text *text)
{
    if (text->size > 0) {
        memcpy(at, text->data, text->size);
    }
    text->data = at;
    at[text->size] = '\0';
    return at + text->size + 1;
}

model_labels rules_labels_pack(model_labels labels)
{
    size_t size = labels.count * sizeof *labels.items;
    for (size_t i = 0; i < labels.count; i++) {
        size += labels.items[i].name.size + labels.items[i].value.size + 2;
    }
    model_label *items = ifm_alloc(size);
    if (items == NULL) {
        return (model_labels){NULL, 0};
    }
    char *at = (char *)(items + labels.count);
    for (size_t i = 0; i < labels.count; i++) {
        items[i] = labels.items[i];
        at = put(at, &items[i].name);
        at = put(at, &items[i].value);
    }
    return (model_labels){items, labels.count};
}
