/* SPDX-License-Identifier: Apache-2.0
 *
 * Text and OpenMetrics, line by line. Three ways, each for what the one before does not take:
 *
 *   as last time   the bytes of the cache's next entry, blanks, a number, perhaps milliseconds, a line end
 *   known          the same, but another entry than the next one: found by its hash
 *   anything       ifm_parser, from the beginning of the line: new series, exemplars, comments, errors
 *
 * A1  body[size] is NUL, which is neither a digit nor a blank: reading ahead stops there.
 */
#include "scrape/append.h"

/* Powers of ten that are doubles, so that one division or multiplication rounds rightly. */
static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

typedef struct text {
    scrape_appender *to;
    const char *body;
    const char *end;
    ifm_parser *parser;
    bool openmetrics;
} text;

static inline unsigned digit_of(char c)
{
    return (unsigned)(unsigned char)c - '0';
}

/* Any number as the formats have it, up to the next separator. */
static bool read_any_value(const char **at, double *out)
{
    size_t size = strcspn(*at, " \t\n");
    if (!ifm_parse_number((ifm_text){*at, size}, out)) {
        return false;
    }
    *at += size;
    return true;
}

/* Digits with a point and an exponent, as most are, up to the separator behind them. */
static inline bool read_value(const char **from, double *out)
{
    enum { DIGITS_MAX = 19, POWER_MAX = 22 };
    const char *at = *from;
    bool negative = *at == '-';
    at += negative;
    const char *first = at;
    uint64_t digits = 0;
    while (digit_of(*at) <= 9) {
        digits = digits * 10 + digit_of(*at++);
    }
    size_t count = (size_t)(at - first);
    int exponent = 0;
    if (*at == '.') {
        const char *point = ++at;
        while (digit_of(*at) <= 9) {
            digits = digits * 10 + digit_of(*at++);
        }
        exponent = (int)(point - at);
        count += (size_t)(at - point);
    }
    if ((*at | 0x20) == 'e') {
        int sign = at[1] == '-' ? -1 : 1;
        at += 1 + (at[1] == '-' || at[1] == '+');
        unsigned value = digit_of(*at) <= 9 ? digit_of(*at++) : 1000;
        value = digit_of(*at) <= 9 ? value * 10 + digit_of(*at++) : value;
        exponent += sign * (int)value;
    }
    bool ends = *at == '\n' || *at == ' ' || *at == '\t';
    bool exact = count - 1 < DIGITS_MAX && digits <= (uint64_t)1 << 53 && exponent >= -POWER_MAX &&
                 exponent <= POWER_MAX;
    if (!ends || !exact) {
        return read_any_value(from, out);
    }
    double value = exponent < 0 ? (double)digits / powers[-exponent] : (double)digits * powers[exponent];
    *out = negative ? -value : value;
    *from = at;
    return true;
}

/* Milliseconds behind a value in text 0.0.4. */
static bool read_time(const char **from, int64_t *out)
{
    enum { DIGITS_MAX = 18 };
    const char *at = *from;
    bool negative = *at == '-';
    at += negative;
    const char *first = at;
    int64_t value = 0;
    while (digit_of(*at) <= 9 && at - first < DIGITS_MAX) {
        value = value * 10 + (int64_t)digit_of(*at++);
    }
    *out = negative ? -value : value;
    *from = at;
    return at > first && digit_of(*at) > 9;
}

static inline bool is_blank(const text *in, char c)
{
    return c == ' ' || (c == '\t' && !in->openmetrics);
}

static inline const char *skip_blanks(const char *at)
{
    while (*at == ' ' || *at == '\t') {
        at++;
    }
    return at;
}

/* What stands behind the series: "VALUE" and in text perhaps "MILLISECONDS". Yields the next line; NULL:
 * something else stands there, or something wrong. */
static inline const char *read_point(const text *in, const char *at, scrape_point *point)
{
    if (!is_blank(in, *at)) {
        return NULL;
    }
    at = in->openmetrics ? at + 1 : skip_blanks(at);
    if (at >= in->end || !read_value(&at, &point->value)) {
        return NULL;
    }
    if (*at == '\n') {
        return at + 1;
    }
    if (in->openmetrics) {
        return NULL;
    }
    at = skip_blanks(at);
    int64_t time_ms;
    if (*at != '\n' && at < in->end) {
        if (!read_time(&at, &time_ms)) {
            return NULL;
        }
        point->has_time = in->to->config->honor_timestamps;
        point->time_ms = time_ms;
        at = skip_blanks(at);
    }
    return *at == '\n' ? at + 1 : at == in->end ? at : NULL;
}

/* The line of an entry whose text stands at `at`. *next NULL: it has to be parsed. Errors: IFM_NOMEM. */
static inline bool take_known(const text *in, scrape_entry *entry, const char *at, const char **next,
                              ifm_error *err)
{
    scrape_appender *to = in->to;
    scrape_point point = {.histogram = NULL};
    *next = NULL;
    if ((entry->flags & SCRAPE_ENTRY_COMMENT) != 0) {
        *next = at + entry->size;
        to->family = (entry->flags & SCRAPE_ENTRY_TYPE) != 0 ? entry->flags : to->family;
        return scrape_cache_was_seen(to->cache, entry) ||
               scrape_cache_see(to->cache, &to->scratch->cache, entry, err);
    }
    const char *after =
        (entry->flags & SCRAPE_ENTRY_REFUSED) != 0 ? NULL : read_point(in, at + entry->size, &point);
    tsdb_verdict verdict;
    if (after == NULL) {
        return true;
    }
    if (!scrape_append_known(to, entry, &point, &verdict, err)) {
        return false;
    }
    *next = verdict == TSDB_GONE ? NULL : after;
    return true;
}

/* ---- Anything ---- */

static bool is_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || digit_of(c) <= 9 || c == '_' || c == ':';
}

/* Behind the name and the labels that begin at `at`; NULL: they do not end. */
static const char *series_end(const text *in, const char *at)
{
    while (is_name(*at)) {
        at++;
    }
    const char *brace = in->openmetrics ? at : skip_blanks(at);
    if (*brace != '{') {
        return at;
    }
    bool quoted = false;
    for (at = brace + 1; at < in->end; at++) {
        if (quoted && *at == '\\') {
            at++;
        } else if (*at == '"') {
            quoted = !quoted;
        } else if (*at == '}' && !quoted) {
            return at + 1;
        }
    }
    return NULL;
}

static bool take_comment(const text *in, const ifm_entry *parsed, model_text line, ifm_error *err)
{
    scrape_appender *to = in->to;
    scrape_cache_scratch *scratch = &to->scratch->cache;
    if (parsed->kind == IFM_ENTRY_COMMENT || line.data[line.size - 1] != '\n') {
        return true;
    }
    unsigned flags = SCRAPE_ENTRY_COMMENT | (in->openmetrics ? SCRAPE_ENTRY_OPENMETRICS : 0);
    if (parsed->kind == IFM_ENTRY_TYPE) {
        bool histogram = parsed->type == IFM_FAMILY_HISTOGRAM;
        flags |= SCRAPE_ENTRY_TYPE | (histogram ? SCRAPE_ENTRY_HISTOGRAM : 0) |
                 (parsed->type == IFM_FAMILY_SUMMARY ? SCRAPE_ENTRY_SUMMARY : 0);
        to->family = flags;
    }
    scrape_entry *entry;
    if (!scrape_cache_find(to->cache, scratch, line, &entry, err) ||
        (entry == NULL && !scrape_cache_add(to->cache, scratch, line, flags, &entry, err))) {
        return false;
    }
    return scrape_cache_was_seen(to->cache, entry) || scrape_cache_see(to->cache, scratch, entry, err);
}

static bool take_sample(const text *in, const ifm_entry *parsed, scrape_entry *known, model_text series,
                        ifm_error *err)
{
    scrape_appender *to = in->to;
    bool has_time = parsed->time.present && to->config->honor_timestamps;
    scrape_line line = {.text = series,
                        .entry = known,
                        .name = parsed->name,
                        .labels = parsed->labels,
                        .label_count = parsed->label_count,
                        .point = {.value = parsed->value, .has_time = has_time, .time_ms = parsed->time.ms}};
    tsdb_ref ref;
    if (!scrape_append_line(to, &line, &ref, err)) {
        return false;
    }
    if (parsed->exemplar.present && ref != 0) {
        scrape_append_exemplar(to, ref, &parsed->exemplar, &line.point);
    }
    return true;
}

/* Reads the line at *at with the general parser. */
static bool take_parsed(const text *in, const char **at, scrape_entry *known, bool *ended, ifm_error *err)
{
    ifm_entry parsed;
    const char *line = *at;
    ifm_parser_start(in->parser, line, (size_t)(in->end - line));
    if (!ifm_parser_next(in->parser, &parsed, err)) {
        return false;
    }
    const char *next = line + ifm_parser_position(in->parser);
    const char *start = line + parsed.offset;
    *at = next;
    switch (parsed.kind) {
    case IFM_ENTRY_END:
        *ended = true;
        return true;
    case IFM_ENTRY_SAMPLE:
        break;
    default:
        return take_comment(in, &parsed, (model_text){start, (size_t)(next - start)}, err);
    }
    const char *stop = series_end(in, start);
    if (stop == NULL || stop > next) {
        return ifm_error_set(err, IFM_INVALID, "cannot tell where the labels of a series end");
    }
    return take_sample(in, &parsed, known, (model_text){start, (size_t)(stop - start)}, err);
}

/* A line that is not the one that was expected. */
static bool take_unexpected(const text *in, const char **at, bool *ended, ifm_error *err)
{
    scrape_appender *to = in->to;
    const char *line = *at;
    while (!in->openmetrics && (*line == ' ' || *line == '\t' || *line == '\n')) {
        line++;
    }
    *at = line;
    scrape_entry *entry = NULL;
    const char *stop = *line == '#' ? NULL : series_end(in, line);
    if (stop != NULL && stop > line) {
        model_text series = {line, (size_t)(stop - line)};
        const char *next = NULL;
        if (!scrape_cache_find(to->cache, &to->scratch->cache, series, &entry, err) ||
            (entry != NULL && !take_known(in, entry, line, &next, err))) {
            return false;
        }
        if (next != NULL) {
            *at = next;
            return true;
        }
    }
    return take_parsed(in, at, entry, ended, err);
}

/* The parser was started at the line that it refused: the same from the beginning has the line's number. */
static void restate(const text *in, ifm_error *err)
{
    ifm_entry parsed;
    ifm_error again;
    if (err->code != IFM_INVALID && err->code != IFM_LIMIT) {
        return;
    }
    ifm_parser_start(in->parser, in->body, (size_t)(in->end - in->body));
    do {
        if (!ifm_parser_next(in->parser, &parsed, &again)) {
            *err = again;
            return;
        }
    } while (parsed.kind != IFM_ENTRY_END);
}

static bool append_lines(const text *in, ifm_error *err)
{
    scrape_appender *to = in->to;
    const char *at = in->body;
    bool ended = false;
    while (!ended) {
        const char *next = NULL;
        scrape_entry *entry = scrape_cache_expected(to->cache, &to->scratch->cache, at, in->end);
        if (entry != NULL && !take_known(in, entry, at, &next, err)) {
            return false;
        }
        if (next != NULL) {
            at = next;
            continue;
        }
        bool series = entry != NULL && series_end(in, at) == at + entry->size;
        if (!(series ? take_parsed(in, &at, entry, &ended, err) : take_unexpected(in, &at, &ended, err))) {
            return false;
        }
    }
    return true;
}

static bool append_text(scrape_appender *to, const char *body, size_t size, bool openmetrics, ifm_error *err)
{
    text in = {.to = to,
               .body = body,
               .end = body + size,
               .parser = openmetrics ? to->scratch->openmetrics : to->scratch->text,
               .openmetrics = openmetrics};
    if (append_lines(&in, err)) {
        return true;
    }
    if (strncmp(err->message, "cannot parse line ", sizeof "cannot parse line " - 1) == 0) {
        restate(&in, err);
    }
    return false;
}

bool scrape_append(scrape_appender *to, scrape_format format, const char *body, size_t size, ifm_error *err)
{
    bool ok = format == SCRAPE_FORMAT_PROTOBUF
                  ? scrape_append_protobuf(to, body, size, err)
                  : append_text(to, body, size, format == SCRAPE_FORMAT_OPENMETRICS, err);
    if (!ok) {
        return false;
    }
    if (to->counts.bucket_limit) {
        return ifm_error_set(err, IFM_LIMIT, "histogram bucket limit exceeded");
    }
    return !to->counts.sample_limit || ifm_error_set(err, IFM_LIMIT, "sample limit exceeded");
}
