/* SPDX-License-Identifier: Apache-2.0
 *
 * D12, D15, D17: the dashboards that Grafana is given, and the interval that they count on.
 */
#include "stack/doctor_impl.h"

#include "dashboard/dashboard.h"
#include "stack/text.h"
#include "stack/yaml_value.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

static int64_t scrape_interval_ms(const doctor_state *state)
{
    return state->record->scrape_interval_s > 0 ? (int64_t)state->record->scrape_interval_s * 1000 : 5000;
}

/* Which check a finding belongs to; NULL: one that keeps no data from being shown. */
static const char *check_of(dashboard_kind kind)
{
    switch (kind) {
    case DASHBOARD_DATASOURCE:
        return "D12";
    case DASHBOARD_WINDOW:
        return "D15";
    case DASHBOARD_JSON:
    case DASHBOARD_FORM:
    case DASHBOARD_V2:
        return "D17";
    default:
        return NULL;
    }
}

static void add(doctor_dashboards *out, const char *check, bool warning, const char *text)
{
    if (out->problem_count < DOCTOR_PROBLEMS_MAX) {
        doctor_problem *problem = &out->problems[out->problem_count++];
        problem->check = check;
        problem->warning = warning;
        stack_text_copy(problem->text, sizeof problem->text, text);
    }
}

static void add_findings(doctor_dashboards *out, const dashboard_report *report)
{
    for (size_t i = 0; i < report->finding_count; i++) {
        const dashboard_finding *finding = &report->findings[i];
        const char *check = check_of(finding->kind);
        char text[STACK_SENTENCE_SIZE];
        if (check != NULL) {
            stack_text_format(text, sizeof text, "%s: %s%s%s", finding->file, finding->place,
                              finding->place[0] == '\0' ? "" : ": ", finding->text);
            add(out, check, finding->severity == DASHBOARD_WARNING, text);
        }
    }
}

static void read_one(doctor_state *state, const char *folder, const char *name, dashboard_report *report)
{
    char path[DOCTOR_PATH_SIZE + 256];
    ifm_buf text;
    ifm_error err;
    const dashboard_check_options options = {.scrape_interval_ms = scrape_interval_ms(state),
                                             .datasource_uid = STACK_DATASOURCE_UID,
                                             .provisioned = true};
    snprintf(path, sizeof path, "%s/%s", folder, name);
    ifm_buf_init(&text, DASHBOARD_BYTES_MAX);
    if (!ifm_os_read_file(path, &text, &err) ||
        !dashboard_check(&options, name, text.data == NULL ? "" : text.data, text.size, report, &err)) {
        add(&state->dashboards, "D17", false, err.message);
    } else {
        state->dashboards.file_count++;
    }
    ifm_buf_deinit(&text);
}

static int is_dashboard(const struct dirent *entry)
{
    size_t size = strlen(entry->d_name);
    return entry->d_name[0] != '.' && size > 5 && strcmp(entry->d_name + size - 5, ".json") == 0;
}

/* Finds what is wrong with the dashboards, once (Q1). */
static const doctor_dashboards *ask_dashboards(doctor_state *state)
{
    char folder[DOCTOR_PATH_SIZE];
    struct dirent **entries;
    if (state->dashboards.asked) {
        return &state->dashboards;
    }
    state->dashboards.asked = true;
    doctor_path(state, "grafana/dashboards", folder);
    dashboard_report report;
    dashboard_report_init(&report);
    int count = scandir(folder, &entries, is_dashboard, alphasort);
    for (int i = 0; i < count; i++) {
        if (i < DOCTOR_DASHBOARDS_MAX) {
            read_one(state, folder, entries[i]->d_name, &report);
        }
        ifm_free(entries[i]);
    }
    if (count >= 0) {
        ifm_free(entries);
    }
    add_findings(&state->dashboards, &report);
    dashboard_report_deinit(&report);
    return &state->dashboards;
}

/* The advice of a finding, which stands behind its sentence, is the fix; `fix` without one. */
static void report_problem(doctor_state *state, const doctor_problem *problem, const char *fix)
{
    static const char mark[] = "; hint: ";
    const char *hint = strstr(problem->text, mark);
    int size = hint == NULL ? (int)strlen(problem->text) : (int)(hint - problem->text);
    doctor_say(state, problem->warning ? STACK_DOCTOR_WARNING : STACK_DOCTOR_FAILED,
               hint == NULL ? fix : hint + sizeof mark - 1, "%.*s", size, problem->text);
}

/* Reports the problems of one check; returns how many there are. */
static size_t report_problems(doctor_state *state, const char *check, const char *fix)
{
    const doctor_dashboards *dashboards = ask_dashboards(state);
    size_t count = 0;
    for (size_t i = 0; i < dashboards->problem_count; i++) {
        const doctor_problem *problem = &dashboards->problems[i];
        if (strcmp(problem->check, check) == 0 && ++count <= DOCTOR_LINES_MAX) {
            report_problem(state, problem, fix);
        }
    }
    if (count > DOCTOR_LINES_MAX) {
        doctor_warn(state, "inferometer check dashboards FILE...  # lists all", "and %zu more",
                    count - DOCTOR_LINES_MAX);
    }
    return count;
}

static bool skip_without_dashboards(doctor_state *state)
{
    if (doctor_skip_without_stack(state)) {
        return true;
    }
    const doctor_dashboards *dashboards = ask_dashboards(state);
    if (dashboards->file_count == 0 && dashboards->problem_count == 0) {
        doctor_skip(state, "there is no dashboard, see D7");
        return true;
    }
    return false;
}

void doctor_d12_sources(doctor_state *state)
{
    if (!skip_without_dashboards(state) &&
        report_problems(state, "D12", "inferometer stack up  # writes our dashboards anew") == 0) {
        doctor_ok(state, "every data source of %zu dashboards is there", state->dashboards.file_count);
    }
}

void doctor_d17_form(doctor_state *state)
{
    if (!skip_without_dashboards(state) &&
        report_problems(state, "D17",
                        "in Grafana: Export, JSON, the classic model; put that in place of the file") == 0) {
        doctor_ok(state, "%zu dashboards have the classic form", state->dashboards.file_count);
    }
}

/* --- D15 ------------------------------------------------------------------------------------------ */

/* What Grafana takes the scrape interval for: it says so, or the file that it is given does. */
static bool grafana_interval(doctor_state *state, char *out, size_t size)
{
    stack_grafana_source source;
    bool found = false;
    ifm_error err;
    out[0] = '\0';
    if (doctor_ask_login(state) == DOCTOR_LOGIN_OK) {
        stack_server grafana = doctor_grafana(state);
        if (stack_grafana_source_by_uid(&grafana, STACK_DATASOURCE_UID, &found, &source, &err) && found) {
            snprintf(out, size, "%s", source.time_interval);
            return true;
        }
    }
    char path[DOCTOR_PATH_SIZE];
    stack_yaml *yaml = stack_yaml_read_file(
        doctor_path(state, "grafana/provisioning/datasources/inferometer.yaml", path), &err);
    if (yaml == NULL) {
        return false;
    }
    const char *text = stack_yaml_text(yaml, "datasources.0.jsonData.timeInterval");
    snprintf(out, size, "%s", text == NULL ? "" : text);
    stack_yaml_free(yaml);
    return true;
}

/* What Prometheus really does: it says so, or the file that it is given does. */
static bool prometheus_interval(doctor_state *state, int64_t *out_ms)
{
    ifm_error err;
    if (doctor_ask_prometheus(state)->ok) {
        stack_server prometheus = doctor_prometheus(state);
        if (stack_prometheus_scrape_interval(&prometheus, out_ms, &err)) {
            return true;
        }
    }
    char path[DOCTOR_PATH_SIZE];
    stack_yaml *yaml = stack_yaml_read_file(doctor_path(state, "prometheus/prometheus.yml", path), &err);
    if (yaml == NULL) {
        return false;
    }
    const char *text = stack_yaml_text(yaml, "global.scrape_interval");
    bool ok = text != NULL && stack_duration_read(text, out_ms);
    stack_yaml_free(yaml);
    return ok;
}

/* Both read their files when they start. */
static const char start_anew[] = "inferometer stack down && inferometer stack up";

static void compare_intervals(doctor_state *state, const char *grafana, int64_t prometheus_ms)
{
    int64_t grafana_ms = 15000; /* what Grafana takes when nothing is said */
    if (grafana[0] != '\0' && !stack_duration_read(grafana, &grafana_ms)) {
        doctor_fail(state, start_anew, "the data source's interval \"%s\" is no duration", grafana);
    } else if (prometheus_ms > grafana_ms) {
        doctor_fail(
            state, start_anew,
            "Prometheus scrapes every %.3g s, but Grafana takes it for %.3g s: $__rate_interval is too "
            "short, and panels have no data",
            (double)prometheus_ms / 1000.0, (double)grafana_ms / 1000.0);
    } else if (prometheus_ms < grafana_ms) {
        doctor_warn(
            state, start_anew,
            "Prometheus scrapes every %.3g s, but Grafana takes it for %.3g s: panels are coarser than they "
            "could be",
            (double)prometheus_ms / 1000.0, (double)grafana_ms / 1000.0);
    }
}

void doctor_d15_interval(doctor_state *state)
{
    char grafana[STACK_GRAFANA_TEXT_SIZE] = "";
    int64_t prometheus_ms = 0;
    if (doctor_skip_without_stack(state)) {
        return;
    }
    if (!prometheus_interval(state, &prometheus_ms)) {
        doctor_skip(state, "the scrape interval is not known: prometheus.yml cannot be read, see D7");
        return;
    }
    if (state->record->grafana && !grafana_interval(state, grafana, sizeof grafana)) {
        doctor_skip(state, "the data source's file cannot be read, see D7");
        return;
    }
    if (state->record->grafana) {
        compare_intervals(state, grafana, prometheus_ms);
    }
    report_problems(state, "D15", "use $__rate_interval as the window");
    if (state->lines == 0) {
        doctor_ok(state, "Prometheus scrapes every %.3g s%s, and no window of a dashboard is too short",
                  (double)prometheus_ms / 1000.0, state->record->grafana ? ", as Grafana takes it to" : "");
    }
}
