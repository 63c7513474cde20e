/* SPDX-License-Identifier: Apache-2.0
 *
 * What handlers have in common: parameters that several of them take.
 */
#include "web/impl.h"

tsdb *web_db(web_request *request)
{
    tsdb *db = atomic_load_explicit(&request->server->db, memory_order_acquire);
    if (db == NULL) {
        web_answer_error(request, WEB_UNAVAILABLE, "there is no store");
    }
    return db;
}

bool web_param_time(web_request *request, const char *name, int64_t standard, int64_t *out)
{
    ifm_error err;
    model_text text = web_param_get(&request->params, name);
    *out = standard;
    if (text.size == 0 || web_time_parse(text, out, &err)) {
        return true;
    }
    ifm_error_wrap(&err, "Invalid time value for '%s'", name);
    web_answer_invalid(request, name, &err);
    return false;
}

bool web_param_limit(web_request *request, int64_t *out)
{
    ifm_error err;
    model_text text = web_param_get(&request->params, "limit");
    *out = 0;
    if (text.size == 0) {
        return true;
    }
    if (!web_integer_parse(text, out, &err)) {
        web_answer_invalid(request, "limit", &err);
        return false;
    }
    if (*out < 0) {
        ifm_error_set(&err, IFM_INVALID, "limit must be non-negative");
        web_answer_invalid(request, "limit", &err);
        return false;
    }
    return true;
}

bool web_param_timeout(web_request *request, int64_t *out_ms)
{
    ifm_error err;
    int64_t asked_ns;
    model_text text = web_param_get(&request->params, "timeout");
    *out_ms = request->server->options.query_timeout_ms;
    if (text.size == 0) {
        return true;
    }
    if (!web_duration_parse(text, &asked_ns, &err)) {
        web_answer_invalid(request, "timeout", &err);
        return false;
    }
    *out_ms = asked_ns / 1000000 < *out_ms ? asked_ns / 1000000 : *out_ms;
    return true;
}

/* ---- Selectors ---- */

static bool matcher_make(const promql_matcher *from, model_matcher *to, ifm_error *err)
{
    static const model_match kinds[] = {
        [PROMQL_MATCH_EQUAL] = MODEL_EQUAL,
        [PROMQL_MATCH_NOT] = MODEL_NOT_EQUAL,
        [PROMQL_MATCH_REGEX] = MODEL_REGEX,
        [PROMQL_MATCH_NOT_REGEX] = MODEL_NOT_REGEX,
    };
    to->name = (model_text){from->name.data, from->name.size};
    to->value = (model_text){from->value.data, from->value.size};
    to->match = kinds[from->match];
    if (to->match == MODEL_REGEX || to->match == MODEL_NOT_REGEX) {
        to->regex = model_regex_new(to->value, err);
        return to->regex != NULL;
    }
    return true;
}

static bool selectors_grow(web_request *request, web_selectors *out)
{
    model_matcher **sets = ifm_bump_grow(&request->arena, out->sets, out->count, sizeof(void *));
    size_t *sizes = ifm_bump_grow(&request->arena, out->sizes, out->count, sizeof *sizes);
    ifm_error err;
    if (sets == NULL || sizes == NULL) {
        (void)ifm_bump_check(&request->arena, &err);
        web_answer_failure(request, &err);
        return false;
    }
    out->sets = sets;
    out->sizes = sizes;
    return true;
}

bool web_selector_add(web_request *request, const promql_node *vector, web_selectors *out)
{
    ifm_error err;
    size_t count = vector->vector.matcher_count;
    if (!selectors_grow(request, out)) {
        return false;
    }
    model_matcher *set = ifm_bump_alloc_array(&request->arena, count, sizeof *set);
    if (set == NULL) {
        (void)ifm_bump_check(&request->arena, &err);
        web_answer_failure(request, &err);
        return false;
    }
    out->sets[out->count] = set;
    out->sizes[out->count] = count;
    out->count++; /* so that what is compiled is freed whatever comes */
    for (size_t i = 0; i < count; i++) {
        if (!matcher_make(&vector->vector.matchers[i], &set[i], &err)) {
            web_answer_failure(request, &err);
            return false;
        }
    }
    return true;
}

static void selector_refuse(web_request *request, const char *parameter, const char *text)
{
    if (parameter == NULL) {
        web_answer_error_text(request, WEB_BAD_DATA, text);
    } else {
        web_answer_error(request, WEB_BAD_DATA, "invalid parameter \"%s\": %s", parameter, text);
    }
}

bool web_selector_parse(web_request *request, model_text text, const char *parameter, web_selectors *out)
{
    static const char empty[] = "match[] must contain at least one non-empty matcher";
    ifm_error err = {.code = IFM_OK};
    const promql_node *tree = promql_parse(text.data, text.size, &request->arena, &err);
    if (tree == NULL && err.code == IFM_NOMEM) {
        web_answer_failure(request, &err);
        return false;
    }
    if (tree == NULL) {
        bool is_empty = strstr(err.message, "at least one non-empty matcher") != NULL;
        const char *why = text.size == 0 ? "1:1: parse error: unexpected end of input" : err.message;
        selector_refuse(request, parameter, is_empty ? empty : why);
        return false;
    }
    const promql_shift *shift = &tree->vector.shift;
    if (tree->kind != PROMQL_VECTOR || shift->at != PROMQL_AT_NONE || shift->offset_ns != 0 ||
        shift->offset_expr != NULL) {
        selector_refuse(request, parameter, "1:1: parse error: a series selector is expected");
        return false;
    }
    return web_selector_add(request, tree, out);
}

bool web_param_selectors(web_request *request, const char *parameter, web_selectors *out)
{
    size_t count;
    ifm_error err;
    *out = (web_selectors){NULL, NULL, 0};
    const model_text *texts = web_param_all(&request->params, "match[]", &request->arena, &count);
    if (texts == NULL) {
        (void)ifm_bump_check(&request->arena, &err);
        web_answer_failure(request, &err);
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (!web_selector_parse(request, texts[i], parameter, out)) {
            web_selectors_free(out);
            return false;
        }
    }
    return true;
}

void web_selectors_free(web_selectors *selectors)
{
    for (size_t i = 0; i < selectors->count; i++) {
        for (size_t j = 0; j < selectors->sizes[i]; j++) {
            model_regex_free(selectors->sets[i][j].regex);
        }
    }
    selectors->count = 0;
}
