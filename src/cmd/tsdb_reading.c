/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"
#include "cmd/tsdb.h"
#include "os/os.h"
#include "promql/promql.h"

#include <inferometer/registry.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_MS INT64_C(1000000)

enum {
    QUIET_MS = 2000,
    REDRAW_MS = 100,
    MATCH_BYTES_MAX = 64 * 1024 * 1024,    /* the tree of one selector; most of it is never used */
    SELECT_BYTES_MAX = 2000 * 1024 * 1024, /* labels of some ten million series */
    READ_BYTES_MAX = 2000 * 1024 * 1024    /* samples of one series */
};

/* ---- Progress ---- */

void cmd_tsdb_progress_init(cmd_tsdb_progress *progress, const cmd_call *call)
{
    const char *kind = getenv("TERM");
    bool can_redraw = kind != NULL && strcmp(kind, "dumb") != 0;
    *progress = (cmd_tsdb_progress){.call = call,
                                    .began_ns = ifm_os_monotonic_ns(),
                                    .terminal = can_redraw && isatty(STDERR_FILENO) == 1};
}

bool cmd_tsdb_progress_at(cmd_tsdb_progress *progress, const char *what, uint64_t done, uint64_t total)
{
    int64_t now_ns = ifm_os_monotonic_ns();
    if (progress->shown_ns != 0 && now_ns - progress->shown_ns < REDRAW_MS * NS_PER_MS) {
        return true;
    }
    progress->shown_ns = now_ns;
    struct pollfd cancel = {.fd = progress->call->cancel_fd, .events = POLLIN};
    if (poll(&cancel, 1, 0) > 0) {
        return false;
    }
    if (progress->terminal && now_ns - progress->began_ns > QUIET_MS * NS_PER_MS) {
        fprintf(stderr, "\r\033[K%s: %" PRIu64 " of %" PRIu64, what, done, total);
        progress->open = true;
    }
    return true;
}

void cmd_tsdb_progress_end(cmd_tsdb_progress *progress)
{
    if (progress->open) {
        fputs("\r\033[K", stderr);
        progress->open = false;
    }
}

/* ---- Options ---- */

bool cmd_tsdb_take_match(cmd_tsdb_settings *settings, const char *value, ifm_error *err)
{
    if (settings->match_count == CMD_TSDB_MATCHES_MAX) {
        return ifm_error_set(err, IFM_LIMIT, "it may be given %d times at most", CMD_TSDB_MATCHES_MAX);
    }
    settings->matches[settings->match_count++] = value;
    return true;
}

bool cmd_tsdb_take_time(const char *value, int64_t *out, bool *given, ifm_error *err)
{
    bool minus = value[0] == '-';
    const char *at = value + minus;
    int64_t number = 0;
    bool valid = *at != '\0';
    for (; valid && *at != '\0'; at++) {
        valid = *at >= '0' && *at <= '9' && !__builtin_mul_overflow(number, 10, &number) &&
                !__builtin_add_overflow(number, *at - '0', &number);
    }
    if (!valid) {
        return ifm_error_set(err, IFM_INVALID, "it is no number of milliseconds since 1970");
    }
    *out = minus ? -number : number;
    *given = true;
    return true;
}

/* ---- Selectors ---- */

typedef struct match {
    model_matcher *matchers;
    size_t count;
} match;

typedef struct match_list {
    match items[CMD_TSDB_MATCHES_MAX];
    size_t count;
} match_list;

static bool matcher_make(const promql_matcher *from, model_matcher *to, ifm_error *err)
{
    static const model_match kinds[] = {[PROMQL_MATCH_EQUAL] = MODEL_EQUAL,
                                        [PROMQL_MATCH_NOT] = MODEL_NOT_EQUAL,
                                        [PROMQL_MATCH_REGEX] = MODEL_REGEX,
                                        [PROMQL_MATCH_NOT_REGEX] = MODEL_NOT_REGEX};
    *to = (model_matcher){.name = {from->name.data, from->name.size},
                          .value = {from->value.data, from->value.size},
                          .match = kinds[from->match]};
    if (to->match == MODEL_REGEX || to->match == MODEL_NOT_REGEX) {
        to->regex = model_regex_new(to->value, err);
        return to->regex != NULL;
    }
    return true;
}

static bool match_make(const char *text, match *to, ifm_bump *arena, ifm_error *err)
{
    const promql_node *root = promql_parse(text, strlen(text), arena, err);
    if (root == NULL) {
        return false;
    }
    if (root->kind != PROMQL_VECTOR) {
        return ifm_error_set(err, IFM_INVALID, "it is no selector of series");
    }
    const promql_vector *vector = &root->vector;
    to->matchers = ifm_bump_alloc_array(arena, vector->matcher_count, sizeof *to->matchers);
    for (size_t i = 0; to->matchers != NULL && i < vector->matcher_count; i++) {
        to->count = i + 1;
        if (!matcher_make(&vector->matchers[i], &to->matchers[i], err)) {
            return false;
        }
    }
    return ifm_bump_check(arena, err);
}

static bool matches_make(const cmd_tsdb_settings *settings, match_list *list, ifm_bump *arena, ifm_error *err)
{
    for (size_t i = 0; i < settings->match_count; i++) {
        list->count = i + 1;
        if (!match_make(settings->matches[i], &list->items[i], arena, err)) {
            return ifm_error_wrap(err, "--match=%.80s", settings->matches[i]);
        }
    }
    list->count = list->count == 0 ? 1 : list->count; /* without matchers: all */
    return true;
}

static void matches_free(match_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        for (size_t j = 0; j < list->items[i].count; j++) {
            model_regex_free(list->items[i].matchers[j].regex);
        }
    }
}

/* ---- Reading ---- */

typedef struct visit {
    storage_querier *querier;
    int64_t start_ms, end_ms;
    cmd_tsdb_visitor *function;
    void *context;
    cmd_tsdb_progress progress;
} visit;

static int compare_series(const void *left, const void *right)
{
    return model_labels_compare(((const storage_series *)left)->labels,
                                ((const storage_series *)right)->labels);
}

/* The series of all selectors, sorted; one that two of them select is there twice. */
static bool select_all(visit *of, const match_list *list, ifm_bump *arena, storage_series **out,
                       size_t *count, ifm_error *err)
{
    const storage_hints hints = {.start_ms = of->start_ms, .end_ms = of->end_ms, .function = ""};
    *count = 0;
    *out = NULL;
    for (size_t i = 0; i < list->count; i++) {
        const storage_series *found = NULL;
        size_t found_count = 0;
        if (!of->querier->functions->select(of->querier, list->items[i].matchers, list->items[i].count,
                                            &hints, arena, &found, &found_count, err)) {
            return false;
        }
        storage_series *all = ifm_bump_alloc_array(arena, *count + found_count, sizeof *all);
        if (all == NULL) {
            return ifm_bump_check(arena, err);
        }
        if (*count > 0) {
            memcpy(all, *out, *count * sizeof *all);
        }
        if (found_count > 0) {
            memcpy(all + *count, found, found_count * sizeof *all);
        }
        *out = all;
        *count += found_count;
    }
    if (list->count > 1 && *count > 0) {
        qsort(*out, *count, sizeof **out, compare_series);
    }
    return true;
}

static bool visit_series(visit *of, const storage_series *series, size_t count, ifm_error *err)
{
    ifm_bump arena;
    bool ok = true;
    for (size_t i = 0; ok && i < count; i++) {
        storage_samples samples;
        if (i > 0 && model_labels_equal(series[i - 1].labels, series[i].labels)) {
            continue;
        }
        if (!cmd_tsdb_progress_at(&of->progress, "series", i, count)) {
            return ifm_error_set(err, IFM_CANCELED, "interrupted");
        }
        ifm_bump_init(&arena, READ_BYTES_MAX);
        ok = of->querier->functions->read(of->querier, &series[i], of->start_ms, of->end_ms, &arena, &samples,
                                          err) &&
             (samples.count == 0 || of->function(of->context, series[i].labels, &samples, err));
        ifm_bump_deinit(&arena);
    }
    return ok;
}

bool cmd_tsdb_visit(tsdb *db, const cmd_call *call, const cmd_tsdb_settings *settings,
                    cmd_tsdb_visitor *function, void *context, ifm_error *err)
{
    visit of = {.start_ms = settings->has_min ? settings->min_ms : INT64_MIN,
                .end_ms = settings->has_max ? settings->max_ms : INT64_MAX,
                .function = function,
                .context = context};
    match_list list = {.count = 0};
    storage *from = tsdb_storage(db);
    storage_series *series = NULL;
    size_t count = 0;
    ifm_bump arena;
    ifm_bump_init(&arena, SELECT_BYTES_MAX);
    cmd_tsdb_progress_init(&of.progress, call);
    bool ok = matches_make(settings, &list, &arena, err) &&
              from->functions->querier(from, of.start_ms, of.end_ms, &of.querier, err);
    if (ok) {
        ok = select_all(&of, &list, &arena, &series, &count, err) && visit_series(&of, series, count, err);
        of.querier->functions->close(of.querier);
    }
    cmd_tsdb_progress_end(&of.progress);
    matches_free(&list);
    ifm_bump_deinit(&arena);
    return ok;
}

tsdb_copy *cmd_tsdb_open(const cmd_call *call, ifm_error *err)
{
    const char *folder = call->argument_count > 0 ? call->arguments[0] : CMD_TSDB_FOLDER;
    tsdb_copy *copy = NULL;
    return tsdb_copy_open(folder, &copy, err) ? copy : NULL;
}

bool cmd_tsdb_is_whole(tsdb *db, ifm_error *err)
{
    tsdb_stats stats;
    tsdb_stats_now(db, &stats);
    return stats.damages == 0 ||
           ifm_error_set(err, IFM_INVALID,
                         "%" PRIu64
                         " part(s) of the store are damaged, and left out; hint: the monitor moves "
                         "them to the folder \"quarantine\" when it starts",
                         stats.damages);
}

int cmd_tsdb_end(bool ok, const ifm_error *err)
{
    if (ok) {
        return fflush(stdout) == 0 ? CMD_OK : CMD_TROUBLE;
    }
    fflush(stdout);
    cmd_fail(err);
    return err->code == IFM_CANCELED ? CMD_INTERRUPTED : CMD_TROUBLE;
}

/* ---- Texts ---- */

void cmd_tsdb_print_time(int64_t time_ms, char out[CMD_TSDB_TEXT_SIZE])
{
    time_t seconds = (time_t)(time_ms / 1000 - (time_ms % 1000 < 0));
    int ms = (int)(time_ms - (int64_t)seconds * 1000);
    struct tm parts;
    if (gmtime_r(&seconds, &parts) == NULL || parts.tm_year > 8099) {
        snprintf(out, CMD_TSDB_TEXT_SIZE, "%" PRId64, time_ms);
        return;
    }
    snprintf(out, CMD_TSDB_TEXT_SIZE, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", parts.tm_year + 1900,
             parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec, ms);
}

void cmd_tsdb_print_duration(int64_t ms, char out[CMD_TSDB_TEXT_SIZE])
{
    int64_t seconds = ms / 1000;
    if (seconds < 60) {
        snprintf(out, CMD_TSDB_TEXT_SIZE, "%" PRId64 ".%03ds", seconds, (int)(ms % 1000));
    } else if (seconds < 3600) {
        snprintf(out, CMD_TSDB_TEXT_SIZE, "%" PRId64 "m%ds", seconds / 60, (int)(seconds % 60));
    } else {
        snprintf(out, CMD_TSDB_TEXT_SIZE, "%" PRId64 "h%dm", seconds / 3600, (int)(seconds % 3600 / 60));
    }
}

void cmd_tsdb_print_bytes(uint64_t bytes, char out[CMD_TSDB_TEXT_SIZE])
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    double size = (double)bytes;
    size_t unit = 0;
    for (; size >= 1024 && unit + 1 < IFM_COUNT_OF(units); unit++) {
        size /= 1024;
    }
    snprintf(out, CMD_TSDB_TEXT_SIZE, unit == 0 ? "%.0f %s" : "%.1f %s", size, units[unit]);
}
