/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"
#include "exposition/exposition.h"
#include "metrics/registry.h"

#include <inferometer/registry.h>
#include <string.h>

static bool texts_same(ifm_text a, ifm_text b)
{
    return a.size == b.size && memcmp(a.data, b.data, a.size) == 0;
}

static bool entry_has_label(const ifm_entry *entry, const ifm_parsed_label *label)
{
    for (size_t i = 0; i < entry->label_count; i++) {
        if (texts_same(entry->labels[i].name, label->name)) {
            return texts_same(entry->labels[i].value, label->value);
        }
    }
    return false;
}

static bool entries_same(const ifm_entry *a, const ifm_entry *b)
{
    if (!texts_same(a->name, b->name) || a->label_count != b->label_count) {
        return false;
    }
    for (size_t i = 0; i < a->label_count; i++) {
        if (!entry_has_label(b, &a->labels[i])) {
            return false;
        }
    }
    return true;
}

/* Reads "NAME{LABELS}" as a sample with some value. The entry borrows from `parser` and `line`. */
static bool sample_parse(ifm_parser *parser, ifm_buf *line, const char *sample, ifm_entry *entry,
                         ifm_error *err)
{
    ifm_buf_printf(line, "%s 0\n", sample);
    if (!ifm_buf_check(line, err)) {
        return false;
    }
    ifm_parser_start(parser, line->data, line->size);
    if (!ifm_parser_next(parser, entry, err)) {
        return ifm_error_wrap(err, "cannot look up sample \"%.80s\"", sample);
    }
    if (entry->kind != IFM_ENTRY_SAMPLE || entry->time.present || strchr(sample, '\n') != NULL) {
        return ifm_error_set(err, IFM_INVALID, "cannot look up sample \"%.80s\": it is no name with labels",
                             sample);
    }
    return true;
}

static bool sample_search(ifm_parser *parser, const char *document, size_t size, const ifm_entry *wanted,
                          double *out, ifm_error *err)
{
    ifm_entry entry;
    ifm_parser_start(parser, document, size);
    do {
        if (!ifm_parser_next(parser, &entry, err)) {
            return false;
        }
        if (entry.kind == IFM_ENTRY_SAMPLE && entries_same(&entry, wanted)) {
            *out = entry.value;
            return true;
        }
    } while (entry.kind != IFM_ENTRY_END);
    return ifm_error_set(err, IFM_NOT_FOUND, "there is no such sample");
}

bool ifm_registry_sample(ifm_registry *registry, const char *sample, double *out, ifm_error *err)
{
    static const ifm_expose_options options = {
        .format = IFM_FORMAT_TEXT_1_0_0,
        .escaping = IFM_ESCAPING_ALLOW_UTF8,
    };
    char *document = NULL;
    size_t size = 0;
    ifm_entry wanted;
    ifm_buf line;
    ifm_buf_init(&line, 1 << 20);
    ifm_parser *query = ifm_parser_new(IFM_PARSE_TEXT, IFM_PARSE_STRICT, err);
    ifm_parser *parser = query == NULL ? NULL : ifm_parser_new(IFM_PARSE_TEXT, IFM_PARSE_STRICT, err);
    bool done = parser != NULL && sample_parse(query, &line, sample, &wanted, err) &&
                ifm_registry_expose(registry, &options, &document, &size, err) &&
                sample_search(parser, document, size, &wanted, out, err);
    if (!done && err->code == IFM_NOT_FOUND) {
        ifm_error_set(err, IFM_NOT_FOUND, "cannot find sample \"%.120s\": the registry does not expose it",
                      sample);
    }
    ifm_free(document);
    ifm_parser_free(parser);
    ifm_parser_free(query);
    ifm_buf_deinit(&line);
    return done;
}
