/* SPDX-License-Identifier: Apache-2.0
 *
 * inferometer check dashboards FILE...: what is wrong with Grafana dashboards, said in promtool's manner.
 */
#include "base/base.h"
#include "cmd/all.h"
#include "cmd/library_metrics.h"
#include "dashboard/dashboard.h"
#include "os/os.h"

#include <stdio.h>
#include <string.h>

enum { OPTION_METRICS, OPTION_RULES, OPTION_SCRAPE_INTERVAL, OPTION_QUERIES, OPTION_JSON };

enum { FILES_MAX = 64, OUTPUT_BYTES_MAX = 1 << 30, LINE_BYTES_MAX = 1 << 20 };

/* The paths that one option was given. */
typedef struct paths {
    const char *at[FILES_MAX];
    size_t count;
} paths;

typedef struct check_settings {
    paths metrics;
    paths rules;
    int64_t scrape_interval_ms;
    bool queries;
    bool json;
} check_settings;

static bool take_path(paths *to, const char *value, ifm_error *err)
{
    if (to->count == FILES_MAX) {
        return ifm_error_set(err, IFM_LIMIT, "it may be given at most %d times", FILES_MAX);
    }
    to->at[to->count++] = value;
    return true;
}

static bool check_take(void *settings, int id, const char *value, ifm_error *err)
{
    check_settings *to = settings;
    switch (id) {
    case OPTION_METRICS:
        return take_path(&to->metrics, value, err);
    case OPTION_RULES:
        return take_path(&to->rules, value, err);
    case OPTION_SCRAPE_INTERVAL:
        if (!dashboard_duration(value, &to->scrape_interval_ms) || to->scrape_interval_ms == 0) {
            return ifm_error_set(err, IFM_INVALID, "it is no duration such as 5s, 500ms, 1m");
        }
        return true;
    case OPTION_QUERIES:
        to->queries = true;
        return true;
    default:
        to->json = true;
        return true;
    }
}

/* "-" is what is piped in; /dev/stdin is that on Linux. */
static bool read_path(const char *path, ifm_buf *out, ifm_error *err)
{
    return ifm_os_read_file(strcmp(path, "-") == 0 ? "/dev/stdin" : path, out, err);
}

typedef bool add_function(dashboard_metrics *metrics, const char *text, size_t size, ifm_error *err);

static bool add_exposition(dashboard_metrics *metrics, const char *text, size_t size, ifm_error *err)
{
    return dashboard_metrics_add_exposition(metrics, text, size, NULL, err);
}

static bool add_files(dashboard_metrics *metrics, const paths *files, size_t bytes_max, add_function *add,
                      ifm_error *err)
{
    bool ok = true;
    for (size_t i = 0; i < files->count && ok; i++) {
        ifm_buf text;
        ifm_buf_init(&text, bytes_max);
        ok = read_path(files->at[i], &text, err);
        if (ok && !add(metrics, text.data == NULL ? "" : text.data, text.size, err)) {
            ok = ifm_error_wrap(err, "could not take names of metrics from \"%s\"", files->at[i]);
        }
        ifm_buf_deinit(&text);
    }
    return ok;
}

static bool load_metrics(dashboard_metrics *metrics, const check_settings *settings, ifm_error *err)
{
    return library_metrics_add(metrics, err) &&
           add_files(metrics, &settings->metrics, DASHBOARD_EXPOSITION_BYTES_MAX, add_exposition, err) &&
           add_files(metrics, &settings->rules, DASHBOARD_RULES_BYTES_MAX, dashboard_metrics_add_rules, err);
}

static void print_query(void *context, const dashboard_query *query)
{
    (void)context;
    printf("%s\t%s\t%s\t%s\n", query->file, query->place, query->ref, query->text);
}

static void print_finding(FILE *to, const char *indent, const dashboard_finding *finding)
{
    ifm_buf line;
    ifm_buf_init(&line, LINE_BYTES_MAX);
    dashboard_finding_print(finding, &line);
    fprintf(to, "%s%.*s\n", indent, (int)line.size, line.data == NULL ? "" : line.data);
    ifm_buf_deinit(&line);
}

static void print_count(const char *before, size_t count, const char *one, const char *many)
{
    printf("%s%zu %s", before, count, count == 1 ? one : many);
}

/* What was found in the last file of the report, from its finding `first` on. */
static void print_file(const dashboard_report *report, size_t first)
{
    const dashboard_file *file = &report->files[report->file_count - 1];
    printf("Checking %s\n", file->name);
    if (file->error_count > 0) {
        print_count("  FAILED: ", file->error_count, "error", "errors");
    } else {
        print_count("  SUCCESS: ", file->panel_count, "panel", "panels");
        print_count(", ", file->query_count, "query", "queries");
    }
    if (file->warning_count > 0) {
        print_count(", ", file->warning_count, "warning", "warnings");
    }
    putchar('\n');
    for (size_t i = first; i < report->finding_count; i++) {
        print_finding(stdout, "  ", &report->findings[i]);
    }
    putchar('\n');
}

/* A query that is not printed, because it or its dashboard cannot be read, is said on the other stream. */
static void print_left_out(const dashboard_report *report, size_t first)
{
    for (size_t i = first; i < report->finding_count; i++) {
        const dashboard_finding *finding = &report->findings[i];
        if (finding->severity == DASHBOARD_ERROR) {
            print_finding(stderr, "", finding);
        }
    }
}

static bool check_file(const check_settings *settings, const dashboard_check_options *options,
                       const char *path, dashboard_report *report, ifm_error *err)
{
    ifm_buf text;
    ifm_buf_init(&text, DASHBOARD_BYTES_MAX + (4 << 10)); /* what is too large is said by the check */
    size_t first = report->finding_count;
    bool ok = read_path(path, &text, err) &&
              dashboard_check(options, strcmp(path, "-") == 0 ? "standard input" : path,
                              text.data == NULL ? "" : text.data, text.size, report, err);
    ifm_buf_deinit(&text);
    if (ok && settings->queries) {
        print_left_out(report, first);
    } else if (ok && !settings->json) {
        print_file(report, first);
    }
    return ok;
}

static bool print_json(const dashboard_report *report, ifm_error *err)
{
    ifm_buf out;
    ifm_buf_init(&out, OUTPUT_BYTES_MAX);
    dashboard_report_json(report, &out);
    bool ok = ifm_buf_check(&out, err);
    if (ok) {
        printf("%.*s\n", (int)out.size, out.data);
    }
    ifm_buf_deinit(&out);
    return ok;
}

/* Files that cannot be read do not keep the others from being checked. */
static int check_files(const cmd_call *call, const check_settings *settings, const dashboard_metrics *metrics,
                       dashboard_report *report)
{
    const dashboard_check_options options = {.scrape_interval_ms = settings->scrape_interval_ms,
                                             .metrics = settings->queries ? NULL : metrics,
                                             .query = settings->queries ? print_query : NULL};
    bool ok = true;
    ifm_error err;
    for (int i = 0; i < call->argument_count; i++) {
        if (!check_file(settings, &options, call->arguments[i], report, &err)) {
            cmd_fail(&err);
            ok = false;
        }
    }
    if (settings->json && !settings->queries && !print_json(report, &err)) {
        return cmd_fail(&err);
    }
    if (!ok || report->error_count > 0) {
        return CMD_TROUBLE;
    }
    return report->warning_count > 0 && !settings->queries ? CMD_LINT : CMD_OK;
}

static int check_run(const cmd_call *call, void *settings)
{
    ifm_error err;
    dashboard_report report;
    dashboard_metrics *metrics = dashboard_metrics_new(&err);
    if (metrics == NULL || !load_metrics(metrics, settings, &err)) {
        dashboard_metrics_free(metrics);
        return cmd_fail(&err);
    }
    dashboard_report_init(&report);
    int status = check_files(call, settings, metrics, &report);
    dashboard_report_deinit(&report);
    dashboard_metrics_free(metrics);
    return status;
}

static const cmd_option check_options[] = {
    {OPTION_METRICS, "metrics", "FILE", NULL,
     "An exposition (text or OpenMetrics, such as curl gets from /metrics) whose metrics count as known too; "
     "repeatable."},
    {OPTION_RULES, "rules", "FILE", NULL,
     "A file of Prometheus's rules, of which the recorded names count as known too; repeatable."},
    {OPTION_SCRAPE_INTERVAL, "scrape-interval", "DURATION", NULL,
     "How often targets are scraped: rate() and its like need four times that [5s]."},
    {OPTION_QUERIES, "queries", NULL, NULL,
     "Print each query with its variables replaced, as FILE, PANEL, REFID, QUERY with tabs between, and "
     "nothing "
     "else."},
    {OPTION_JSON, "json", NULL, NULL, "Print files and findings as one JSON object."},
    {0}};

const cmd_command cmd_check_dashboards = {
    .name = "check dashboards",
    .arguments = "FILE...",
    .summary = "Checks Grafana dashboards: queries, metrics, data sources, variables, units, layout.",
    .description =
        "Each FILE is one dashboard in Grafana's classic form; \"-\" is the standard input. It is checked as "
        "Grafana reads it from a provisioned file: every query, with its variables replaced, has to be "
        "PromQL, "
        "every metric one that the library, Prometheus itself, --metrics or --rules know, and every data "
        "source a "
        "variable, or " DASHBOARD_DATASOURCE_UID ".\n"
        "Ends with 0 when all is well, with 1 when there are errors, with 3 when there are only warnings.",
    .options = check_options,
    .take = check_take,
    .settings_size = sizeof(check_settings),
    .run = check_run,
    .arguments_min = 1,
    .arguments_max = -1,
};
