/* SPDX-License-Identifier: Apache-2.0 */
#include "load_openmetrics.h"

#include "exposition/parser.h"
#include "os/os.h"

enum { FILE_BYTES_MAX = 1024 * 1024 * 1024, LABELS_MAX = 64 };

typedef struct loader {
    promqltest_memory *memory;
    promqltest_memory_series *series; /* of the sample before */
    model_labels labels;              /* of it */
    ifm_bump arena;
} loader;

/* Into items[0..LABELS_MAX), sorted. */
static bool sample_labels(const ifm_entry *entry, model_label *items, model_labels *out, ifm_error *err)
{
    if (entry->label_count >= LABELS_MAX) {
        return ifm_error_set(err, IFM_LIMIT, "line %zu: a sample may have at most %d labels", entry->line,
                             LABELS_MAX - 1);
    }
    items[0] = (model_label){model_text_of(MODEL_NAME_LABEL), {entry->name.data, entry->name.size}};
    for (size_t i = 0; i < entry->label_count; i++) {
        const ifm_parsed_label *from = &entry->labels[i];
        items[i + 1] =
            (model_label){{from->name.data, from->name.size}, {from->value.data, from->value.size}};
    }
    return model_labels_make(items, entry->label_count + 1, out, err);
}

static bool load_sample(loader *to, const ifm_entry *entry, ifm_error *err)
{
    model_label items[LABELS_MAX];
    model_labels labels;
    if (!sample_labels(entry, items, &labels, err)) {
        return false;
    }
    if (!entry->time.present) {
        return ifm_error_set(err, IFM_INVALID, "line %zu: a sample without a time", entry->line);
    }
    if (to->series == NULL || !model_labels_equal(labels, to->labels)) {
        to->series = promqltest_memory_find(to->memory, labels, err);
        to->labels = model_labels_copy(labels, &to->arena);
        if (to->series == NULL || !ifm_bump_check(&to->arena, err)) {
            return false;
        }
    }
    const promqltest_sample sample = {.time_ms = entry->time.ms, .value = entry->value};
    return promqltest_memory_append(to->memory, to->series, &sample, err);
}

static bool load_text(loader *to, ifm_parser *parser, ifm_error *err)
{
    ifm_entry entry;
    while (ifm_parser_next(parser, &entry, err)) {
        if (entry.kind == IFM_ENTRY_END) {
            return true;
        }
        if (entry.kind == IFM_ENTRY_SAMPLE && !load_sample(to, &entry, err)) {
            return false;
        }
    }
    return false;
}

bool load_openmetrics(const char *path, promqltest_memory *memory, ifm_error *err)
{
    loader to = {.memory = memory};
    ifm_bump_init(&to.arena, FILE_BYTES_MAX);
    ifm_buf text;
    ifm_buf_init(&text, FILE_BYTES_MAX);
    ifm_parser *parser = ifm_parser_new(IFM_PARSE_OPENMETRICS, IFM_PARSE_LENIENT, err);
    bool ok = parser != NULL && ifm_os_read_file(path, &text, err);
    if (ok) {
        ifm_parser_start(parser, text.data == NULL ? "" : text.data, text.size);
        ok = load_text(&to, parser, err);
    }
    ifm_parser_free(parser);
    ifm_buf_deinit(&text);
    ifm_bump_deinit(&to.arena);
    return ok;
}
