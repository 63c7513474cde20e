/* SPDX-License-Identifier: Apache-2.0
 *
 * What the parts of a check share: the dashboard, where in it we are, and how a finding is added.
 *
 * C1  after a failure (memory is out) `failed` is set and nothing more is added; whoever loops may go on.
 */
#ifndef DASHBOARD_CHECKER_H
#define DASHBOARD_CHECKER_H

#include "base/base.h"
#include "dashboard/check.h"
#include "dashboard/limits.h"

#include <jansson.h>

typedef struct dashboard_variable {
    const char *name;
    const char *type;   /* "query"; "input": an entry of __inputs */
    const json_t *json; /* its definition */
    char *value;        /* what a query gets in its place */
    bool is_guess;      /* Grafana would ask Prometheus for the value */
} dashboard_variable;

/* Where in the dashboard we are; texts are borrowed from the JSON. */
typedef struct dashboard_place {
    const char *what; /* "panel", "variable", "annotation"; NULL: the whole */
    const char *name; /* NULL: has none */
    int64_t id;       /* -1: has none */
    const char *ref;  /* of a query; NULL: none */
} dashboard_place;

typedef struct dashboard_checker {
    dashboard_check_options options; /* without zeros where there is a default */
    dashboard_report *report;
    const json_t *root; /* the dashboard itself */
    dashboard_variable *variables;
    size_t variable_count;
    dashboard_place place;
    int64_t range_ms; /* of the dashboard's time */
    size_t panel_count;
    size_t query_count;
    size_t finding_first; /* of this file, in the report */
    ifm_buf expanded;     /* the query that is looked at, variables replaced */
    ifm_buf scratch;
    bool failed; /* C1 */
    ifm_error *err;
} dashboard_checker;

dashboard_file *dashboard_checker_file(dashboard_checker *checker);

/* Adds a finding at the place where we are. */
void dashboard_find(dashboard_checker *checker, dashboard_kind kind, dashboard_severity severity,
                    const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Memory is out. */
void dashboard_checker_nomem(dashboard_checker *checker);

/* The text of `key`; NULL when there is none, or it is no text. */
const char *dashboard_text(const json_t *object, const char *key);

/* As much of `text` as is shown, for "%.*s": at most `max` bytes, cut between characters. */
int dashboard_shown(const char *text, int max);

/* The parts of a check, each in the file of its name. */
void dashboard_check_head(dashboard_checker *checker);
void dashboard_check_variables(dashboard_checker *checker);
void dashboard_check_annotations(dashboard_checker *checker);
void dashboard_check_panels(dashboard_checker *checker);
void dashboard_check_fields(dashboard_checker *checker, const json_t *panel);

/* Fills in checker->variables from templating and __inputs; variables_free() undoes it. */
void dashboard_variables_load(dashboard_checker *checker);
void dashboard_variables_free(dashboard_checker *checker);

/* NULL when there is none of that name. */
const dashboard_variable *dashboard_variable_find(const dashboard_checker *checker, const char *name,
                                                  size_t size);

/* What a reference to a data source comes to. */
typedef enum dashboard_source {
    DASHBOARD_SOURCE_NONE,       /* nothing is said: that of the panel, or Grafana's default */
    DASHBOARD_SOURCE_PROMETHEUS, /* also one that was not found, but has to be one */
    DASHBOARD_SOURCE_OTHER       /* another kind, or one of Grafana's own */
} dashboard_source;

/* Looks at the value of a "datasource". Complains of one that is not found. */
dashboard_source dashboard_datasource(dashboard_checker *checker, const json_t *value);

/* Complains that Prometheus is asked, and nothing says which. */
void dashboard_datasource_missing(dashboard_checker *checker);

#endif
