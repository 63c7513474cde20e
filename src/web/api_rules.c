/* SPDX-License-Identifier: Apache-2.0
 *
 * rules, alerts: what the rules know. Groups come in pages, if that is asked for.
 */
#include "rules/rules.h"
#include "web/impl.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <strings.h>

enum { TOKEN_SIZE = 17 };

static rules_manager *rules_of(web_request *request)
{
    return atomic_load_explicit(&request->server->rules, memory_order_acquire);
}

/* ---- JSON ---- */

static void append_field(ifm_buf *out, const char *name, const char *text)
{
    ifm_buf_printf(out, ",\"%s\":", name);
    web_json_string(out, text);
}

static void append_number(ifm_buf *out, const char *name, double value)
{
    ifm_buf_printf(out, ",\"%s\":", name);
    web_json_number(out, value);
}

static void append_labels(ifm_buf *out, const char *name, model_labels labels)
{
    ifm_buf_printf(out, ",\"%s\":", name);
    web_json_labels(out, labels);
}

static void append_time(ifm_buf *out, const char *name, int64_t time_ms)
{
    ifm_buf_printf(out, ",\"%s\":\"", name);
    if (time_ms == 0) {
        ifm_buf_append_text(out, "0001-01-01T00:00:00Z");
    } else {
        web_time_print(time_ms, out);
    }
    ifm_buf_append_char(out, '"');
}

/* As Go's strconv.FormatFloat(value, 'e', -1, 64): "1e+00". */
static void append_exponent(ifm_buf *out, double value)
{
    char text[IFM_NUMBER_PLAIN_SIZE], digits[IFM_NUMBER_PLAIN_SIZE];
    size_t size = ifm_number_write_plain(text, fabs(value)), count = 0;
    int exponent = 0;
    bool point = false;
    if (!isfinite(value)) {
        ifm_buf_append_text(out, isnan(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf");
        return;
    }
    for (size_t i = 0; i < size; i++) {
        point = point || text[i] == '.';
        bool leads = count == 0 && text[i] == '0';
        exponent += text[i] != '.' && !point && !leads;
        exponent -= point && leads;
        if (text[i] != '.' && !leads) {
            digits[count++] = text[i];
        }
    }
    for (; count > 1 && digits[count - 1] == '0'; count--) {
    }
    exponent = count == 0 ? 0 : exponent - 1;
    ifm_buf_printf(out, "%s%c", signbit(value) ? "-" : "", count == 0 ? '0' : digits[0]);
    if (count > 1) {
        ifm_buf_printf(out, ".%.*s", (int)count - 1, digits + 1);
    }
    ifm_buf_printf(out, "e%c%02d", exponent < 0 ? '-' : '+', exponent < 0 ? -exponent : exponent);
}

static void append_alert(ifm_buf *out, const rules_alert *alert)
{
    ifm_buf_append_text(out, "{\"labels\":");
    web_json_labels(out, alert->labels);
    append_labels(out, "annotations", alert->annotations);
    append_field(out, "state", rules_state_name(alert->state));
    append_time(out, "activeAt", alert->active_ms);
    if (alert->keep_firing_since_ms != 0) {
        append_time(out, "keepFiringSince", alert->keep_firing_since_ms);
    }
    ifm_buf_append_text(out, ",\"value\":\"");
    append_exponent(out, alert->value);
    ifm_buf_append_text(out, "\"}");
}

static void append_alerts(ifm_buf *out, const rules_rule *rule)
{
    ifm_buf_append_text(out, ",\"annotations\":");
    web_json_labels(out, rule->annotations);
    ifm_buf_append_text(out, ",\"alerts\":[");
    for (size_t i = 0; i < rule->alert_count && out->failed == IFM_OK; i++) {
        ifm_buf_append_text(out, i == 0 ? "" : ",");
        append_alert(out, &rule->alerts[i]);
    }
    ifm_buf_append_char(out, ']');
}

static void append_rule(ifm_buf *out, const rules_rule *rule)
{
    ifm_buf_append_char(out, '{');
    if (rule->is_alert) {
        ifm_buf_append_text(out, "\"state\":");
        web_json_string(out, rules_state_name(rule->state));
        ifm_buf_append_char(out, ',');
    }
    ifm_buf_append_text(out, "\"name\":");
    web_json_string(out, rule->name);
    append_field(out, "query", rule->query);
    if (rule->is_alert) {
        append_number(out, "duration", rule->for_s);
        append_number(out, "keepFiringFor", rule->keep_firing_for_s);
    }
    append_labels(out, "labels", rule->labels);
    if (rule->is_alert) {
        append_alerts(out, rule);
    }
    append_field(out, "health", rules_health_name(rule->health));
    if (rule->last_error[0] != '\0') {
        append_field(out, "lastError", rule->last_error);
    }
    append_number(out, "evaluationTime", rule->evaluation_s);
    append_time(out, "lastEvaluation", rule->last_evaluation_ms);
    append_field(out, "type", rule->is_alert ? "alerting" : "recording");
    ifm_buf_append_char(out, '}');
}

/* ---- What is asked for ---- */

typedef struct texts {
    const model_text *items;
    size_t count;
} texts;

typedef struct filter {
    texts groups, files, names;
    web_selectors selectors;
    bool alerts, records; /* rules of that kind */
    bool without_active;  /* exclude_alerts */
    int64_t limit;        /* of groups; 0: none */
    model_text token;     /* of the first group */
} filter;

static bool read_texts(web_request *request, const char *name, texts *out)
{
    ifm_error err;
    out->items = web_param_all(&request->params, name, &request->arena, &out->count);
    if (out->items == NULL) {
        (void)ifm_bump_check(&request->arena, &err);
        web_answer_failure(request, &err);
        return false;
    }
    return true;
}

static bool is_wanted(const texts *wanted, const char *text)
{
    bool found = wanted->count == 0;
    for (size_t i = 0; i < wanted->count && !found; i++) {
        found = model_text_equal(wanted->items[i], model_text_of(text));
    }
    return found;
}

static bool is_word(model_text text, const char *word)
{
    return text.size == strlen(word) && strncasecmp(text.data, word, text.size) == 0;
}

static void refuse(web_request *request, const char *name, const char *why, model_text text)
{
    ifm_error err;
    ifm_buf quoted;
    ifm_buf_init(&quoted, 4096);
    model_quote(&quoted, (model_text){text.data, text.size < 100 ? text.size : 100});
    ifm_error_set(&err, IFM_INVALID, why, (int)quoted.size, quoted.data == NULL ? "" : quoted.data);
    ifm_buf_deinit(&quoted);
    web_answer_invalid(request, name, &err);
}

static bool read_type(web_request *request, filter *out)
{
    model_text type = web_param_get(&request->params, "type");
    out->alerts = type.size == 0 || is_word(type, "alert");
    out->records = type.size == 0 || is_word(type, "record");
    if (!out->alerts && !out->records) {
        refuse(request, "type", "not supported value %.*s", type);
    }
    return out->alerts || out->records;
}

static bool read_exclude(web_request *request, filter *out)
{
    static const char *const words[][2] = {{"1", "0"}, {"t", "f"}, {"true", "false"}};
    model_text text = web_param_get(&request->params, "exclude_alerts");
    if (text.size == 0) {
        return true;
    }
    for (size_t i = 0; i < IFM_COUNT_OF(words); i++) {
        out->without_active = is_word(text, words[i][0]);
        if (out->without_active || is_word(text, words[i][1])) {
            return true;
        }
    }
    refuse(request, "exclude_alerts",
           "error converting exclude_alerts: strconv.ParseBool: parsing %.*s: invalid syntax", text);
    return false;
}

static bool read_page(web_request *request, filter *out)
{
    ifm_error err;
    model_text limit = web_param_get(&request->params, "group_limit");
    out->token = web_param_get(&request->params, "group_next_token");
    if (limit.size == 0 && out->token.size > 0) {
        ifm_error_set(&err, IFM_INVALID,
                      "group_limit needs to be present in order to paginate over the groups");
        web_answer_invalid(request, "group_next_token", &err);
        return false;
    }
    if (limit.size == 0) {
        return true;
    }
    if (!web_integer_parse(limit, &out->limit, &err)) {
        ifm_error_wrap(&err, "group_limit needs to be a valid number");
        web_answer_invalid(request, "group_limit", &err);
        return false;
    }
    if (out->limit <= 0) {
        ifm_error_set(&err, IFM_INVALID, "group_limit needs to be greater than 0");
        web_answer_invalid(request, "group_limit", &err);
        return false;
    }
    return true;
}

static bool matches(const web_selectors *selectors, model_labels labels)
{
    bool found = selectors->count == 0;
    for (size_t i = 0; i < selectors->count && !found; i++) {
        found = true;
        for (size_t j = 0; j < selectors->sizes[i] && found; j++) {
            ifm_error ignored = {.code = IFM_OK}; /* what backtracks too much does not match */
            const model_matcher *matcher = &selectors->sets[i][j];
            found = model_matcher_matches(matcher, model_labels_get(labels, matcher->name), &ignored);
        }
    }
    return found;
}

static bool rule_is_wanted(const filter *wanted, const rules_rule *rule)
{
    return (rule->is_alert ? wanted->alerts : wanted->records) && is_wanted(&wanted->names, rule->name) &&
           matches(&wanted->selectors, rule->labels);
}

/* ---- Groups ---- */

/* What stands for a group between two pages. */
static void token_of(const rules_group *group, char out[TOKEN_SIZE])
{
    const model_label items[] = {{model_text_of("file"), model_text_of(group->file)},
                                 {model_text_of("group"), model_text_of(group->name)}};
    snprintf(out, TOKEN_SIZE, "%016" PRIx64, model_labels_hash((model_labels){items, IFM_COUNT_OF(items)}));
}

static size_t count_wanted(const filter *wanted, const rules_group *group)
{
    size_t count = 0;
    if (is_wanted(&wanted->groups, group->name) && is_wanted(&wanted->files, group->file)) {
        for (size_t i = 0; i < group->rule_count; i++) {
            count += rule_is_wanted(wanted, &group->rules[i]);
        }
    }
    return count;
}

static void append_group(ifm_buf *out, const filter *wanted, const rules_group *group)
{
    bool first = true;
    ifm_buf_append_text(out, "{\"name\":");
    web_json_string(out, group->name);
    append_field(out, "file", group->file);
    ifm_buf_append_text(out, ",\"rules\":[");
    for (size_t i = 0; i < group->rule_count && out->failed == IFM_OK; i++) {
        if (rule_is_wanted(wanted, &group->rules[i])) {
            ifm_buf_append_text(out, first ? "" : ",");
            first = false;
            append_rule(out, &group->rules[i]);
        }
    }
    ifm_buf_append_char(out, ']');
    append_number(out, "interval", group->interval_s);
    ifm_buf_printf(out, ",\"limit\":%" PRId64, group->limit);
    append_number(out, "evaluationTime", group->evaluation_s);
    append_time(out, "lastEvaluation", group->last_evaluation_ms);
    ifm_buf_append_char(out, '}');
}

/* Where the page begins; `count`: nowhere. */
static size_t page_start(const filter *wanted, const rules_group *groups, size_t count)
{
    char token[TOKEN_SIZE];
    size_t at = 0;
    for (; wanted->token.size > 0 && at < count; at++) {
        token_of(&groups[at], token);
        if (model_text_equal(wanted->token, model_text_of(token))) {
            break;
        }
    }
    return at;
}

static void answer_groups(web_request *request, const filter *wanted, const rules_group *groups, size_t count)
{
    int64_t shown = 0;
    char token[TOKEN_SIZE] = "";
    size_t start = page_start(wanted, groups, count);
    if (wanted->token.size > 0 && start == count) {
        refuse(request, "group_next_token", "invalid group_next_token %.*s. were rule groups changed?",
               wanted->token);
        return;
    }
    ifm_buf *out = web_answer_begin(request);
    ifm_buf_append_text(out, "{\"groups\":[");
    for (size_t i = start; i < count && out->failed == IFM_OK; i++) {
        if (count_wanted(wanted, &groups[i]) == 0) {
            continue;
        }
        if (wanted->limit > 0 && shown == wanted->limit) {
            token_of(&groups[i], token);
            break;
        }
        ifm_buf_append_text(out, shown++ == 0 ? "" : ",");
        append_group(out, wanted, &groups[i]);
    }
    ifm_buf_append_char(out, ']');
    if (token[0] != '\0') {
        append_field(out, "groupNextToken", token);
    }
    ifm_buf_append_char(out, '}');
    web_answer_end(request);
}

static bool list_groups(web_request *request, bool with_alerts, const rules_group **out, size_t *count)
{
    ifm_error err;
    rules_manager *manager = rules_of(request);
    *out = NULL;
    *count = 0;
    if (manager != NULL && !rules_groups_list(manager, with_alerts, &request->arena, out, count, &err)) {
        web_answer_failure(request, &err);
        return false;
    }
    return true;
}

void web_api_rules(web_request *request)
{
    filter wanted = {.limit = 0};
    const rules_group *groups;
    size_t count;
    if (!read_texts(request, "rule_group[]", &wanted.groups) ||
        !read_texts(request, "file[]", &wanted.files) || !read_texts(request, "rule_name[]", &wanted.names) ||
        !read_type(request, &wanted) || !read_exclude(request, &wanted) || !read_page(request, &wanted) ||
        !web_param_selectors(request, NULL, &wanted.selectors)) {
        return;
    }
    if (list_groups(request, !wanted.without_active, &groups, &count)) {
        answer_groups(request, &wanted, groups, count);
    }
    web_selectors_free(&wanted.selectors);
}

void web_api_alerts(web_request *request)
{
    const rules_group *groups;
    size_t count;
    bool first = true;
    if (!list_groups(request, true, &groups, &count)) {
        return;
    }
    ifm_buf *out = web_answer_begin(request);
    ifm_buf_append_text(out, "{\"alerts\":[");
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < groups[i].rule_count; j++) {
            const rules_rule *rule = &groups[i].rules[j];
            for (size_t k = 0; k < rule->alert_count && out->failed == IFM_OK; k++) {
                ifm_buf_append_text(out, first ? "" : ",");
                first = false;
                append_alert(out, &rule->alerts[k]);
            }
        }
    }
    ifm_buf_append_text(out, "]}");
    web_answer_end(request);
}
