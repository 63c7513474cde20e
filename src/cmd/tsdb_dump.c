/* SPDX-License-Identifier: Apache-2.0
 *
 * inferometer tsdb dump [FOLDER], inferometer tsdb dump-openmetrics [FOLDER]: samples as text.
 */
#include "base/base.h"
#include "cmd/all.h"
#include "cmd/tsdb.h"
#include "exposition/exposition.h"

#include <inttypes.h>
#include <stdio.h>

enum { OPTION_MATCH, OPTION_MIN_TIME, OPTION_MAX_TIME };

enum { LINE_BYTES_MAX = 256 * 1024 * 1024 /* a histogram of two million buckets, printed */ };

static bool dump_take(void *settings, int id, const char *value, ifm_error *err)
{
    cmd_tsdb_settings *to = settings;
    switch (id) {
    case OPTION_MATCH:
        return cmd_tsdb_take_match(to, value, err);
    case OPTION_MIN_TIME:
        return cmd_tsdb_take_time(value, &to->min_ms, &to->has_min, err);
    default:
        return cmd_tsdb_take_time(value, &to->max_ms, &to->has_max, err);
    }
}

/* The line that is made; one buffer for all. */
typedef struct dump {
    ifm_buf line;
} dump;

static bool line_print(dump *to, ifm_error *err)
{
    if (!ifm_buf_check(&to->line, err)) {
        return false;
    }
    if (fwrite(to->line.data, 1, to->line.size, stdout) != to->line.size) {
        return ifm_error_set(err, IFM_IO, "could not write to the standard output");
    }
    return true;
}

static void append_value(ifm_buf *line, double value)
{
    char text[IFM_NUMBER_SIZE];
    ifm_buf_append(line, text, ifm_number_write_g(text, value));
}

/* {labels} value time */
static bool dump_series(void *context, model_labels labels, const storage_samples *samples, ifm_error *err)
{
    dump *to = context;
    ifm_buf_clear(&to->line);
    model_labels_print(labels, &to->line);
    size_t labels_size = to->line.size;
    for (size_t i = 0; i < samples->count; i++) {
        const model_histogram *histogram = samples->histograms == NULL ? NULL : samples->histograms[i];
        to->line.size = labels_size;
        ifm_buf_append_char(&to->line, ' ');
        if (histogram == NULL) {
            append_value(&to->line, samples->values[i]);
        } else {
            model_histogram_print(histogram, &to->line);
        }
        ifm_buf_printf(&to->line, " %" PRId64 "\n", samples->times_ms[i]);
        if (!line_print(to, err)) {
            return false;
        }
    }
    return true;
}

/* As OpenMetrics has it. */
static void append_quoted(ifm_buf *line, model_text text)
{
    ifm_buf_append_char(line, '"');
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] == '\\' || text.data[i] == '"') {
            ifm_buf_append_char(line, '\\');
        }
        if (text.data[i] == '\n') {
            ifm_buf_append_text(line, "\\n");
        } else {
            ifm_buf_append_char(line, text.data[i]);
        }
    }
    ifm_buf_append_char(line, '"');
}

/* name{a="b"}, or {"the name",a="b"} when the name is none that could stand before the brace. */
static void append_series(ifm_buf *line, model_labels labels)
{
    model_text metric = model_labels_get(labels, model_text_of(MODEL_NAME_LABEL));
    bool plain = ifm_name_is_legacy(metric.data, metric.size, IFM_NAME_METRIC);
    bool first = plain;
    if (plain) {
        ifm_buf_append(line, metric.data, metric.size);
    }
    ifm_buf_append_char(line, '{');
    if (!plain) {
        append_quoted(line, metric);
    }
    for (size_t i = 0; i < labels.count; i++) {
        model_text name = labels.items[i].name;
        if (model_text_equal(name, model_text_of(MODEL_NAME_LABEL))) {
            continue;
        }
        ifm_buf_append_text(line, first ? "" : ",");
        first = false;
        if (ifm_name_is_legacy(name.data, name.size, IFM_NAME_LABEL)) {
            ifm_buf_append(line, name.data, name.size);
        } else {
            append_quoted(line, name);
        }
        ifm_buf_append_char(line, '=');
        append_quoted(line, labels.items[i].value);
    }
    ifm_buf_append_char(line, '}');
}

/* name{labels} value seconds: what OpenMetrics can say. */
static bool dump_series_openmetrics(void *context, model_labels labels, const storage_samples *samples,
                                    ifm_error *err)
{
    dump *to = context;
    ifm_buf_clear(&to->line);
    append_series(&to->line, labels);
    size_t labels_size = to->line.size;
    for (size_t i = 0; i < samples->count; i++) {
        bool is_float = samples->histograms == NULL || samples->histograms[i] == NULL;
        if (!is_float || model_is_stale(samples->values[i])) {
            continue;
        }
        int64_t ms = samples->times_ms[i];
        to->line.size = labels_size;
        ifm_buf_append_char(&to->line, ' ');
        append_value(&to->line, samples->values[i]);
        ifm_buf_printf(&to->line, " %s%" PRId64 ".%03d\n", ms < 0 && ms > -1000 ? "-" : "", ms / 1000,
                       (int)(ms % 1000 < 0 ? -(ms % 1000) : ms % 1000));
        if (!line_print(to, err)) {
            return false;
        }
    }
    return true;
}

/* `end` is the last line, also when something is damaged: what could be read can be imported. */
static bool dump_print(const cmd_call *call, const cmd_tsdb_settings *settings, cmd_tsdb_visitor *visit,
                       const char *end, ifm_error *err)
{
    dump to;
    tsdb_copy *copy = cmd_tsdb_open(call, err);
    if (copy == NULL) {
        return false;
    }
    ifm_buf_init(&to.line, LINE_BYTES_MAX);
    bool ok = cmd_tsdb_visit(tsdb_copy_store(copy), call, settings, visit, &to, err);
    if (ok) {
        fputs(end, stdout);
        ok = cmd_tsdb_is_whole(tsdb_copy_store(copy), err);
    }
    ifm_buf_deinit(&to.line);
    tsdb_copy_close(copy);
    return ok;
}

static int dump_run(const cmd_call *call, void *settings)
{
    ifm_error err;
    return cmd_tsdb_end(dump_print(call, settings, dump_series, "", &err), &err);
}

static int dump_openmetrics_run(const cmd_call *call, void *settings)
{
    ifm_error err;
    return cmd_tsdb_end(dump_print(call, settings, dump_series_openmetrics, "# EOF\n", &err), &err);
}

static const cmd_option dump_options[] = {
    {OPTION_MATCH, "match", "SELECTOR", NULL,
     "Only series that this selector matches, as \"up{job=~'a.*'}\"; may be given again for more series "
     "[all]."},
    {OPTION_MIN_TIME, "min-time", "MS", NULL, "Only samples from then on, in milliseconds since 1970 [all]."},
    {OPTION_MAX_TIME, "max-time", "MS", NULL, "Only samples up to then, in milliseconds since 1970 [all]."},
    {0}};

const cmd_command cmd_tsdb_dump = {
    .name = "tsdb dump",
    .arguments = "[FOLDER]",
    .summary = "Prints the samples of a store, a line each.",
    .description =
        "FOLDER is that of the store [data]; a monitor may have it open, and is not disturbed. Each line "
        "is a series with all its labels, a value, and a time in milliseconds since 1970; the series are "
        "sorted by labels, the samples of each by time.\n"
        "Ends with 1 when something is damaged: the rest is printed.",
    .options = dump_options,
    .take = dump_take,
    .settings_size = sizeof(cmd_tsdb_settings),
    .run = dump_run,
    .arguments_max = 1,
};

const cmd_command cmd_tsdb_dump_openmetrics = {
    .name = "tsdb dump-openmetrics",
    .arguments = "[FOLDER]",
    .summary = "Prints the samples of a store in OpenMetrics, for \"tsdb create-blocks-from\".",
    .description =
        "FOLDER is that of the store [data]; a monitor may have it open, and is not disturbed. Native "
        "histograms and staleness markers are left out: the format has none.\n"
        "Ends with 1 when something is damaged: the rest is printed.",
    .options = dump_options,
    .take = dump_take,
    .settings_size = sizeof(cmd_tsdb_settings),
    .run = dump_openmetrics_run,
    .arguments_max = 1,
};
