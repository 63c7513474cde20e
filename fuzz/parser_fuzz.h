/* SPDX-License-Identifier: Apache-2.0
 *
 * What both parser targets check: the entries keep what parser.h promises, the whole text is walked, and what
 * is taken strictly is taken leniently too, with as many entries.
 */
#ifndef IFM_FUZZ_PARSER_FUZZ_H
#define IFM_FUZZ_PARSER_FUZZ_H

#include "exposition/exposition.h"

#include <inferometer/registry.h>
#include <stdlib.h>

static inline void fuzz_require(bool condition)
{
    if (!condition) {
        abort();
    }
}

static inline void fuzz_text(ifm_text text)
{
    fuzz_require(ifm_utf8_valid(text.data, text.size)); /* P1 */
}

static inline void fuzz_labels(const ifm_parsed_label *labels, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        fuzz_text(labels[i].name);
        fuzz_text(labels[i].value);
        fuzz_require(labels[i].name.size > 0);
    }
}

static inline void fuzz_entry(const ifm_entry *entry, size_t size)
{
    fuzz_require(entry->offset <= size && entry->line >= 1);
    if (entry->kind == IFM_ENTRY_SAMPLE) {
        fuzz_require(entry->name.size > 0);
        fuzz_labels(entry->labels, entry->label_count);
        fuzz_labels(entry->exemplar.labels, entry->exemplar.label_count);
    }
    if (entry->kind != IFM_ENTRY_COMMENT && entry->kind != IFM_ENTRY_END) {
        fuzz_text(entry->name);
        if (entry->text.size > 0) {
            fuzz_text(entry->text);
        }
    }
}

/* The number of entries, 0 when the text is refused. */
static inline size_t fuzz_parse(ifm_parse_format format, ifm_parse_mode mode, const char *text, size_t size)
{
    ifm_error err = {.code = IFM_OK};
    ifm_entry entry = {.kind = IFM_ENTRY_COMMENT};
    ifm_parser *parser = ifm_parser_new(format, mode, &err);
    size_t count = 0;
    fuzz_require(parser != NULL);
    ifm_parser_start(parser, text, size);
    while (err.code == IFM_OK && entry.kind != IFM_ENTRY_END) {
        bool ok = ifm_parser_next(parser, &entry, &err);
        fuzz_require(ok == (err.code == IFM_OK));
        fuzz_require(ok || (err.offset <= size && ifm_utf8_valid(err.message, strlen(err.message))));
        if (ok) {
            fuzz_entry(&entry, size);
            count++;
        }
    }
    ifm_parser_free(parser);
    return err.code == IFM_OK ? count : 0;
}

static inline bool fuzz_parse_both(ifm_parse_format format, const char *text, size_t size)
{
    size_t strict = fuzz_parse(format, IFM_PARSE_STRICT, text, size);
    size_t lenient = fuzz_parse(format, IFM_PARSE_LENIENT, text, size);
    fuzz_require(strict == 0 || strict == lenient);
    return strict > 0;
}

#endif
