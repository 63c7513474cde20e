/* SPDX-License-Identifier: Apache-2.0
 *
 * The panels of a dashboard, those in collapsed rows included: numbers, types, places in the grid, queries.
 */
#include "dashboard/duration.h"
#include "dashboard/query.h"

#include <string.h>

enum {
    GRID_COLUMNS = 24,
    GRID_ROWS_MAX = 100000 /* further down nobody scrolls; sums stay far from an overflow */
};

/* The place of a panel in the grid. */
typedef struct area {
    int64_t x, y, w, h;
    const char *title;
    int64_t id;
} area;

typedef struct panels {
    dashboard_checker *checker;
    area *areas; /* of the panels that are looked at together: the whole dashboard's, or one row's */
    size_t area_count;
    int64_t *ids; /* of all */
    size_t id_count;
} panels;

static bool is_one_of(const char *text, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(text, list[i]) == 0) {
            return true;
        }
    }
    return false;
}

static void check_type(dashboard_checker *checker, const json_t *panel, const char *type)
{
    static const char *const core[] = {
        "alertlist",      "annolist",  "barchart",  "bargauge",   "candlestick",    "canvas",
        "dashlist",       "datagrid",  "debug",     "flamegraph", "gauge",          "geomap",
        "gettingstarted", "heatmap",   "histogram", "live",       "logs",           "logstable",
        "news",           "nodeGraph", "piechart",  "row",        "state-timeline", "stat",
        "status-history", "table",     "text",      "timeseries", "traces",         "trend",
        "welcome",        "xychart"};
    static const char *const old[] = {"graph", "singlestat", "table-old", "grafana-piechart-panel",
                                      "grafana-worldmap-panel"};
    if (json_object_get(panel, "libraryPanel") != NULL) {
        dashboard_find(
            checker, DASHBOARD_PANEL, DASHBOARD_WARNING,
            "it is a library panel, which another Grafana does not have; hint: unlink it, and export "
            "the dashboard again");
    } else if (type == NULL) {
        dashboard_find(checker, DASHBOARD_PANEL, DASHBOARD_ERROR, "it has no type");
    } else if (is_one_of(type, old, IFM_COUNT_OF(old))) {
        dashboard_find(
            checker, DASHBOARD_PANEL, DASHBOARD_WARNING,
            "the panel \"%s\" was removed in Grafana 12, which shows another in its place; hint: open "
            "the dashboard in Grafana, and save it",
            type);
    } else if (!is_one_of(type, core, IFM_COUNT_OF(core))) {
        dashboard_find(checker, DASHBOARD_PANEL, DASHBOARD_WARNING,
                       "the panel \"%.*s\" is none of Grafana's own; hint: it needs a plugin of that name",
                       dashboard_shown(type, 80), type);
    }
}

static void check_id(panels *in, const json_t *panel)
{
    const json_t *id = json_object_get(panel, "id");
    if (!json_is_integer(id)) {
        dashboard_find(in->checker, DASHBOARD_PANEL, DASHBOARD_WARNING, "it has no number \"id\"");
        return;
    }
    for (size_t i = 0; i < in->id_count; i++) {
        if (in->ids[i] == json_integer_value(id)) {
            dashboard_find(in->checker, DASHBOARD_PANEL, DASHBOARD_ERROR, "another panel has the same id");
            return;
        }
    }
    in->ids[in->id_count++] = json_integer_value(id);
}

/* Reads "gridPos". False, with a finding, when there is no such place. */
static bool area_read(dashboard_checker *checker, const json_t *panel, area *out)
{
    const json_t *place = json_object_get(panel, "gridPos");
    const struct {
        const char *name;
        int64_t low, high;
        int64_t *out;
    } fields[] = {{"x", 0, GRID_COLUMNS - 1, &out->x},
                  {"y", 0, GRID_ROWS_MAX, &out->y},
                  {"w", 1, GRID_COLUMNS, &out->w},
                  {"h", 1, GRID_ROWS_MAX, &out->h}};
    for (size_t i = 0; i < IFM_COUNT_OF(fields); i++) {
        const json_t *value = json_object_get(place, fields[i].name);
        int64_t number = json_integer_value(value);
        if (!json_is_integer(value) || number < fields[i].low || number > fields[i].high) {
            dashboard_find(checker, DASHBOARD_LAYOUT, DASHBOARD_ERROR,
                           "gridPos.%s is no whole number from %lld to %lld", fields[i].name,
                           (long long)fields[i].low, (long long)fields[i].high);
            return false;
        }
        *fields[i].out = number;
    }
    if (out->x + out->w > GRID_COLUMNS) {
        dashboard_find(checker, DASHBOARD_LAYOUT, DASHBOARD_ERROR,
                       "it begins in column %lld and is %lld wide, but the grid has %d columns",
                       (long long)out->x, (long long)out->w, GRID_COLUMNS);
        return false;
    }
    return true;
}

static void check_place(panels *in, const json_t *panel)
{
    area place = {.title = in->checker->place.name, .id = in->checker->place.id};
    if (!area_read(in->checker, panel, &place)) {
        return;
    }
    for (size_t i = 0; i < in->area_count; i++) {
        const area *other = &in->areas[i];
        if (place.x < other->x + other->w && other->x < place.x + place.w && place.y < other->y + other->h &&
            other->y < place.y + place.h) {
            const char *title = other->title == NULL ? "" : other->title;
            dashboard_find(in->checker, DASHBOARD_LAYOUT, DASHBOARD_ERROR,
                           "it overlaps the panel \"%.*s\" (id %lld); Grafana moves one of them",
                           dashboard_shown(title, 80), title, (long long)other->id);
            break;
        }
    }
    in->areas[in->area_count++] = place;
}

/* The shortest step that a query is asked with: its "interval", or that of its panel. */
static int64_t step_of(const dashboard_checker *checker, const json_t *panel, const json_t *target)
{
    int64_t step_ms = checker->options.scrape_interval_ms;
    int64_t found;
    const char *text = dashboard_text(target, "interval");
    if (text == NULL || *text == '\0') {
        text = dashboard_text(panel, "interval");
    }
    if (text == NULL) {
        return step_ms;
    }
    text += *text == '>'; /* ">5s" is how it was once written */
    return dashboard_duration(text, &found) && found > step_ms ? found : step_ms;
}

static void check_target(dashboard_checker *checker, const json_t *panel, const json_t *target,
                         dashboard_source of_panel)
{
    const json_t *datasource = json_object_get(target, "datasource");
    dashboard_source source = of_panel;
    if (datasource != NULL && !json_is_null(datasource) &&
        json_equal(datasource, json_object_get(panel, "datasource")) == 0) {
        source = dashboard_datasource(checker, datasource);
    }
    const char *query = dashboard_text(target, "expr");
    bool is_asked = query != NULL && *query != '\0';
    if (source == DASHBOARD_SOURCE_NONE && is_asked) {
        dashboard_datasource_missing(checker);
    }
    if (source != DASHBOARD_SOURCE_OTHER && is_asked) {
        dashboard_query_check(checker, query, step_of(checker, panel, target));
    } else if (source == DASHBOARD_SOURCE_PROMETHEUS) {
        dashboard_find(checker, DASHBOARD_QUERY, DASHBOARD_WARNING, "it has no query");
    }
}

static void check_ref(dashboard_checker *checker, const json_t *targets, size_t index)
{
    const char *ref = checker->place.ref;
    for (size_t i = 0; i < index && ref != NULL; i++) {
        const char *other = dashboard_text(json_array_get(targets, i), "refId");
        if (other != NULL && strcmp(other, ref) == 0) {
            dashboard_find(checker, DASHBOARD_QUERY, DASHBOARD_ERROR,
                           "another query of the panel has the same refId, so only one of them is shown");
            return;
        }
    }
}

static void check_targets(dashboard_checker *checker, const json_t *panel)
{
    const json_t *targets = json_object_get(panel, "targets");
    dashboard_source source = dashboard_datasource(checker, json_object_get(panel, "datasource"));
    size_t i;
    const json_t *target;
    json_array_foreach(targets, i, target)
    {
        if (i == DASHBOARD_TARGETS_MAX) {
            checker->place.ref = NULL;
            dashboard_find(checker, DASHBOARD_LIMIT, DASHBOARD_ERROR,
                           "it has more queries than the limit of %d", DASHBOARD_TARGETS_MAX);
            break;
        }
        checker->place.ref = dashboard_text(target, "refId");
        check_ref(checker, targets, i);
        check_target(checker, panel, target, source);
    }
    checker->place.ref = NULL;
}

static void check_panel(panels *in, const json_t *panel)
{
    dashboard_checker *checker = in->checker;
    const char *type = dashboard_text(panel, "type");
    const json_t *id = json_object_get(panel, "id");
    const char *repeat = dashboard_text(panel, "repeat");
    checker->place = (dashboard_place){.what = "panel",
                                       .name = dashboard_text(panel, "title"),
                                       .id = json_is_integer(id) ? json_integer_value(id) : -1};
    if (checker->place.name != NULL && *checker->place.name == '\0') {
        checker->place.name = NULL;
    }
    bool is_row = type != NULL && strcmp(type, "row") == 0;
    checker->place.what = is_row ? "row" : "panel";
    check_type(checker, panel, type);
    check_id(in, panel);
    check_place(in, panel);
    if (repeat != NULL && *repeat != '\0' &&
        dashboard_variable_find(checker, repeat, strlen(repeat)) == NULL) {
        dashboard_find(checker, DASHBOARD_VARIABLE, DASHBOARD_ERROR,
                       "it is repeated for the variable \"%.*s\", which is not defined",
                       dashboard_shown(repeat, 80), repeat);
    }
    if (checker->place.name != NULL) {
        dashboard_expand_title(checker, checker->place.name);
    }
    if (!is_row) {
        checker->panel_count++;
        check_targets(checker, panel);
        dashboard_check_fields(checker, panel);
    }
}

/* Whether there is room for one more; complains once. */
static bool may_go_on(panels *in)
{
    dashboard_checker *checker = in->checker;
    /* The arrays have as many places as panels are looked at, whatever these have. */
    if (in->area_count >= DASHBOARD_PANELS_MAX || in->id_count >= DASHBOARD_PANELS_MAX ||
        checker->panel_count >= DASHBOARD_PANELS_MAX) {
        checker->place = (dashboard_place){.id = -1};
        dashboard_find(checker, DASHBOARD_LIMIT, DASHBOARD_ERROR, "it has more panels than the limit of %d",
                       DASHBOARD_PANELS_MAX);
        return false;
    }
    return !checker->failed;
}

/* The panels that a row hides, which have a layout of their own. */
static void check_row(panels *in, const json_t *row)
{
    panels inside = *in;
    const json_t *list = json_object_get(row, "panels");
    inside.areas = in->areas + in->area_count;
    inside.area_count = 0;
    if (json_array_size(list) > 0 && !json_is_true(json_object_get(row, "collapsed"))) {
        dashboard_find(
            in->checker, DASHBOARD_LAYOUT, DASHBOARD_ERROR,
            "it is not collapsed and has panels of its own, which Grafana does not show; hint: they "
            "belong behind it in the list of all panels");
    }
    size_t i;
    const json_t *panel;
    json_array_foreach(list, i, panel)
    {
        if (in->area_count + inside.area_count >= DASHBOARD_PANELS_MAX || !may_go_on(&inside)) {
            break;
        }
        check_panel(&inside, panel);
    }
    in->id_count = inside.id_count;
}

void dashboard_check_panels(dashboard_checker *checker)
{
    panels in = {.checker = checker,
                 .areas = ifm_alloc_zero(DASHBOARD_PANELS_MAX, sizeof *in.areas),
                 .ids = ifm_alloc_zero(DASHBOARD_PANELS_MAX, sizeof *in.ids)};
    if (in.areas == NULL || in.ids == NULL) {
        dashboard_checker_nomem(checker);
    }
    const json_t *list = json_object_get(checker->root, "panels");
    if (list != NULL && !json_is_array(list)) {
        dashboard_find(checker, DASHBOARD_FORM, DASHBOARD_ERROR, "\"panels\" is no list");
    }
    size_t i;
    const json_t *panel;
    json_array_foreach(list, i, panel)
    {
        if (!may_go_on(&in)) {
            break;
        }
        check_panel(&in, panel);
        if (strcmp(checker->place.what, "row") == 0) {
            check_row(&in, panel);
        }
    }
    checker->place = (dashboard_place){.id = -1};
    ifm_free(in.areas);
    ifm_free(in.ids);
}
