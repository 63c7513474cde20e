/* SPDX-License-Identifier: Apache-2.0
 *
 * Small dashboards as texts, and what is found in them as a text.
 */
#ifndef IFM_TESTS_DASHBOARD_FIXTURE_H
#define IFM_TESTS_DASHBOARD_FIXTURE_H

#include "check.h"
#include "dashboard/dashboard.h"

/* A dashboard that is in order, with these variables and panels. */
#define HEAD   "\"uid\":\"u\",\"title\":\"T\",\"schemaVersion\":39,"
#define SOURCE "{\"type\":\"datasource\",\"name\":\"datasource\",\"query\":\"prometheus\"}"
#define DASHBOARD(variables, panels)                                                                         \
    "{" HEAD "\"templating\":{\"list\":[" SOURCE variables "]},\"panels\":[" panels "]}"

#define UID               "\"datasource\":{\"type\":\"prometheus\",\"uid\":\"${datasource}\"}"
#define PLACE(x, y, w, h) "\"gridPos\":{\"x\":" #x ",\"y\":" #y ",\"w\":" #w ",\"h\":" #h "}"

/* A panel in order, with these fields, each of which ends in a comma. */
#define ONE              "\"type\":\"stat\",\"title\":\"P\",\"id\":1,"
#define PANEL(fields)    "{" fields ONE UID "," PLACE(0, 0, 4, 4) "}"
#define TARGETS(targets) "\"targets\":[" targets "],"
#define TARGET(query)    "{\"refId\":\"A\",\"expr\":\"" query "\"}"

/* A dashboard whose only panel asks `query`. */
#define ASKING(variables, query) DASHBOARD(variables, PANEL(TARGETS(TARGET(query))))

/* All findings, each a line without its "FILE: "; "" when there are none. Valid until the next call. */
static inline const char *findings_of(const dashboard_report *report)
{
    static ifm_buf text;
    ifm_buf_deinit(&text);
    ifm_buf_init(&text, 1 << 20);
    for (size_t i = 0; i < report->finding_count; i++) {
        size_t start = text.size;
        dashboard_finding_print(&report->findings[i], &text);
        size_t name_size = strlen(report->findings[i].file);
        bool is_plain = memcmp(text.data + start + name_size, ": ", 2) == 0;
        memmove(text.data + start, text.data + start + name_size + (is_plain ? 2 : 1),
                text.size - start - name_size - (is_plain ? 2 : 1));
        text.size -= name_size + (is_plain ? 2 : 1);
        ifm_buf_append_char(&text, '\n');
    }
    ifm_buf_append_char(&text, '\0');
    return text.data;
}

/* Frees what findings_of() keeps. */
static inline const char *found_with(const dashboard_check_options *options, const char *json)
{
    dashboard_report report;
    ifm_error err;
    dashboard_report_init(&report);
    CHECK(dashboard_check(options, "f.json", json, strlen(json), &report, &err));
    const char *text = findings_of(&report);
    dashboard_report_deinit(&report);
    return text;
}

static inline const char *found(const char *json)
{
    return found_with(NULL, json);
}

/* Rows of tables: what `json` has wrong; "" for nothing. `want` is the whole text, or, with "*" in
 * front, a part of it. */
typedef struct finding_row {
    const char *json;
    const char *want;
} finding_row;

static inline void check_rows(const dashboard_check_options *options, const finding_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const char *got = found_with(options, rows[i].json);
        bool is_part = rows[i].want[0] == '*';
        bool ok = is_part ? strstr(got, rows[i].want + 1) != NULL : strcmp(got, rows[i].want) == 0;
        if (!check_report(ok, __FILE__, __LINE__)) {
            fprintf(stderr, "row %zu: got:\n%s want:\n%s\n in %s\n", i, got, rows[i].want, rows[i].json);
        }
    }
    check_end();
}

#endif
