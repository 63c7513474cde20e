/* SPDX-License-Identifier: Apache-2.0
 *
 * load STEP: a line for each series, sample i at i * STEP.
 */
#include "promqltest/run.h"
#include "promqltest/text.h"

/* Later lines replace earlier ones of the same series. */
static bool put_series(promqltest_run_state *run, promqltest_load_data *load, const promqltest_series *series,
                       ifm_error *err)
{
    uint64_t hash = model_labels_hash(series->labels);
    for (size_t i = 0; i < load->count; i++) {
        if (load->series[i].hash == hash &&
            model_labels_equal(load->series[i].series.labels, series->labels)) {
            load->series[i].series = *series;
            return true;
        }
    }
    if (load->count == PROMQLTEST_SERIES_MAX) {
        return ifm_error_set(err, IFM_LIMIT, "a load may have at most %d series", PROMQLTEST_SERIES_MAX);
    }
    promqltest_load_series *all = ifm_bump_grow(&run->arena, load->series, load->count, sizeof *all);
    if (all == NULL) {
        return ifm_bump_check(&run->arena, err);
    }
    load->series = all;
    all[load->count++] = (promqltest_load_series){*series, hash};
    return true;
}

static bool merge_starts(promqltest_series *series, const promqltest_series *starts, ifm_error *err)
{
    if (!model_labels_equal(series->labels, starts->labels)) {
        return ifm_error_set(err, IFM_INVALID, "the line of @st before it is of another series");
    }
    if (series->count != starts->count) {
        return ifm_error_set(err, IFM_INVALID, "there are %zu samples, but %zu starts before them",
                             series->count, starts->count);
    }
    for (size_t i = 0; i < series->count; i++) {
        series->items[i].start_given = starts->items[i].start_given;
        series->items[i].start_offset_ms = starts->items[i].start_offset_ms;
    }
    return true;
}

static bool read_lines(promqltest_run_state *run, promqltest_load_data *load, ifm_error *err)
{
    model_text line;
    promqltest_series series;
    promqltest_series starts = {.count = 0};
    while (promqltest_next_of_command(run, &line)) {
        if (!promqltest_series_read(line, &run->arena, &series, err)) {
            return false;
        }
        if (starts.is_starts && !merge_starts(&series, &starts, err)) {
            return false;
        }
        starts = series;
        if (!series.is_starts && !put_series(run, load, &series, err)) {
            return false;
        }
    }
    return !starts.is_starts ||
           ifm_error_set(err, IFM_INVALID, "there are no samples behind the line of @st");
}

static bool append_series(promqltest_run_state *run, const promqltest_load_data *load,
                          const promqltest_series *from, ifm_error *err)
{
    promqltest_memory_series *to = promqltest_memory_find(run->memory, from->labels, err);
    bool ok = to != NULL;
    for (size_t i = 0; ok && i < from->count; i++) {
        const promqltest_item *item = &from->items[i];
        promqltest_sample sample = {.value = item->value, .histogram = item->histogram};
        if (item->omitted) {
            continue;
        }
        if (__builtin_mul_overflow(load->step_ms, (int64_t)i, &sample.time_ms) ||
            __builtin_add_overflow(sample.time_ms, item->start_given ? item->start_offset_ms : 0,
                                   &sample.start_ms)) {
            return ifm_error_set(err, IFM_INVALID, "the time of a sample is out of range");
        }
        sample.start_ms = item->start_given ? sample.start_ms : 0;
        ok = promqltest_memory_append(run->memory, to, &sample, err);
    }
    return ok;
}

bool promqltest_load(promqltest_run_state *run, model_text rest, bool with_nhcb, ifm_error *err)
{
    promqltest_load_data load = {0};
    if (!promqltest_read_duration(rest, &load.step_ms)) {
        return ifm_error_set(err, IFM_INVALID, "\"%.*s\" is no step such as 5m; hint: load 5m",
                             (int)(rest.size < 40 ? rest.size : 40), rest.data);
    }
    if (!read_lines(run, &load, err)) {
        return false;
    }
    for (size_t i = 0; i < load.count; i++) {
        if (!append_series(run, &load, &load.series[i].series, err)) {
            return false;
        }
    }
    return !with_nhcb || promqltest_load_nhcb(run, &load, err);
}
