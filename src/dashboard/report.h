/* SPDX-License-Identifier: Apache-2.0
 *
 * What was found in dashboards: one report for any number of files, so that what two of them have in
 * common is found too.
 *
 * Thread-safety: one thread.
 * R1  no text of a finding has a control character: it comes from files of others and goes to terminals.
 */
#ifndef DASHBOARD_REPORT_H
#define DASHBOARD_REPORT_H

#include "base/base.h"

#include <inferometer/error.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a finding is about, with its name in JSON. */
#define DASHBOARD_KIND_MAP(XX)                                                                               \
    XX(JSON, "json")             /* it cannot be read */                                                     \
    XX(V2, "v2")                 /* a form that file provisioning does not take */                           \
    XX(FORM, "form")             /* no dashboard, or a field of another type than it has to have */          \
    XX(IDENTITY, "identity")     /* uid and title: missing, or those of another file */                      \
    XX(PANEL, "panel")           /* its type, its number */                                                  \
    XX(LAYOUT, "layout")         /* panels outside the grid, or one over another */                          \
    XX(DATASOURCE, "datasource") /* a data source that is not there */                                       \
    XX(VARIABLE, "variable")     /* not defined, or defined in a way that cannot be used */                  \
    XX(QUERY, "query")           /* no PromQL, or PromQL that does not mean what it says */                  \
    XX(METRIC, "metric")         /* a name that nothing exposes, or a function for another type */           \
    XX(WINDOW, "window")         /* too short for the scrape interval */                                     \
    XX(UNIT, "unit")             /* not known to Grafana */                                                  \
    XX(THRESHOLD, "threshold")   /* steps that Grafana reads otherwise */                                    \
    XX(LIMIT, "limit")           /* a limit of dashboard/limits.h: what is beyond it was not checked */

typedef enum dashboard_kind {
#define DASHBOARD_KIND_ENUM(name, text) DASHBOARD_##name,
    DASHBOARD_KIND_MAP(DASHBOARD_KIND_ENUM)
#undef DASHBOARD_KIND_ENUM
} dashboard_kind;

typedef enum dashboard_severity { DASHBOARD_WARNING, DASHBOARD_ERROR } dashboard_severity;

typedef struct dashboard_finding {
    dashboard_kind kind;
    dashboard_severity severity;
    const char *file; /* as it was given to dashboard_check() */
    int line, column; /* from 1; 0: not known */
    int64_t panel_id; /* -1: none */
    char *place;      /* panel "Latency" (id 3), query A; variable "job"; "" for the whole file */
    char *text;
} dashboard_finding;

typedef struct dashboard_file {
    char *name;
    char *uid; /* NULL: none */
    char *title;
    size_t panel_count; /* without rows */
    size_t query_count;
    size_t error_count;
    size_t warning_count;
} dashboard_file;

typedef struct dashboard_report {
    dashboard_file *files;
    size_t file_count, file_capacity;
    dashboard_finding *findings; /* in the order of files, and in each as found */
    size_t finding_count, finding_capacity;
    size_t error_count, warning_count;
} dashboard_report;

void dashboard_report_init(dashboard_report *report);
void dashboard_report_deinit(dashboard_report *report);

/* Appends "FILE:LINE:COLUMN: warning: PLACE: TEXT", of which what is not known, and "error", is left out. */
void dashboard_finding_print(const dashboard_finding *finding, ifm_buf *out);

/* Appends the whole report as one JSON object. */
void dashboard_report_json(const dashboard_report *report, ifm_buf *out);

/* For the folder's own use. Adds a file without uid and title. Errors: IFM_NOMEM. */
bool dashboard_report_file(dashboard_report *report, const char *name, ifm_error *err);

/* For the folder's own use. Adds a finding about the last file, with `place` and `text`, which are copied and
 * made printable. What the same place of the file already has is not added again. Errors: IFM_NOMEM. */
bool dashboard_report_add(dashboard_report *report, const dashboard_finding *finding, const char *place,
                          const char *text, ifm_error *err);

#endif
