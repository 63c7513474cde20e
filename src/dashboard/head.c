/* SPDX-License-Identifier: Apache-2.0
 *
 * What a dashboard says of itself: uid, title, version, refresh, time.
 */
#include "dashboard/checker.h"
#include "dashboard/duration.h"

#include <string.h>
#include <strings.h>

enum {
    UID_BYTES_MAX = 40,       /* what Grafana's database has room for */
    SCHEMA_VERSION_GRID = 16, /* from here on panels have places in a grid; before, they stood in rows */
    SCHEMA_VERSION_NOW = 42,  /* of Grafana 13 */
    RANGE_DEFAULT_MS = 6 * 3600 * 1000
};

/* Two files with the same uid or title make Grafana give up the whole folder's write access. */
static void check_others(dashboard_checker *checker, const char *what, const char *text)
{
    const dashboard_report *report = checker->report;
    for (size_t i = 0; i + 1 < report->file_count; i++) {
        const dashboard_file *file = &report->files[i];
        bool is_same = strcmp(what, "uid") == 0 ? file->uid != NULL && strcmp(file->uid, text) == 0
                                                : file->title != NULL && strcasecmp(file->title, text) == 0;
        if (is_same) {
            dashboard_find(checker, DASHBOARD_IDENTITY, DASHBOARD_ERROR,
                           "\"%s\" has the same %s \"%.*s\"; Grafana's file provisioning wants each once",
                           file->name, what, dashboard_shown(text, DASHBOARD_QUERY_SHOWN_MAX), text);
            return;
        }
    }
}

static char *copy(dashboard_checker *checker, const char *text)
{
    char *copied = ifm_copy_text(text);
    if (copied == NULL) {
        dashboard_checker_nomem(checker);
    }
    return copied;
}

static void check_uid(dashboard_checker *checker)
{
    const char *uid = dashboard_text(checker->root, "uid");
    if (uid == NULL || *uid == '\0') {
        dashboard_find(checker, DASHBOARD_IDENTITY, DASHBOARD_ERROR,
                       "it has no uid, so its address changes whenever it is provisioned anew");
        return;
    }
    if (strlen(uid) > UID_BYTES_MAX) {
        dashboard_find(checker, DASHBOARD_IDENTITY, DASHBOARD_ERROR,
                       "the uid \"%.*s\" is longer than %d characters", dashboard_shown(uid, 80), uid,
                       UID_BYTES_MAX);
    }
    if (uid[strspn(uid, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")] != '\0') {
        dashboard_find(checker, DASHBOARD_IDENTITY, DASHBOARD_ERROR,
                       "the uid \"%.*s\" has other characters than a-z, A-Z, 0-9, \"-\" and \"_\"",
                       dashboard_shown(uid, 80), uid);
    }
    check_others(checker, "uid", uid);
    dashboard_checker_file(checker)->uid = copy(checker, uid);
}

static void check_title(dashboard_checker *checker)
{
    const char *title = dashboard_text(checker->root, "title");
    if (title == NULL || *title == '\0') {
        dashboard_find(checker, DASHBOARD_IDENTITY, DASHBOARD_ERROR,
                       "it has no title, without which Grafana does not take it");
        return;
    }
    check_others(checker, "title", title);
    dashboard_checker_file(checker)->title = copy(checker, title);
}

static void check_schema_version(dashboard_checker *checker)
{
    const json_t *version = json_object_get(checker->root, "schemaVersion");
    if (!json_is_integer(version)) {
        dashboard_find(checker, DASHBOARD_FORM, DASHBOARD_ERROR,
                       "it has no schemaVersion, so Grafana takes it for the oldest form there was");
    } else if (json_integer_value(version) < SCHEMA_VERSION_GRID) {
        dashboard_find(
            checker, DASHBOARD_FORM, DASHBOARD_ERROR,
            "schemaVersion %lld is that of Grafana 4, before panels had a place in a grid; hint: open "
            "it in a newer Grafana, and save it",
            (long long)json_integer_value(version));
    } else if (json_integer_value(version) > SCHEMA_VERSION_NOW) {
        dashboard_find(
            checker, DASHBOARD_FORM, DASHBOARD_WARNING,
            "schemaVersion %lld is newer than %d, the last one of the classic form that is known here",
            (long long)json_integer_value(version), SCHEMA_VERSION_NOW);
    }
}

static void check_refresh(dashboard_checker *checker)
{
    const json_t *refresh = json_object_get(checker->root, "refresh");
    const char *text = json_string_value(refresh);
    int64_t ms;
    bool is_off = refresh == NULL || json_is_null(refresh) || json_is_false(refresh);
    if (is_off || (text != NULL && (*text == '\0' || strcmp(text, "auto") == 0))) {
        return;
    }
    if (text == NULL || !dashboard_duration(text, &ms) || ms == 0) {
        dashboard_find(checker, DASHBOARD_FORM, DASHBOARD_ERROR,
                       "\"refresh\" is no interval such as \"5s\", and neither \"\" nor \"auto\"");
    }
}

static void check_time(dashboard_checker *checker)
{
    const json_t *time = json_object_get(checker->root, "time");
    checker->range_ms = RANGE_DEFAULT_MS;
    if (time == NULL) {
        return;
    }
    int64_t before[2] = {-1, -1};
    static const char *const names[] = {"from", "to"};
    for (size_t i = 0; i < IFM_COUNT_OF(names); i++) {
        const char *text = dashboard_text(time, names[i]);
        if (text == NULL || !dashboard_time(text, &before[i])) {
            dashboard_find(checker, DASHBOARD_FORM, DASHBOARD_ERROR,
                           "\"time.%s\" is no time such as \"now-15m\" or \"2026-01-31T12:00:00Z\"",
                           names[i]);
        }
    }
    if (before[0] > before[1] && before[1] >= 0) {
        checker->range_ms = before[0] - before[1];
    } else if (before[0] >= 0 && before[1] > before[0]) {
        dashboard_find(checker, DASHBOARD_FORM, DASHBOARD_ERROR, "\"time.from\" is after \"time.to\"");
    }
}

void dashboard_check_head(dashboard_checker *checker)
{
    check_uid(checker);
    check_title(checker);
    check_schema_version(checker);
    check_refresh(checker);
    check_time(checker);
    if (json_array_size(json_object_get(checker->root, "rows")) > 0) {
        dashboard_find(
            checker, DASHBOARD_FORM, DASHBOARD_ERROR,
            "it has \"rows\", the form of Grafana 4; hint: open it in a newer Grafana, and save it");
    }
}
