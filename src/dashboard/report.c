/* SPDX-License-Identifier: Apache-2.0 */
#include "dashboard/report.h"

#include "dashboard/limits.h"

#include <inttypes.h>
#include <string.h>

static const char *const kind_names[] = {
#define DASHBOARD_KIND_NAME(name, text) text,
    DASHBOARD_KIND_MAP(DASHBOARD_KIND_NAME)
#undef DASHBOARD_KIND_NAME
};

void dashboard_report_init(dashboard_report *report)
{
    *report = (dashboard_report){.file_count = 0};
}

void dashboard_report_deinit(dashboard_report *report)
{
    for (size_t i = 0; i < report->file_count; i++) {
        ifm_free(report->files[i].name);
        ifm_free(report->files[i].uid);
        ifm_free(report->files[i].title);
    }
    for (size_t i = 0; i < report->finding_count; i++) {
        ifm_free(report->findings[i].place);
        ifm_free(report->findings[i].text);
    }
    ifm_free(report->files);
    ifm_free(report->findings);
    dashboard_report_init(report);
}

/* Room for one more item. */
static void *grown(void *items, size_t count, size_t *capacity, size_t size, ifm_error *err)
{
    if (count < *capacity) {
        return items;
    }
    size_t more = *capacity == 0 ? 16 : *capacity * 2;
    void *moved = ifm_realloc(items, more, size);
    if (moved == NULL) {
        ifm_error_nomem(err);
        return NULL;
    }
    *capacity = more;
    return moved;
}

bool dashboard_report_file(dashboard_report *report, const char *name, ifm_error *err)
{
    dashboard_file *files =
        grown(report->files, report->file_count, &report->file_capacity, sizeof *files, err);
    if (files == NULL) {
        return false;
    }
    report->files = files;
    char *copy = ifm_copy_text(name);
    if (copy == NULL) {
        return ifm_error_nomem(err);
    }
    files[report->file_count++] = (dashboard_file){.name = copy};
    return true;
}

/* R1. C1 controls, which some terminals obey, are C2 80 to C2 9F. */
static char *printable(const char *text)
{
    char *copy = ifm_copy_text(text);
    if (copy == NULL) {
        return NULL;
    }
    for (unsigned char *c = (unsigned char *)copy; *c != '\0'; c++) {
        if (*c < ' ' || *c == 0x7F) {
            *c = ' ';
        } else if (*c == 0xC2 && c[1] >= 0x80 && c[1] < 0xA0) {
            c[0] = c[1] = '?';
        }
    }
    return copy;
}

/* Whether the last findings, which are about the same place, say it already. */
static bool is_said(const dashboard_report *report, const dashboard_finding *finding)
{
    for (size_t i = report->finding_count; i > 0; i--) {
        const dashboard_finding *before = &report->findings[i - 1];
        if (before->file != finding->file || strcmp(before->place, finding->place) != 0) {
            return false;
        }
        if (before->kind == finding->kind && strcmp(before->text, finding->text) == 0) {
            return true;
        }
    }
    return false;
}

bool dashboard_report_add(dashboard_report *report, const dashboard_finding *finding, const char *place,
                          const char *text, ifm_error *err)
{
    dashboard_finding *findings =
        grown(report->findings, report->finding_count, &report->finding_capacity, sizeof *findings, err);
    if (findings == NULL) {
        return false;
    }
    report->findings = findings;
    dashboard_file *file = &report->files[report->file_count - 1];
    dashboard_finding added = *finding;
    added.file = file->name;
    added.place = printable(place);
    added.text = printable(text);
    bool ok = added.place != NULL && added.text != NULL;
    if (!ok || is_said(report, &added)) {
        ifm_free(added.place);
        ifm_free(added.text);
        return ok || ifm_error_nomem(err);
    }
    findings[report->finding_count++] = added;
    bool is_error = added.severity == DASHBOARD_ERROR;
    file->error_count += is_error;
    file->warning_count += !is_error;
    report->error_count += is_error;
    report->warning_count += !is_error;
    return true;
}

void dashboard_finding_print(const dashboard_finding *finding, ifm_buf *out)
{
    ifm_buf_append_text(out, finding->file);
    if (finding->line > 0) {
        ifm_buf_printf(out, ":%d:%d", finding->line, finding->column);
    }
    ifm_buf_append_text(out, finding->severity == DASHBOARD_WARNING ? ": warning: " : ": ");
    if (finding->place[0] != '\0') {
        ifm_buf_append_text(out, finding->place);
        ifm_buf_append_text(out, ": ");
    }
    ifm_buf_append_text(out, finding->text);
}

static void json_text(ifm_buf *out, const char *name, const char *text)
{
    ifm_buf_printf(out, "\"%s\":", name);
    if (text == NULL) {
        ifm_buf_append_text(out, "null");
        return;
    }
    ifm_buf_append_json(out, text);
}

static void json_number(ifm_buf *out, const char *name, int64_t number)
{
    ifm_buf_printf(out, "\"%s\":%" PRId64, name, number);
}

static void json_file(ifm_buf *out, const dashboard_file *file)
{
    json_text(out, "file", file->name);
    ifm_buf_append_char(out, ',');
    json_text(out, "uid", file->uid);
    ifm_buf_append_char(out, ',');
    json_text(out, "title", file->title);
    ifm_buf_append_char(out, ',');
    json_number(out, "panels", (int64_t)file->panel_count);
    ifm_buf_append_char(out, ',');
    json_number(out, "queries", (int64_t)file->query_count);
    ifm_buf_append_char(out, ',');
    json_number(out, "errors", (int64_t)file->error_count);
    ifm_buf_append_char(out, ',');
    json_number(out, "warnings", (int64_t)file->warning_count);
}

static void json_finding(ifm_buf *out, const dashboard_finding *finding)
{
    json_text(out, "file", finding->file);
    ifm_buf_append_char(out, ',');
    json_text(out, "severity", finding->severity == DASHBOARD_ERROR ? "error" : "warning");
    ifm_buf_append_char(out, ',');
    json_text(out, "kind", kind_names[finding->kind]);
    ifm_buf_append_char(out, ',');
    if (finding->line > 0) {
        json_number(out, "line", finding->line);
        ifm_buf_append_char(out, ',');
        json_number(out, "column", finding->column);
        ifm_buf_append_char(out, ',');
    }
    if (finding->panel_id >= 0) {
        json_number(out, "panelId", finding->panel_id);
        ifm_buf_append_char(out, ',');
    }
    json_text(out, "place", finding->place);
    ifm_buf_append_char(out, ',');
    json_text(out, "text", finding->text);
}

void dashboard_report_json(const dashboard_report *report, ifm_buf *out)
{
    ifm_buf_append_text(out, "{\"files\":[");
    for (size_t i = 0; i < report->file_count; i++) {
        ifm_buf_append_text(out, i == 0 ? "{" : ",{");
        json_file(out, &report->files[i]);
        ifm_buf_append_char(out, '}');
    }
    ifm_buf_append_text(out, "],\"findings\":[");
    for (size_t i = 0; i < report->finding_count; i++) {
        ifm_buf_append_text(out, i == 0 ? "{" : ",{");
        json_finding(out, &report->findings[i]);
        ifm_buf_append_char(out, '}');
    }
    ifm_buf_append_text(out, "],");
    json_number(out, "errors", (int64_t)report->error_count);
    ifm_buf_append_char(out, ',');
    json_number(out, "warnings", (int64_t)report->warning_count);
    ifm_buf_append_char(out, '}');
}
