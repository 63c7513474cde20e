/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as a dashboard, and as the files that metrics are taken from: findings and errors have a
 * sentence, and queries that are handed out parse.
 */
#include "dashboard/dashboard.h"
#include "promql/promql.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void parse_again(void *context, const dashboard_query *query)
{
    ifm_bump memory;
    ifm_error err;
    (void)context;
    ifm_bump_init(&memory, DASHBOARD_QUERY_MEMORY_MAX);
    if (promql_parse(query->text, strlen(query->text), &memory, &err) == NULL || strchr(query->text, '\n')) {
        abort();
    }
    ifm_bump_deinit(&memory);
}

static void check_findings(const dashboard_report *report)
{
    for (size_t i = 0; i < report->finding_count; i++) {
        const dashboard_finding *finding = &report->findings[i];
        if (finding->text[0] == '\0' || finding->kind > DASHBOARD_LIMIT) {
            abort();
        }
    }
    if (report->error_count + report->warning_count != report->finding_count) {
        abort();
    }
}

static void try_metrics(dashboard_metrics *metrics, const char *text, size_t size)
{
    ifm_error err = {.code = IFM_OK};
    if (!dashboard_metrics_add_exposition(metrics, text, size, "p", &err) && err.message[0] == '\0') {
        abort();
    }
    err = (ifm_error){.code = IFM_OK};
    if (!dashboard_metrics_add_rules(metrics, text, size, &err) && err.message[0] == '\0') {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    dashboard_report report;
    ifm_error err;
    dashboard_metrics *metrics = dashboard_metrics_new(&err);
    if (metrics == NULL) {
        abort();
    }
    if (size > 0 && data[0] != '{') {
        try_metrics(metrics, (const char *)data, size);
    }
    const dashboard_check_options options = {.metrics = metrics, .provisioned = true, .query = parse_again};
    dashboard_report_init(&report);
    if (!dashboard_check(&options, "f", (const char *)data, size, &report, &err)) {
        abort();
    }
    check_findings(&report);
    dashboard_report_deinit(&report);
    dashboard_metrics_free(metrics);
    return 0;
}
