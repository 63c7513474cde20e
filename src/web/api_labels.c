/* SPDX-License-Identifier: Apache-2.0
 *
 * labels, label/NAME/values, series, query_exemplars: what the store knows of its series.
 */
#include "web/impl.h"

/* What all of them are asked with. */
typedef struct web_listing {
    web_request *request;
    tsdb *db;
    tsdb_selection selection;
    web_selectors selectors;
} web_listing;

/* False: the answer says why. Else the selectors are to be freed. `parameter` as of web_param_selectors(). */
static bool listing_open(web_listing *listing, const char *parameter)
{
    web_request *request = listing->request;
    tsdb_selection *selection = &listing->selection;
    int64_t limit;
    if (!web_param_limit(request, &limit) ||
        !web_param_time(request, "start", web_time_min_ms, &selection->start_ms) ||
        !web_param_time(request, "end", web_time_max_ms, &selection->end_ms) ||
        !web_param_selectors(request, parameter, &listing->selectors)) {
        return false;
    }
    for (size_t i = 0; i < listing->selectors.count; i++) {
        bool matches_all = true;
        ifm_error err = {.code = IFM_OK};
        for (size_t j = 0; j < listing->selectors.sizes[i] && matches_all; j++) {
            matches_all = model_matcher_matches(&listing->selectors.sets[i][j], (model_text){"", 0}, &err);
        }
        if (matches_all) {
            static const char empty[] = "match[] must contain at least one non-empty matcher";
            web_selectors_free(&listing->selectors);
            web_answer_error(request, WEB_BAD_DATA,
                             parameter == NULL ? "%s" : "invalid parameter \"match[]\": %s", empty);
            return false;
        }
    }
    listing->db = web_db(request);
    selection->sets = (const model_matcher *const *)listing->selectors.sets;
    selection->set_sizes = listing->selectors.sizes;
    selection->set_count = listing->selectors.count;
    selection->limit = (size_t)limit;
    if (listing->db == NULL) {
        web_selectors_free(&listing->selectors);
    }
    return listing->db != NULL;
}

/* How many of `count` are shown: the limit, with a warning. */
static size_t listing_shown(const web_listing *listing, size_t count)
{
    if (listing->selection.limit == 0 || count <= listing->selection.limit) {
        return count;
    }
    web_answer_warn(listing->request, "results truncated due to limit");
    return listing->selection.limit;
}

static void answer_texts(web_listing *listing, bool ok, const model_text *texts, size_t count,
                         const ifm_error *err)
{
    web_request *request = listing->request;
    if (!ok) {
        web_answer_failure(request, err);
    } else {
        size_t shown = listing_shown(listing, count);
        web_json_texts(web_answer_begin(request), texts, shown);
        web_answer_end(request);
    }
    web_selectors_free(&listing->selectors);
}

void web_api_labels(web_request *request)
{
    web_listing listing = {.request = request};
    ifm_error err;
    const model_text *names = NULL;
    size_t count = 0;
    if (listing_open(&listing, NULL)) {
        bool ok = tsdb_label_names(listing.db, &listing.selection, &request->arena, &names, &count, &err);
        answer_texts(&listing, ok, names, count, &err);
    }
}

/* ---- Escaped names ---- */

static size_t utf8_write(uint32_t point, char out[4])
{
    if (point < 0x80) {
        out[0] = (char)point;
        return 1;
    }
    size_t size = point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    static const unsigned char leads[] = {0, 0, 0xC0, 0xE0, 0xF0};
    for (size_t i = size - 1; i > 0; i--, point >>= 6) {
        out[i] = (char)(0x80 | (point & 0x3F));
    }
    out[0] = (char)(leads[size] | point);
    return size;
}

static int hex_digit(char c)
{
    char low = (char)(c | 0x20);
    return c >= '0' && c <= '9' ? c - '0' : low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

/* Reads "2e_" at name[*at], behind its underscore; *at is then that of the closing one. */
static bool code_point(model_text name, size_t *at, uint32_t *point)
{
    *point = 0;
    for (int digits = 0; *at < name.size; digits++, (*at)++) {
        if (name.data[*at] == '_') {
            return *point <= 0x10FFFF && (*point < 0xD800 || *point > 0xDFFF);
        }
        int digit = hex_digit(name.data[*at]);
        if (digits >= 6 || digit < 0) {
            return false;
        }
        *point = *point << 4 | (uint32_t)digit;
    }
    return false;
}

/* "U__a_2e_b" is a.b, as escaping by values has it; what is not well formed is itself. */
static model_text name_unescape(model_text name, ifm_bump *arena)
{
    static const char prefix[] = "U__";
    char *out = ifm_bump_alloc(arena, name.size + 4);
    if (out == NULL || name.size < 3 || memcmp(name.data, prefix, 3) != 0) {
        return name;
    }
    size_t size = 0;
    for (size_t i = 3; i < name.size; i++) {
        if (name.data[i] != '_') {
            out[size++] = name.data[i];
            continue;
        }
        uint32_t point;
        i++;
        if (i < name.size && name.data[i] == '_') {
            out[size++] = '_';
        } else if (i < name.size && code_point(name, &i, &point)) {
            size += utf8_write(point, out + size);
        } else {
            return name;
        }
    }
    return (model_text){out, size};
}

void web_api_label_values(web_request *request)
{
    web_listing listing = {.request = request};
    ifm_error err;
    const model_text *values = NULL;
    size_t count = 0;
    model_text name = name_unescape(request->name, &request->arena);
    if (name.size == 0 || !ifm_utf8_valid(name.data, name.size)) {
        web_answer_error(request, WEB_BAD_DATA, "invalid label name: \"%.*s\"", (int)request->name.size,
                         request->name.data);
        return;
    }
    if (listing_open(&listing, NULL)) {
        bool ok =
            tsdb_label_values(listing.db, name, &listing.selection, &request->arena, &values, &count, &err);
        answer_texts(&listing, ok, values, count, &err);
    }
}

void web_api_series(web_request *request)
{
    web_listing listing = {.request = request};
    ifm_error err;
    const model_labels *series = NULL;
    size_t count = 0;
    if (!web_param_has(&request->params, "match[]")) {
        web_answer_error(request, WEB_BAD_DATA, "no match[] parameter provided");
        return;
    }
    if (!listing_open(&listing, "match[]")) {
        return;
    }
    if (tsdb_series(listing.db, &listing.selection, &request->arena, &series, &count, &err)) {
        size_t shown = listing_shown(&listing, count);
        ifm_buf *out = web_answer_begin(request);
        ifm_buf_append_char(out, '[');
        for (size_t i = 0; i < shown && out->failed == IFM_OK; i++) {
            ifm_buf_append_text(out, i == 0 ? "" : ",");
            web_json_labels(out, series[i]);
        }
        ifm_buf_append_char(out, ']');
        web_answer_end(request);
    } else {
        web_answer_failure(request, &err);
    }
    web_selectors_free(&listing.selectors);
}

/* ---- Exemplars ---- */

typedef struct selector_visit {
    web_request *request;
    web_selectors *selectors;
    bool ok;
} selector_visit;

static bool visit_selector(void *context, const promql_node *node, const promql_node *parent)
{
    selector_visit *visit = context;
    (void)parent;
    if (node->kind == PROMQL_VECTOR && visit->ok) {
        visit->ok = web_selector_add(visit->request, node, visit->selectors);
    }
    return visit->ok;
}

static void append_exemplar(ifm_buf *out, const tsdb_exemplar *exemplar)
{
    ifm_buf_append_text(out, "{\"labels\":");
    web_json_labels(out, exemplar->labels);
    ifm_buf_append_text(out, ",\"value\":");
    web_json_value(out, exemplar->value);
    ifm_buf_append_text(out, ",\"timestamp\":");
    web_json_time(out, exemplar->time_ms);
    ifm_buf_append_char(out, '}');
}

static void answer_exemplars(web_request *request, const tsdb_exemplar *exemplars, size_t count)
{
    ifm_buf *out = web_answer_begin(request);
    ifm_buf_append_char(out, '[');
    for (size_t i = 0; i < count && out->failed == IFM_OK; i++) {
        bool same = i > 0 && model_labels_equal(exemplars[i - 1].series, exemplars[i].series);
        if (!same) {
            ifm_buf_append_text(out, i == 0 ? "{\"seriesLabels\":" : "]},{\"seriesLabels\":");
            web_json_labels(out, exemplars[i].series);
            ifm_buf_append_text(out, ",\"exemplars\":[");
        } else {
            ifm_buf_append_char(out, ',');
        }
        append_exemplar(out, &exemplars[i]);
    }
    ifm_buf_append_text(out, count == 0 ? "]" : "]}]");
    web_answer_end(request);
}

/* The selectors of `query`; without one there is nothing to find, and no content. */
static bool exemplar_selectors(web_request *request, web_selectors *out)
{
    ifm_error err = {.code = IFM_OK};
    selector_visit visit = {request, out, true};
    model_text text = web_param_get(&request->params, "query");
    const promql_node *tree = promql_parse(text.data, text.size, &request->arena, &err);
    if (tree == NULL) {
        web_answer_error_text(request, err.code == IFM_NOMEM ? WEB_INTERNAL : WEB_BAD_DATA, err.message);
        return false;
    }
    promql_visit(tree, visit_selector, &visit);
    if (visit.ok && out->count == 0) {
        request->answer.status = MHD_HTTP_NO_CONTENT;
        return false;
    }
    return visit.ok;
}

void web_api_query_exemplars(web_request *request)
{
    web_selectors selectors = {NULL, NULL, 0};
    tsdb_selection selection = {.sets = NULL};
    const tsdb_exemplar *exemplars = NULL;
    size_t count = 0;
    ifm_error err;
    if (!web_param_time(request, "start", web_time_min_ms, &selection.start_ms) ||
        !web_param_time(request, "end", web_time_max_ms, &selection.end_ms)) {
        return;
    }
    if (selection.end_ms < selection.start_ms) {
        web_answer_error(request, WEB_BAD_DATA, "end timestamp must not be before start timestamp");
        return;
    }
    tsdb *db = exemplar_selectors(request, &selectors) ? web_db(request) : NULL;
    if (db != NULL) {
        selection.sets = (const model_matcher *const *)selectors.sets;
        selection.set_sizes = selectors.sizes;
        selection.set_count = selectors.count;
        if (tsdb_exemplars(db, &selection, &request->arena, &exemplars, &count, &err)) {
            answer_exemplars(request, exemplars, count);
        } else {
            web_answer_failure(request, &err);
        }
    }
    web_selectors_free(&selectors);
}
