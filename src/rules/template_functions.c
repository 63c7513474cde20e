/* SPDX-License-Identifier: Apache-2.0
 *
 * The functions of templates: Go's own, and Prometheus's.
 */
#include "rules/template_impl.h"

#include "config/config.h"

#include <stdlib.h>

/* ---- Queries and samples ---- */

static bool call_query(template_run *run, const template_value *arguments, size_t count, template_value *out)
{
    (void)count;
    out->kind = TEMPLATE_VECTOR;
    out->vector = (rules_vector){NULL, 0};
    if (run->data->query == NULL) {
        return template_run_fail(run, "there is nothing to query here");
    }
    return run->data->query(run->data->context, arguments[0].text, run->arena, &out->vector, run->err) ||
           ifm_error_wrap(run->err, "line %u of the template: query", run->line);
}

static bool call_first(template_run *run, const template_value *arguments, size_t count, template_value *out)
{
    (void)count;
    if (arguments[0].vector.count == 0) {
        return template_run_fail(run, "first() called on vector with no elements");
    }
    *out = (template_value){.kind = TEMPLATE_SAMPLE, .sample = arguments[0].vector.items[0]};
    return true;
}

static bool call_value(template_run *run, const template_value *arguments, size_t count, template_value *out)
{
    (void)run;
    (void)count;
    *out = (template_value){.kind = TEMPLATE_FLOAT, .number = arguments[0].sample->value};
    return true;
}

static bool call_label(template_run *run, const template_value *arguments, size_t count, template_value *out)
{
    (void)run;
    (void)count;
    *out = (template_value){.kind = TEMPLATE_TEXT,
                            .text = model_labels_get(arguments[1].sample->labels, arguments[0].text)};
    return true;
}

static bool call_strvalue(template_run *run, const template_value *arguments, size_t count,
                          template_value *out)
{
    (void)run;
    (void)count;
    *out =
        (template_value){.kind = TEMPLATE_TEXT,
                         .text = model_labels_get(arguments[0].sample->labels, model_text_of("__value__"))};
    return true;
}

/* By merging, which keeps the order of what is alike. */
static void sort_samples(const rules_sample **items, const rules_sample **spare, size_t count,
                         model_text label)
{
    if (count < 2) {
        return;
    }
    size_t half = count / 2, left = 0, right = half;
    sort_samples(items, spare, half, label);
    sort_samples(items + half, spare, count - half, label);
    memcpy(spare, items, half * sizeof *items);
    for (size_t i = 0; left < half; i++) {
        bool take_right =
            right < count && model_text_compare(model_labels_get(items[right]->labels, label),
                                                model_labels_get(spare[left]->labels, label)) < 0;
        items[i] = take_right ? items[right++] : spare[left++];
    }
}

static bool call_sort_by_label(template_run *run, const template_value *arguments, size_t count,
                               template_value *out)
{
    const rules_vector *from = &arguments[1].vector;
    const rules_sample **items = ifm_bump_alloc_array(run->arena, from->count, sizeof *items);
    const rules_sample **spare = ifm_bump_alloc_array(run->arena, from->count, sizeof *items);
    (void)count;
    if (items == NULL || spare == NULL) {
        return ifm_bump_check(run->arena, run->err);
    }
    if (from->count > 0) {
        memcpy(items, from->items, from->count * sizeof *items);
    }
    sort_samples(items, spare, from->count, arguments[0].text);
    *out = (template_value){.kind = TEMPLATE_VECTOR, .vector = {items, from->count}};
    return true;
}

/* ---- Texts ---- */

static bool change_case(template_run *run, model_text text, bool upper, template_value *out)
{
    ifm_buf work;
    ifm_buf_init(&work, 2 * RULES_TEMPLATE_BYTES_MAX);
    config_change_case(&work, text, upper);
    return template_take_text(run, &work, out);
}

static bool call_upper(template_run *run, const template_value *arguments, size_t count, template_value *out)
{
    (void)count;
    return change_case(run, arguments[0].text, true, out);
}

static bool call_lower(template_run *run, const template_value *arguments, size_t count, template_value *out)
{
    (void)count;
    return change_case(run, arguments[0].text, false, out);
}

/* Letters and digits of any script, what joins them, and an apostrophe between two of them. */
static bool goes_on(model_text text, size_t at, size_t size)
{
    unsigned char c = (unsigned char)text.data[at];
    bool word = c >= 0x80 || c == '_' || (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
    return word || (c == '\'' && at + size < text.size);
}

/* The first letter of each word in upper case; the others as they are. */
static bool call_title(template_run *run, const template_value *arguments, size_t count, template_value *out)
{
    model_text text = arguments[0].text;
    bool inside = false;
    ifm_buf work;
    ifm_buf_init(&work, 2 * RULES_TEMPLATE_BYTES_MAX);
    (void)count;
    for (size_t at = 0; at < text.size;) {
        uint32_t point;
        size_t size = ifm_utf8_decode(text.data + at, text.size - at, &point);
        size = size == 0 ? 1 : size;
        if (inside) {
            ifm_buf_append(&work, text.data + at, size);
        } else {
            config_change_case(&work, (model_text){text.data + at, size}, true);
        }
        inside = goes_on(text, at, size) && (inside || text.data[at] != '\'');
        at += size;
    }
    return template_take_text(run, &work, out);
}

static bool regex_failed(template_run *run, const char *function, const ifm_error *err)
{
    if (err->code == IFM_INVALID) {
        return template_run_fail(run, "%s: %s", function, err->message);
    }
    *run->err = *err;
    return false;
}

static bool call_match(template_run *run, const template_value *arguments, size_t count, template_value *out)
{
    ifm_error err = {.code = IFM_OK};
    (void)count;
    model_regex *regex = model_regex_new_search(arguments[0].text, &err);
    *out = (template_value){.kind = TEMPLATE_BOOL};
    if (regex != NULL) {
        out->truth = model_regex_matches(regex, arguments[1].text, &err);
    }
    model_regex_free(regex);
    return err.code == IFM_OK || regex_failed(run, "match", &err);
}

static bool call_replace(template_run *run, const template_value *arguments, size_t count,
                         template_value *out)
{
    ifm_error err = {.code = IFM_OK};
    ifm_buf work;
    ifm_buf_init(&work, RULES_TEMPLATE_BYTES_MAX);
    (void)count;
    model_regex *regex = model_regex_new_search(arguments[0].text, &err);
    bool ok =
        regex != NULL && model_regex_replace_all(regex, arguments[2].text, arguments[1].text, &work, &err);
    model_regex_free(regex);
    if (!ok) {
        ifm_buf_deinit(&work);
        return regex_failed(run, "reReplaceAll", &err);
    }
    return template_take_text(run, &work, out);
}

static bool call_same(template_run *run, const template_value *arguments, size_t count, template_value *out)
{
    (void)run;
    (void)count;
    *out = arguments[0];
    return true;
}

static void escape_query(model_text text, ifm_buf *out)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";
    for (size_t i = 0; i < text.size; i++) {
        char c = text.data[i];
        if (c != '\0' && strchr(plain, c) != NULL) {
            ifm_buf_append_char(out, c);
        } else if (c == ' ') {
            ifm_buf_append_char(out, '+');
        } else {
            ifm_buf_printf(out, "%%%02X", (unsigned)(unsigned char)c);
        }
    }
}

static bool call_escape(template_run *run, const template_value *arguments, size_t count, template_value *out)
{
    ifm_buf work;
    template_value all;
    ifm_buf_init(&work, RULES_TEMPLATE_BYTES_MAX);
    if (!template_print_all(run, arguments, count, &all)) {
        return false;
    }
    escape_query(all.text, &work);
    return template_take_text(run, &work, out);
}

static bool link_to(template_run *run, model_text expr, const char *tab, template_value *out)
{
    ifm_buf work;
    ifm_buf_init(&work, RULES_TEMPLATE_BYTES_MAX);
    ifm_buf_append_text(&work, "/graph?g0.expr=");
    escape_query(expr, &work);
    ifm_buf_append_text(&work, tab);
    return template_take_text(run, &work, out);
}

static bool call_graph_link(template_run *run, const template_value *arguments, size_t count,
                            template_value *out)
{
    (void)count;
    return link_to(run, arguments[0].text, "&g0.tab=0", out);
}

static bool call_table_link(template_run *run, const template_value *arguments, size_t count,
                            template_value *out)
{
    (void)count;
    return link_to(run, arguments[0].text, "&g0.tab=1", out);
}

/* "host:1" to host and port; false when it is none. */
static bool split_host(model_text text, model_text *host, model_text *port)
{
    size_t colon = text.size;
    while (colon > 0 && text.data[colon - 1] != ':') {
        colon--;
    }
    if (colon == 0) {
        return false;
    }
    *host = (model_text){text.data, colon - 1};
    *port = (model_text){text.data + colon, text.size - colon};
    if (host->size >= 2 && host->data[0] == '[' && host->data[host->size - 1] == ']') {
        *host = (model_text){host->data + 1, host->size - 2};
        return true;
    }
    return memchr(host->data, ':', host->size) == NULL && memchr(host->data, '[', host->size) == NULL;
}

static bool call_strip_port(template_run *run, const template_value *arguments, size_t count,
                            template_value *out)
{
    model_text host, port;
    (void)run;
    (void)count;
    bool both = split_host(arguments[0].text, &host, &port);
    *out = (template_value){.kind = TEMPLATE_TEXT, .text = both ? host : arguments[0].text};
    return true;
}

static bool is_address(model_text host)
{
    for (size_t i = 0; i < host.size; i++) {
        bool digit = (host.data[i] >= '0' && host.data[i] <= '9') || host.data[i] == '.';
        if (host.data[i] == ':') {
            return true;
        }
        if (!digit) {
            return false;
        }
    }
    return host.size > 0;
}

static bool call_strip_domain(template_run *run, const template_value *arguments, size_t count,
                              template_value *out)
{
    model_text host = arguments[0].text, port = {"", 0};
    ifm_buf work;
    (void)count;
    if (!split_host(arguments[0].text, &host, &port)) {
        host = arguments[0].text;
        port.size = 0;
    }
    if (is_address(host)) {
        return call_same(run, arguments, 1, out);
    }
    const char *dot = memchr(host.data, '.', host.size);
    ifm_buf_init(&work, RULES_TEMPLATE_BYTES_MAX);
    ifm_buf_append(&work, host.data, dot == NULL ? host.size : (size_t)(dot - host.data));
    if (port.size > 0) {
        ifm_buf_append_char(&work, ':');
        ifm_buf_append(&work, port.data, port.size);
    }
    return template_take_text(run, &work, out);
}

/* ---- Printing ---- */

/* A space between two of which neither is a text; of println, between all. */
static bool print_all(template_run *run, const template_value *arguments, size_t count, bool lines,
                      template_value *out)
{
    ifm_buf work;
    ifm_buf_init(&work, RULES_TEMPLATE_BYTES_MAX);
    bool ok = true;
    for (size_t i = 0; ok && i < count; i++) {
        bool texts = i > 0 && (arguments[i].kind == TEMPLATE_TEXT || arguments[i - 1].kind == TEMPLATE_TEXT);
        ifm_buf_append_text(&work, i > 0 && (lines || !texts) ? " " : "");
        ok = template_print(run, &arguments[i], &work);
    }
    ifm_buf_append_text(&work, lines ? "\n" : "");
    if (!ok) {
        ifm_buf_deinit(&work);
        return false;
    }
    return template_take_text(run, &work, out);
}

bool template_print_all(template_run *run, const template_value *arguments, size_t count, template_value *out)
{
    return print_all(run, arguments, count, false, out);
}

static bool call_print(template_run *run, const template_value *arguments, size_t count, template_value *out)
{
    return print_all(run, arguments, count, false, out);
}

static bool call_println(template_run *run, const template_value *arguments, size_t count,
                         template_value *out)
{
    return print_all(run, arguments, count, true, out);
}

static bool call_html(template_run *run, const template_value *arguments, size_t count, template_value *out)
{
    static const struct {
        char c;
        const char *text;
    } escapes[] = {{'<', "&lt;"}, {'>', "&gt;"}, {'&', "&amp;"}, {'"', "&#34;"}, {'\'', "&#39;"}};
    template_value all;
    if (!print_all(run, arguments, count, false, &all)) {
        return false;
    }
    ifm_buf work;
    ifm_buf_init(&work, RULES_TEMPLATE_BYTES_MAX);
    for (size_t i = 0; i < all.text.size; i++) {
        const char *escaped = NULL;
        for (size_t j = 0; j < IFM_COUNT_OF(escapes); j++) {
            escaped = all.text.data[i] == escapes[j].c ? escapes[j].text : escaped;
        }
        if (escaped != NULL) {
            ifm_buf_append_text(&work, escaped);
        } else {
            ifm_buf_append_char(&work, all.text.data[i]);
        }
    }
    return template_take_text(run, &work, out);
}

/* ---- The rest ---- */

static bool call_not(template_run *run, const template_value *arguments, size_t count, template_value *out)
{
    (void)run;
    (void)count;
    *out = (template_value){.kind = TEMPLATE_BOOL, .truth = !template_is_true(&arguments[0])};
    return true;
}

static bool call_len(template_run *run, const template_value *arguments, size_t count, template_value *out)
{
    (void)count;
    out->kind = TEMPLATE_INT;
    switch (arguments[0].kind) {
    case TEMPLATE_TEXT:
        out->whole = (int64_t)arguments[0].text.size;
        return true;
    case TEMPLATE_LABELS:
        out->whole = (int64_t)arguments[0].labels.count;
        return true;
    case TEMPLATE_VECTOR:
        out->whole = (int64_t)arguments[0].vector.count;
        return true;
    case TEMPLATE_ARGS:
        out->whole = (int64_t)arguments[0].args.count;
        return true;
    default:
        return template_run_fail(run, "a %s has no len", template_kind_name(arguments[0].kind));
    }
}

static bool call_args(template_run *run, const template_value *arguments, size_t count, template_value *out)
{
    (void)run;
    *out = (template_value){.kind = TEMPLATE_ARGS, .args = {arguments, count}};
    return true;
}

/* There are no functions among the values. */
static bool call_call(template_run *run, const template_value *arguments, size_t count, template_value *out)
{
    (void)count;
    (void)out;
    return template_run_fail(run, "a %s cannot be called: it is no function",
                             template_kind_name(arguments[0].kind));
}

static bool call_parse_duration(template_run *run, const template_value *arguments, size_t count,
                                template_value *out)
{
    int64_t ms;
    (void)count;
    if (!config_duration(arguments[0].text, &ms)) {
        return template_run_fail(run, "parseDuration: this is no duration such as 5m or 1h30m");
    }
    *out = (template_value){.kind = TEMPLATE_FLOAT, .number = (double)ms / 1000};
    return true;
}

static bool call_now(template_run *run, const template_value *arguments, size_t count, template_value *out)
{
    (void)arguments;
    (void)count;
    *out = (template_value){.kind = TEMPLATE_FLOAT, .number = (double)run->data->time_ms / 1000};
    return true;
}

static bool call_external_url(template_run *run, const template_value *arguments, size_t count,
                              template_value *out)
{
    (void)arguments;
    (void)count;
    *out = template_text(run->data->external_url);
    return true;
}

static bool call_path_prefix(template_run *run, const template_value *arguments, size_t count,
                             template_value *out)
{
    const char *host = strstr(run->data->external_url, "://");
    const char *path = host == NULL ? NULL : strchr(host + 3, '/');
    (void)arguments;
    (void)count;
    *out = template_text(path == NULL ? "" : path);
    return true;
}

static const template_function functions[] = {
    {"and", 1, -1, NULL, ""},
    {"args", 0, TEMPLATE_ARGS_MAX, call_args, ""},
    {"call", 1, -1, call_call, ""},
    {"eq", 2, -1, template_equal, ""},
    {"externalURL", 0, 0, call_external_url, ""},
    {"first", 1, 1, call_first, "v"},
    {"ge", 2, 2, template_greater_equal, ""},
    {"graphLink", 1, 1, call_graph_link, "t"},
    {"gt", 2, 2, template_greater, ""},
    {"html", 0, -1, call_html, ""},
    {"humanize", 1, 1, template_humanize, ""},
    {"humanize1024", 1, 1, template_humanize_1024, ""},
    {"humanizeDuration", 1, 1, template_humanize_duration, ""},
    {"humanizePercentage", 1, 1, template_humanize_percentage, ""},
    {"humanizeTimestamp", 1, 1, template_humanize_timestamp, ""},
    {"index", 1, -1, template_index, ""},
    {"js", 0, -1, template_js, ""},
    {"label", 2, 2, call_label, "ts"},
    {"le", 2, 2, template_less_equal, ""},
    {"len", 1, 1, call_len, ""},
    {"lt", 2, 2, template_less, ""},
    {"match", 2, 2, call_match, "tt"},
    {"ne", 2, 2, template_not_equal, ""},
    {"not", 1, 1, call_not, ""},
    {"now", 0, 0, call_now, ""},
    {"or", 1, -1, NULL, ""},
    {"parseDuration", 1, 1, call_parse_duration, "t"},
    {"pathPrefix", 0, 0, call_path_prefix, ""},
    {"print", 0, -1, call_print, ""},
    {"printf", 1, -1, template_printf, "t"},
    {"println", 0, -1, call_println, ""},
    {"query", 1, 1, call_query, "t"},
    {"reReplaceAll", 3, 3, call_replace, "ttt"},
    {"safeHtml", 1, 1, call_same, "t"},
    {"slice", 1, 4, template_slice, ""},
    {"sortByLabel", 2, 2, call_sort_by_label, "tv"},
    {"stripDomain", 1, 1, call_strip_domain, "t"},
    {"stripPort", 1, 1, call_strip_port, "t"},
    {"strvalue", 1, 1, call_strvalue, "s"},
    {"tableLink", 1, 1, call_table_link, "t"},
    {"title", 1, 1, call_title, "t"},
    {"toLower", 1, 1, call_lower, "t"},
    {"toDuration", 1, 1, template_to_duration, ""},
    {"toTime", 1, 1, template_to_time, ""},
    {"toUpper", 1, 1, call_upper, "t"},
    {"urlQueryEscape", 1, 1, call_escape, "t"},
    {"urlquery", 0, -1, call_escape, ""},
    {"value", 1, 1, call_value, "s"},
};

const template_function *template_function_find(model_text name)
{
    for (size_t i = 0; i < IFM_COUNT_OF(functions); i++) {
        if (model_text_equal(name, model_text_of(functions[i].name))) {
            return &functions[i];
        }
    }
    return NULL;
}

bool template_function_is_known(model_text name)
{
    static const char *const known[] = {"tmpl"};
    for (size_t i = 0; i < IFM_COUNT_OF(known); i++) {
        if (model_text_equal(name, model_text_of(known[i]))) {
            return true;
        }
    }
    return false;
}
