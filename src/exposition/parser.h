/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads text 0.0.4 (and 1.0.0: names in quotes) and OpenMetrics 1.0, line by line, from one block of memory.
 * This is the level of single lines: it says what stands there, and refuses what breaks the grammar. What
 * holds across lines (names, groups, buckets) is parser_check.h's.
 *
 *     ifm_entry entry;
 *     ifm_parser_start(parser, body, body_size);
 *     while (ifm_parser_next(parser, &entry, &err) && entry.kind != IFM_ENTRY_END) { ... }
 *
 * Thread-safety: one parser by one thread.
 * P1  every text of an entry but a comment is valid UTF-8; nothing is terminated, and NUL is a character.
 * P2  nothing is allocated for lines without backslashes, and for others only when the buffer has to grow.
 */
#ifndef IFM_EXPOSITION_PARSER_H
#define IFM_EXPOSITION_PARSER_H

#include "base/base.h"
#include "exposition/encoder.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum ifm_parse_format { IFM_PARSE_TEXT, IFM_PARSE_OPENMETRICS } ifm_parse_format;

/* IFM_PARSE_LENIENT takes what Prometheus takes beyond the rules. In text: labels without a comma between
 * them, a line feed inside a label value, a value right behind a name or "}", a backslash that begins no
 * escape, a last line without line feed. In OpenMetrics: a comma before "}", exemplars of any length. */
typedef enum ifm_parse_mode { IFM_PARSE_STRICT, IFM_PARSE_LENIENT } ifm_parse_mode;

typedef enum ifm_entry_kind {
    IFM_ENTRY_HELP,    /* name, text */
    IFM_ENTRY_TYPE,    /* name, type */
    IFM_ENTRY_UNIT,    /* name, text; OpenMetrics only */
    IFM_ENTRY_COMMENT, /* text: the line from "#" on; text 0.0.4 only */
    IFM_ENTRY_SAMPLE,  /* name and all below it */
    IFM_ENTRY_END      /* the end of the text, or "# EOF" */
} ifm_entry_kind;

typedef enum ifm_family_type {
    IFM_FAMILY_UNKNOWN, /* "untyped" in text 0.0.4 */
    IFM_FAMILY_COUNTER,
    IFM_FAMILY_GAUGE,
    IFM_FAMILY_HISTOGRAM,
    IFM_FAMILY_GAUGE_HISTOGRAM,
    IFM_FAMILY_SUMMARY,
    IFM_FAMILY_INFO,
    IFM_FAMILY_STATE_SET
} ifm_family_type;

typedef struct ifm_parsed_label {
    ifm_text name;
    ifm_text value;
} ifm_parsed_label;

/* `seconds` is what stands in OpenMetrics, `ms` what Prometheus makes of it: times 1000, cut towards zero,
 * limited to int64. In text 0.0.4, `ms` is what stands there. */
typedef struct ifm_parsed_time {
    bool present;
    int64_t ms;
    double seconds;
} ifm_parsed_time;

typedef struct ifm_parsed_exemplar {
    bool present;
    const ifm_parsed_label *labels;
    size_t label_count;
    double value;
    ifm_parsed_time time;
} ifm_parsed_exemplar;

/* Valid until the next call for the same parser; parts of it point into the text that is parsed. */
typedef struct ifm_entry {
    ifm_entry_kind kind;
    size_t line;   /* from 1 */
    size_t offset; /* of the line's first byte that is no blank */
    ifm_text name;
    ifm_text text; /* unescaped */
    ifm_family_type type;
    const ifm_parsed_label *labels; /* as they stand there, without the name; no name occurs twice */
    size_t label_count;
    double value;
    ifm_parsed_time time;
    ifm_parsed_exemplar exemplar;
} ifm_entry;

typedef struct ifm_parser ifm_parser;

/* NULL with `err` on IFM_NOMEM. */
ifm_parser *ifm_parser_new(ifm_parse_format format, ifm_parse_mode mode, ifm_error *err);
void ifm_parser_free(ifm_parser *parser);

/* Begins with text[0..size), which is borrowed until the next start or free. The parser can be used for one
 * text after another; it keeps its memory. */
void ifm_parser_start(ifm_parser *parser, const char *text, size_t size);

/* Reads the next entry. After IFM_ENTRY_END and after a failure, every call yields the same again; after a
 * failure *entry is not to be used.
 * Errors, as sentences with the number of the line, and err->offset at the byte that was refused:
 * IFM_INVALID, IFM_LIMIT (a limit of exposition/limits.h), IFM_NOMEM. */
bool ifm_parser_next(ifm_parser *parser, ifm_entry *entry, ifm_error *err)
    __attribute__((warn_unused_result));

/* Where the next entry is looked for: how many bytes of the text are behind the parser. */
size_t ifm_parser_position(const ifm_parser *parser);

/* A number as the text formats have it: decimal, "inf", "infinity" and "nan" in any case. False when it is
 * none, or too large for a double. */
bool ifm_parse_number(ifm_text text, double *out);

#endif
