/* SPDX-License-Identifier: Apache-2.0 */
#include "exposition/parser_scan.h"

#include <inferometer/registry.h>
#include <math.h>

ifm_parser *ifm_parser_new(ifm_parse_format format, ifm_parse_mode mode, ifm_error *err)
{
    ifm_parser *parser = ifm_alloc_zero(1, sizeof *parser);
    if (parser == NULL) {
        ifm_error_nomem(err);
        return NULL;
    }
    parser->format = format;
    parser->mode = mode;
    ifm_buf_init(&parser->unescaped, IFM_PARSE_ESCAPED_BYTES_MAX);
    ifm_parser_start(parser, "", 0);
    return parser;
}

void ifm_parser_free(ifm_parser *parser)
{
    if (parser != NULL) {
        ifm_buf_deinit(&parser->unescaped);
        ifm_free(parser);
    }
}

void ifm_parser_start(ifm_parser *parser, const char *text, size_t size)
{
    parser->text = text;
    parser->at = text;
    parser->end = text + size;
    parser->line = 1;
    parser->ended = false;
    parser->failed = false;
}

size_t ifm_parser_position(const ifm_parser *parser)
{
    return (size_t)(parser->at - parser->text);
}

static void unescape_labels(ifm_parser *parser, ifm_label_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        ifm_parser_unescape(parser, &list->labels[i].name, true);
        ifm_parser_unescape(parser, &list->labels[i].value, true);
    }
}

static bool check_label_names(ifm_parser *parser, const ifm_label_list *list, const char *at, ifm_error *err)
{
    for (size_t i = 1; i < list->count; i++) {
        ifm_text name = list->labels[i].name;
        for (size_t j = 0; j < i; j++) {
            ifm_text other = list->labels[j].name;
            if (other.size == name.size && memcmp(other.data, name.data, name.size) == 0) {
                return ifm_parser_fail(parser, at, IFM_INVALID, err, "label \"%s\" occurs twice",
                                       ifm_parser_show(name).text);
            }
        }
    }
    return true;
}

static bool check_exemplar_length(ifm_parser *parser, const ifm_label_list *list, const char *at,
                                  ifm_error *err)
{
    size_t length = 0;
    for (size_t i = 0; i < list->count; i++) {
        length += ifm_utf8_length(list->labels[i].name.data, list->labels[i].name.size);
        length += ifm_utf8_length(list->labels[i].value.data, list->labels[i].value.size);
    }
    if (length > IFM_EXEMPLAR_CHARACTERS_MAX && parser->mode == IFM_PARSE_STRICT) {
        return ifm_parser_fail(parser, at, IFM_LIMIT, err,
                               "the exemplar's labels have %zu characters, more than %d", length,
                               IFM_EXEMPLAR_CHARACTERS_MAX);
    }
    return true;
}

static bool parse_value(ifm_parser *parser, double *out, ifm_error *err)
{
    const char *start = parser->at;
    ifm_text token = ifm_parser_token(parser);
    if (!ifm_parse_number(token, out)) {
        return ifm_parser_fail(parser, start, IFM_INVALID, err,
                               "value \"%s\" is not a number or is too large", ifm_parser_show(token).text);
    }
    return true;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Milliseconds, as Go's strconv.ParseInt() reads them. */
static bool read_integer(ifm_text token, int64_t *out)
{
    size_t sign = token.size > 0 && (token.data[0] == '-' || token.data[0] == '+');
    bool negative = sign != 0 && token.data[0] == '-';
    uint64_t limit = (uint64_t)INT64_MAX + negative;
    uint64_t value = 0;
    for (size_t i = sign; i < token.size; i++) {
        uint64_t digit = (uint64_t)(token.data[i] - '0');
        if (!is_digit(token.data[i]) || value > (limit - digit) / 10) {
            return false;
        }
        value = value * 10 + digit;
    }
    *out = negative ? (int64_t)(0 - value) : (int64_t)value;
    return token.size > sign;
}

static int64_t milliseconds(double seconds)
{
    double ms = seconds * 1000;
    return ms >= 9223372036854775808.0 ? INT64_MAX : ms <= -9223372036854775808.0 ? INT64_MIN : (int64_t)ms;
}

static bool parse_time(ifm_parser *parser, ifm_parsed_time *time, ifm_error *err)
{
    const char *start = parser->at;
    ifm_text token = ifm_parser_token(parser);
    bool ok = false;
    if (parser->format == IFM_PARSE_TEXT) {
        ok = read_integer(token, &time->ms);
        time->seconds = ok ? (double)time->ms / 1000 : 0;
    } else {
        ok = ifm_parse_number(token, &time->seconds) && isfinite(time->seconds);
        time->ms = ok ? milliseconds(time->seconds) : 0;
    }
    if (!ok) {
        return ifm_parser_fail(parser, start, IFM_INVALID, err, "\"%s\" is not a timestamp in %s",
                               ifm_parser_show(token).text,
                               parser->format == IFM_PARSE_TEXT ? "milliseconds" : "seconds");
    }
    time->present = true;
    return true;
}

/* Passes over what separates two tokens: one blank in OpenMetrics. */
static bool parse_separator(ifm_parser *parser, const char *next, ifm_error *err)
{
    bool blank =
        ifm_parser_is(parser, ' ') || (parser->format == IFM_PARSE_TEXT &&
                                       (ifm_parser_is(parser, '\t') || parser->mode == IFM_PARSE_LENIENT));
    if (!blank || parser->at == parser->end) {
        return ifm_parser_fail(parser, parser->at, IFM_INVALID, err, "a blank and %s are expected here",
                               next);
    }
    if (parser->format == IFM_PARSE_OPENMETRICS) {
        parser->at++;
    }
    ifm_parser_skip_blanks(parser);
    return true;
}

/* "# {...} VALUE [TIMESTAMP]", OpenMetrics only. */
static bool parse_exemplar(ifm_parser *parser, ifm_label_list *list, ifm_parsed_exemplar *exemplar,
                           ifm_error *err)
{
    if (!ifm_parser_is(parser, '#')) {
        return ifm_parser_fail(parser, parser->at, IFM_INVALID, err,
                               "an exemplar or the end of the line is expected here");
    }
    parser->at++;
    if (!parse_separator(parser, "the exemplar's labels", err)) {
        return false;
    }
    if (!ifm_parser_is(parser, '{')) {
        return ifm_parser_fail(parser, parser->at, IFM_INVALID, err, "an exemplar begins with \"{\"");
    }
    if (!ifm_parser_labels(parser, list, NULL, err) ||
        !parse_separator(parser, "the exemplar's value", err) ||
        !parse_value(parser, &exemplar->value, err)) {
        return false;
    }
    if (ifm_parser_is(parser, ' ')) {
        parser->at++;
        if (!parse_time(parser, &exemplar->time, err)) {
            return false;
        }
    }
    exemplar->present = true;
    return true;
}

/* "[TIMESTAMP] [# EXEMPLAR]", each with a blank before it. */
static bool parse_after_value_openmetrics(ifm_parser *parser, ifm_entry *entry, ifm_label_list *exemplar,
                                          ifm_error *err)
{
    if (!ifm_parser_is(parser, ' ')) {
        return true;
    }
    parser->at++;
    if (!ifm_parser_is(parser, '#')) {
        if (!parse_time(parser, &entry->time, err)) {
            return false;
        }
        if (!ifm_parser_is(parser, ' ')) {
            return true;
        }
        parser->at++;
    }
    return parse_exemplar(parser, exemplar, &entry->exemplar, err);
}

static bool parse_after_value_text(ifm_parser *parser, ifm_entry *entry, ifm_error *err)
{
    ifm_parser_skip_blanks(parser);
    if (parser->at < parser->end && *parser->at != '\n' && !parse_time(parser, &entry->time, err)) {
        return false;
    }
    ifm_parser_skip_blanks(parser);
    return true;
}

/* Names and values that have escapes, in one go: until here they point into the text, and the buffer grows
 * only once. */
static bool unescape_sample(ifm_parser *parser, ifm_entry *entry, ifm_label_list *list,
                            ifm_label_list *exemplar, ifm_error *err)
{
    if (parser->escaped_bytes == 0) {
        return true;
    }
    if (!ifm_parser_reserve(parser, parser->escaped_bytes, err)) {
        return false;
    }
    ifm_parser_unescape(parser, &entry->name, true);
    unescape_labels(parser, list);
    unescape_labels(parser, exemplar);
    return true;
}

/* "NAME", "NAME{...}" or "{"NAME",...}" */
static bool parse_series(ifm_parser *parser, ifm_entry *entry, ifm_label_list *list, ifm_error *err)
{
    const char *start = parser->at;
    entry->name = ifm_parser_legacy_name(parser, IFM_NAME_METRIC);
    const char *name_end = parser->at;
    if (entry->name.size > 0) {
        ifm_parser_skip_blanks(parser);
    }
    if (!ifm_parser_is(parser, '{')) {
        parser->at = name_end;
    } else if (!ifm_parser_labels(parser, list, &entry->name, err)) {
        return false;
    }
    if (entry->name.size == 0) {
        return ifm_parser_fail(parser, start, IFM_INVALID, err, "a metric's name is missing or not valid");
    }
    return true;
}

static bool parse_sample(ifm_parser *parser, ifm_entry *entry, ifm_error *err)
{
    const char *start = parser->at;
    ifm_label_list list = {parser->labels, 0, IFM_PARSE_LABELS_MAX};
    ifm_label_list exemplar = {parser->exemplar_labels, 0, IFM_PARSE_EXEMPLAR_LABELS_MAX};
    entry->kind = IFM_ENTRY_SAMPLE;
    if (!parse_series(parser, entry, &list, err) || !parse_separator(parser, "the value", err) ||
        !parse_value(parser, &entry->value, err)) {
        return false;
    }
    bool ok = parser->format == IFM_PARSE_TEXT ? parse_after_value_text(parser, entry, err)
                                               : parse_after_value_openmetrics(parser, entry, &exemplar, err);
    if (!ok) {
        return false;
    }
    if (parser->at < parser->end && *parser->at != '\n') {
        return ifm_parser_fail(parser, parser->at, IFM_INVALID, err, "the end of the line is expected here");
    }
    entry->labels = list.labels;
    entry->label_count = list.count;
    entry->exemplar.labels = exemplar.labels;
    entry->exemplar.label_count = exemplar.count;
    if (!unescape_sample(parser, entry, &list, &exemplar, err) ||
        !check_label_names(parser, &list, start, err) || !check_label_names(parser, &exemplar, start, err) ||
        !check_exemplar_length(parser, &exemplar, start, err)) {
        return false;
    }
    ifm_parser_rest_of_line(parser);
    return true;
}

/* The name in a HELP, TYPE or UNIT line, with or without quotes. */
static bool parse_described_name(ifm_parser *parser, ifm_entry *entry, ifm_error *err)
{
    const char *start = parser->at;
    if (!ifm_parser_is(parser, '"')) {
        entry->name = ifm_parser_legacy_name(parser, IFM_NAME_METRIC);
    } else if (!ifm_parser_quoted(parser, &entry->name, err)) {
        return false;
    }
    bool separated = ifm_parser_is(parser, ' ') ||
                     (parser->format == IFM_PARSE_TEXT &&
                      (parser->at == parser->end || *parser->at == '\n' || *parser->at == '\t'));
    if (entry->name.size == 0 || !separated) {
        return ifm_parser_fail(parser, start, IFM_INVALID, err,
                               "a metric's name and a blank are expected here");
    }
    parser->at += parser->format == IFM_PARSE_OPENMETRICS;
    ifm_parser_skip_blanks(parser);
    return true;
}

static bool parse_type(ifm_parser *parser, ifm_text text, ifm_entry *entry, ifm_error *err)
{
    static const char *const names[] = {"unknown",        "counter", "gauge", "histogram",
                                        "gaugehistogram", "summary", "info",  "stateset"};
    bool openmetrics = parser->format == IFM_PARSE_OPENMETRICS;
    while (!openmetrics && text.size > 0 &&
           (text.data[text.size - 1] == ' ' || text.data[text.size - 1] == '\t')) {
        text.size--;
    }
    for (size_t i = 0; i < IFM_COUNT_OF(names); i++) {
        bool both = i == IFM_FAMILY_COUNTER || i == IFM_FAMILY_GAUGE || i == IFM_FAMILY_HISTOGRAM ||
                    i == IFM_FAMILY_SUMMARY;
        const char *name = i == IFM_FAMILY_UNKNOWN && !openmetrics ? "untyped" : names[i];
        bool exists = openmetrics || both || i == IFM_FAMILY_UNKNOWN;
        if (exists && text.size == strlen(name) && memcmp(text.data, name, text.size) == 0) {
            entry->type = (ifm_family_type)i;
            return true;
        }
    }
    return ifm_parser_fail(parser, text.data, IFM_INVALID, err, "there is no metric type \"%s\"",
                           ifm_parser_show(text).text);
}

static bool parse_unit(ifm_parser *parser, ifm_text unit, ifm_entry *entry, ifm_error *err)
{
    ifm_text name = entry->name;
    bool suffix = unit.size == 0 || (name.size > unit.size && name.data[name.size - unit.size - 1] == '_' &&
                                     memcmp(name.data + name.size - unit.size, unit.data, unit.size) == 0);
    if (!suffix) {
        return ifm_parser_fail(parser, unit.data, IFM_INVALID, err,
                               "the name \"%s\" does not end with unit \"%s\"", ifm_parser_show(name).text,
                               ifm_parser_show(unit).text);
    }
    entry->text = unit;
    return true;
}

static bool parse_help(ifm_parser *parser, ifm_text help, ifm_entry *entry, ifm_error *err)
{
    if (!ifm_utf8_valid(help.data, help.size)) {
        return ifm_parser_fail(parser, help.data, IFM_INVALID, err, "the help of \"%s\" is not valid UTF-8",
                               ifm_parser_show(entry->name).text);
    }
    entry->text = help;
    return ifm_parser_check_escapes(parser, help, false, err);
}

/* After the keyword and the blank behind it. */
static bool parse_description(ifm_parser *parser, ifm_entry_kind kind, ifm_entry *entry, ifm_error *err)
{
    entry->kind = kind;
    if (!parse_described_name(parser, entry, err)) {
        return false;
    }
    ifm_text rest = ifm_parser_rest_of_line(parser);
    bool escapes = kind == IFM_ENTRY_HELP && memchr(rest.data, '\\', rest.size) != NULL;
    parser->escaped_bytes += escapes ? rest.size : 0;
    if (parser->escaped_bytes > 0 && !ifm_parser_reserve(parser, parser->escaped_bytes, err)) {
        return false;
    }
    ifm_parser_unescape(parser, &entry->name, true);
    switch (kind) {
    case IFM_ENTRY_TYPE:
        return parse_type(parser, rest, entry, err);
    case IFM_ENTRY_UNIT:
        return parse_unit(parser, rest, entry, err);
    default:
        if (!parse_help(parser, rest, entry, err)) {
            return false;
        }
        ifm_parser_unescape(parser, &entry->text, parser->format == IFM_PARSE_OPENMETRICS);
        return true;
    }
}

static bool take_keyword(ifm_parser *parser, const char *keyword)
{
    size_t size = strlen(keyword);
    if ((size_t)(parser->end - parser->at) < size || memcmp(parser->at, keyword, size) != 0) {
        return false;
    }
    parser->at += size;
    return true;
}

/* A line of text 0.0.4 that begins with "#": HELP and TYPE with a name, or a comment. */
static bool parse_hash_text(ifm_parser *parser, ifm_entry *entry, ifm_error *err)
{
    const char *start = parser->at++;
    const char *blank = parser->at;
    ifm_parser_skip_blanks(parser);
    if (parser->at > blank) {
        ifm_entry_kind kind = take_keyword(parser, "HELP")   ? IFM_ENTRY_HELP
                              : take_keyword(parser, "TYPE") ? IFM_ENTRY_TYPE
                                                             : IFM_ENTRY_COMMENT;
        blank = parser->at;
        ifm_parser_skip_blanks(parser);
        bool named = parser->at > blank && parser->at < parser->end && *parser->at != '\n';
        if (kind != IFM_ENTRY_COMMENT && named) {
            return parse_description(parser, kind, entry, err);
        }
    }
    parser->at = start;
    entry->kind = IFM_ENTRY_COMMENT;
    entry->text = ifm_parser_rest_of_line(parser);
    return true;
}

static bool parse_line_text(ifm_parser *parser, ifm_entry *entry, ifm_error *err)
{
    for (;; parser->at++, parser->line++) {
        ifm_parser_skip_blanks(parser);
        if (!ifm_parser_is(parser, '\n')) {
            break;
        }
    }
    entry->line = parser->line;
    entry->offset = (size_t)(parser->at - parser->text);
    if (parser->at == parser->end) {
        entry->kind = IFM_ENTRY_END;
        return true;
    }
    size_t rest = (size_t)(parser->end - parser->at);
    bool cut = parser->end[-1] != '\n' && memchr(parser->at, '\n', rest) == NULL;
    if (cut && parser->mode == IFM_PARSE_STRICT) {
        return ifm_parser_fail(parser, parser->end, IFM_INVALID, err,
                               "the last line does not end with a line feed");
    }
    return *parser->at == '#' ? parse_hash_text(parser, entry, err) : parse_sample(parser, entry, err);
}

/* A line of OpenMetrics that begins with "#". */
static bool parse_hash_openmetrics(ifm_parser *parser, ifm_entry *entry, ifm_error *err)
{
    const char *start = parser->at;
    if (take_keyword(parser, "# HELP ")) {
        return parse_description(parser, IFM_ENTRY_HELP, entry, err);
    }
    if (take_keyword(parser, "# TYPE ")) {
        return parse_description(parser, IFM_ENTRY_TYPE, entry, err);
    }
    if (take_keyword(parser, "# UNIT ")) {
        return parse_description(parser, IFM_ENTRY_UNIT, entry, err);
    }
    if (!take_keyword(parser, "# EOF")) {
        return ifm_parser_fail(parser, start, IFM_INVALID, err,
                               "after \"#\", HELP, TYPE, UNIT or EOF are expected");
    }
    parser->at += ifm_parser_is(parser, '\n');
    if (parser->at != parser->end) {
        return ifm_parser_fail(parser, parser->at, IFM_INVALID, err, "there is something after \"# EOF\"");
    }
    entry->kind = IFM_ENTRY_END;
    return true;
}

static bool parse_line_openmetrics(ifm_parser *parser, ifm_entry *entry, ifm_error *err)
{
    entry->line = parser->line;
    entry->offset = (size_t)(parser->at - parser->text);
    if (parser->at == parser->end) {
        return ifm_parser_fail(parser, parser->at, IFM_INVALID, err,
                               "the document does not end with \"# EOF\"");
    }
    if (*parser->at == '\n') {
        return ifm_parser_fail(parser, parser->at, IFM_INVALID, err, "the line is empty");
    }
    return *parser->at == '#' ? parse_hash_openmetrics(parser, entry, err) : parse_sample(parser, entry, err);
}

bool ifm_parser_next(ifm_parser *parser, ifm_entry *entry, ifm_error *err)
{
    if (parser->failed) {
        *err = parser->failure;
        return false;
    }
    *entry = (ifm_entry){
        .kind = IFM_ENTRY_END, .line = parser->line, .offset = (size_t)(parser->at - parser->text)};
    if (parser->ended) {
        return true;
    }
    ifm_buf_clear(&parser->unescaped);
    parser->escaped_bytes = 0;
    bool ok = parser->format == IFM_PARSE_TEXT ? parse_line_text(parser, entry, err)
                                               : parse_line_openmetrics(parser, entry, err);
    if (!ok) {
        parser->failed = true;
        parser->failure = *err;
        return false;
    }
    parser->ended = entry->kind == IFM_ENTRY_END;
    parser->line += !parser->ended;
    return true;
}
