/* SPDX-License-Identifier: Apache-2.0
 *
 * Private to the parser: its state, and the reading of what lines are made of.
 *
 * Thread-safety: as the parser.
 */
#ifndef IFM_EXPOSITION_PARSER_SCAN_H
#define IFM_EXPOSITION_PARSER_SCAN_H

#include "exposition/limits.h"
#include "exposition/names.h"
#include "exposition/parser.h"

struct ifm_parser {
    ifm_parse_format format;
    ifm_parse_mode mode;
    const char *text;
    const char *at;
    const char *end;
    size_t line;
    bool ended;
    bool failed;
    ifm_error failure;
    size_t escaped_bytes; /* of this line's names and values that have a backslash */
    ifm_buf unescaped;    /* of this line */
    ifm_parsed_label labels[IFM_PARSE_LABELS_MAX];
    ifm_parsed_label exemplar_labels[IFM_PARSE_EXEMPLAR_LABELS_MAX];
};

/* Where labels go: an array of the parser. */
typedef struct ifm_label_list {
    ifm_parsed_label *labels;
    size_t count;
    size_t max;
} ifm_label_list;

/* Makes a text presentable in an error: one line of valid UTF-8, cut when it is long. */
typedef struct ifm_shown {
    char text[64];
} ifm_shown;
ifm_shown ifm_parser_show(ifm_text text);

/* Fails at `at`: "cannot parse line N: MESSAGE". Returns false. */
bool ifm_parser_fail(const ifm_parser *parser, const char *at, ifm_code code, ifm_error *err,
                     const char *format, ...) __attribute__((format(printf, 5, 6)));

/* Whether the next byte is `c`. */
static inline bool ifm_parser_is(const ifm_parser *parser, char c)
{
    return parser->at < parser->end && *parser->at == c;
}

/* Skips blanks and tabs where the format has them between all tokens (text 0.0.4). */
static inline void ifm_parser_skip_blanks(ifm_parser *parser)
{
    while (parser->format == IFM_PARSE_TEXT && (ifm_parser_is(parser, ' ') || ifm_parser_is(parser, '\t'))) {
        parser->at++;
    }
}

/* The bytes up to the next separator or the end of the line; may be empty. */
ifm_text ifm_parser_token(ifm_parser *parser);

/* The bytes up to the end of the line, which is passed over. */
ifm_text ifm_parser_rest_of_line(ifm_parser *parser);

/* A name without quotes; of size 0 when there is none. */
ifm_text ifm_parser_legacy_name(ifm_parser *parser, ifm_name_kind kind);

/* Refuses, in strict text, a backslash that begins no escape; \" is one only with `quotes`. */
bool ifm_parser_check_escapes(const ifm_parser *parser, ifm_text text, bool quotes, ifm_error *err);

/* What stands in quotes, still escaped. The next byte is the opening quote. */
bool ifm_parser_quoted(ifm_parser *parser, ifm_text *out, ifm_error *err);

/* "{...}"; the next byte is the brace. `name` takes a metric's name in quotes, NULL where none may stand. */
bool ifm_parser_labels(ifm_parser *parser, ifm_label_list *list, ifm_text *name, ifm_error *err);

/* Replaces the escapes in `text`, when it has any, through the parser's buffer, in which there is room
 * (ifm_parser_reserve). \" is an escape only with `quotes`. */
void ifm_parser_unescape(ifm_parser *parser, ifm_text *text, bool quotes);

/* Makes room for `size` bytes of unescaped text; what was unescaped before stays where it is only if this
 * is called once for a line. */
bool ifm_parser_reserve(ifm_parser *parser, size_t size, ifm_error *err);

#endif
