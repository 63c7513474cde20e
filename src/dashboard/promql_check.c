/* SPDX-License-Identifier: Apache-2.0 */
#include "dashboard/promql_check.h"

#include "dashboard/duration.h"

#include <string.h>

/* Prometheus's own rule of thumb: a window of four scrapes still has two samples when one scrape fails
 * and the window begins between two others. */
enum { SCRAPES_IN_WINDOW = 4 };

static const char quantile_name[] = "histogram_quantile";

typedef struct visit {
    dashboard_checker *checker;
    const dashboard_expansion *expansion;
} visit;

static int shown(promql_text text)
{
    return text.size > 100 ? 100 : (int)text.size;
}

static bool text_is(promql_text text, const char *wanted)
{
    return text.size == strlen(wanted) && memcmp(text.data, wanted, text.size) == 0;
}

/* What the selector asks for: the name before the braces, or __name__="x". Empty when that is a pattern. */
static promql_text metric_of(const promql_vector *vector)
{
    for (size_t i = 0; i < vector->matcher_count && vector->name.size == 0; i++) {
        const promql_matcher *matcher = &vector->matchers[i];
        if (text_is(matcher->name, "__name__") && matcher->match == PROMQL_MATCH_EQUAL) {
            return matcher->value;
        }
    }
    return vector->name;
}

static dashboard_metric_type type_of(const dashboard_checker *checker, promql_text name)
{
    const dashboard_metrics *metrics = checker->options.metrics;
    return metrics == NULL || name.size == 0 ? DASHBOARD_METRIC_NONE
                                             : dashboard_metrics_find(metrics, name.data, name.size);
}

static bool ends_in_bucket(promql_text name)
{
    static const char end[] = "_bucket";
    return name.size > sizeof end - 1 &&
           memcmp(name.data + name.size - (sizeof end - 1), end, sizeof end - 1) == 0;
}

/* Prometheus 3 keeps "1" as "1.0", whoever exposed it. */
static void check_bound(dashboard_checker *checker, promql_text metric, const promql_matcher *matcher)
{
    double value;
    char canonical[IFM_NUMBER_SIZE];
    if (!ends_in_bucket(metric) || !text_is(matcher->name, "le") || matcher->match != PROMQL_MATCH_EQUAL ||
        !ifm_number_read(matcher->value.data, matcher->value.size, &value)) {
        return;
    }
    size_t size = ifm_number_write_canonical(canonical, value);
    if (matcher->value.size != size || memcmp(canonical, matcher->value.data, size) != 0) {
        dashboard_find(checker, DASHBOARD_QUERY, DASHBOARD_WARNING,
                       "le=\"%.*s\" finds nothing in Prometheus 3, which writes it \"%.*s\"",
                       shown(matcher->value), matcher->value.data, (int)size, canonical);
    }
}

static void check_vector(visit *in, const promql_vector *vector)
{
    promql_text name = metric_of(vector);
    for (size_t i = 0; i < vector->matcher_count; i++) {
        check_bound(in->checker, name, &vector->matchers[i]);
    }
    if (in->checker->options.metrics == NULL || name.size == 0 ||
        type_of(in->checker, name) != DASHBOARD_METRIC_NONE) {
        return;
    }
    const char *nearest = dashboard_metrics_nearest(in->checker->options.metrics, name.data, name.size);
    dashboard_find(in->checker, DASHBOARD_METRIC, DASHBOARD_ERROR,
                   "nothing that is known exposes or records the metric \"%.*s\"%s%s%s", shown(name),
                   name.data, nearest == NULL ? "" : "; hint: did you mean \"",
                   nearest == NULL ? "" : nearest, nearest == NULL ? "" : "\"");
}

static const promql_node *without_parens(const promql_node *node)
{
    while (node->kind == PROMQL_PAREN) {
        node = node->paren;
    }
    return node;
}

/* Which functions have to have two samples in their window, and for which type they are made. */
static const struct {
    const char *name;
    bool of_counter;
} window_functions[] = {{"rate", true},    {"increase", true}, {"irate", true},          {"delta", false},
                        {"idelta", false}, {"deriv", false},   {"predict_linear", false}};

static void check_type(visit *in, const char *function, bool of_counter, const promql_node *matrix)
{
    promql_text name = metric_of(&matrix->matrix.selector->vector);
    dashboard_metric_type type = type_of(in->checker, name);
    if (of_counter && type == DASHBOARD_METRIC_GAUGE) {
        dashboard_find(
            in->checker, DASHBOARD_METRIC, DASHBOARD_WARNING,
            "%s() is for counters, and \"%.*s\" is a gauge; hint: deriv() and delta() are for gauges",
            function, shown(name), name.data);
    } else if (!of_counter && (type == DASHBOARD_METRIC_COUNTER || type == DASHBOARD_METRIC_BUCKET)) {
        dashboard_find(
            in->checker, DASHBOARD_METRIC, DASHBOARD_WARNING,
            "%s() is for gauges, and \"%.*s\" is a counter, which begins at 0 after a restart; hint: "
            "rate() and increase() are for counters",
            function, shown(name), name.data);
    }
}

/* The variable that stands as the window of `matrix`; NULL when it is written out. */
static const dashboard_replaced *window_variable(const visit *in, const promql_node *matrix)
{
    const char *text = in->checker->expanded.data;
    for (size_t i = 0; i < in->expansion->replaced_count; i++) {
        const dashboard_replaced *at = &in->expansion->replaced[i];
        if (at->start > matrix->start && at->end < matrix->end && text[at->start - 1] == '[') {
            return at;
        }
    }
    return NULL;
}

static void check_window(visit *in, const char *function, const promql_node *matrix)
{
    int64_t range_ms = matrix->matrix.range_ns / 1000000;
    int64_t scrape_ms = in->checker->options.scrape_interval_ms;
    if (matrix->matrix.range_expr != NULL || range_ms >= SCRAPES_IN_WINDOW * scrape_ms) {
        return;
    }
    char window[DASHBOARD_DURATION_SIZE], scrape[DASHBOARD_DURATION_SIZE];
    dashboard_duration_write(window, range_ms);
    dashboard_duration_write(scrape, scrape_ms);
    const dashboard_replaced *variable = window_variable(in, matrix);
    if (variable != NULL) {
        dashboard_find(
            in->checker, DASHBOARD_WINDOW, DASHBOARD_WARNING,
            "%s() over $%.*s looks back as little as %s, but needs 4 scrapes, which come every %s: "
            "there may be no data; hint: use $__rate_interval",
            function, (int)(variable->name_size > 80 ? 80 : variable->name_size), variable->name, window,
            scrape);
    } else {
        dashboard_find(
            in->checker, DASHBOARD_WINDOW, DASHBOARD_WARNING,
            "%s() looks back %s, but needs 4 scrapes, which come every %s: there may be no data; hint: "
            "use $__rate_interval",
            function, window, scrape);
    }
}

static bool keeps_labels(promql_aggregation op)
{
    return op == PROMQL_TOPK || op == PROMQL_BOTTOMK || op == PROMQL_LIMITK || op == PROMQL_LIMIT_RATIO;
}

static bool drops_le(const promql_aggregate *aggregate)
{
    bool is_named = false;
    for (size_t i = 0; i < aggregate->label_count; i++) {
        is_named = is_named || text_is(aggregate->labels[i], "le");
    }
    return !keeps_labels(aggregate->op) && is_named == aggregate->without;
}

/* The only argument of `node` that series come from; NULL at the end, or where there are two. */
static const promql_node *inner(const promql_node *node)
{
    switch (node->kind) {
    case PROMQL_PAREN:
        return node->paren;
    case PROMQL_AGGREGATE:
        return node->aggregate.expr;
    case PROMQL_MATRIX:
        return node->matrix.selector;
    case PROMQL_SUBQUERY:
        return node->subquery.expr;
    case PROMQL_CALL:
        return node->call.argument_count == 1 ? node->call.arguments[0] : NULL;
    default:
        return NULL;
    }
}

/* Follows what histogram_quantile() is given down to its selector. */
static void check_quantile(visit *in, const promql_node *node)
{
    bool is_dropped = false;
    const promql_node *end = node;
    for (const promql_node *at = node; at != NULL; at = inner(at)) {
        is_dropped = is_dropped || (at->kind == PROMQL_AGGREGATE && drops_le(&at->aggregate));
        end = at;
    }
    if (end->kind != PROMQL_VECTOR) {
        return;
    }
    promql_text name = metric_of(&end->vector);
    dashboard_metric_type type = type_of(in->checker, name);
    if (is_dropped && ends_in_bucket(name)) {
        dashboard_find(in->checker, DASHBOARD_QUERY, DASHBOARD_WARNING,
                       "%s() needs the label le of \"%.*s\", which is aggregated away; hint: sum by (le, ..)",
                       quantile_name, shown(name), name.data);
    } else if (type == DASHBOARD_METRIC_COUNTER || type == DASHBOARD_METRIC_GAUGE) {
        dashboard_find(
            in->checker, DASHBOARD_METRIC, DASHBOARD_WARNING,
            "%s() is for histograms, and \"%.*s\" is none; hint: it may be \"_bucket\" that is missing",
            quantile_name, shown(name), name.data);
    }
}

static void check_call(visit *in, const promql_call *call)
{
    const char *function = call->function->name;
    if (strcmp(function, quantile_name) == 0 && call->argument_count == 2) {
        check_quantile(in, call->arguments[1]);
    }
    for (size_t i = 0; i < IFM_COUNT_OF(window_functions); i++) {
        const promql_node *matrix = call->argument_count == 0 ? NULL : without_parens(call->arguments[0]);
        if (strcmp(function, window_functions[i].name) == 0 && matrix != NULL &&
            matrix->kind == PROMQL_MATRIX) {
            check_type(in, function, window_functions[i].of_counter, matrix);
            check_window(in, function, matrix);
        }
    }
}

static bool check_node(void *context, const promql_node *node, const promql_node *parent)
{
    visit *in = context;
    (void)parent;
    const char *feature = promql_feature(node);
    if (feature != NULL) {
        dashboard_find(in->checker, DASHBOARD_QUERY, DASHBOARD_WARNING,
                       "it is refused by a Prometheus that runs without --enable-feature=%s", feature);
    }
    if (node->kind == PROMQL_VECTOR) {
        check_vector(in, &node->vector);
    } else if (node->kind == PROMQL_CALL) {
        check_call(in, &node->call);
    }
    return true;
}

void dashboard_promql_check(dashboard_checker *checker, const dashboard_expansion *expansion,
                            const promql_node *root)
{
    visit in = {checker, expansion};
    promql_visit(root, check_node, &in);
}
