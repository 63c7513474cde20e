/* SPDX-License-Identifier: Apache-2.0 */
#include "promql/date.h"
#include "promql/functions_impl.h"

typedef double date_part(promql_date date);

static double part_days_in_month(promql_date date)
{
    return date.days_in_month;
}

static double part_day_of_month(promql_date date)
{
    return date.day;
}

static double part_day_of_week(promql_date date)
{
    return date.day_of_week;
}

static double part_day_of_year(promql_date date)
{
    return date.day_of_year;
}

static double part_hour(promql_date date)
{
    return date.hour;
}

static double part_minute(promql_date date)
{
    return date.minute;
}

static double part_month(promql_date date)
{
    return date.month;
}

static double part_year(promql_date date)
{
    return (double)date.year;
}

static const struct {
    const char *name;
    date_part *part;
} date_parts[] = {
    {"days_in_month", part_days_in_month},
    {"day_of_month", part_day_of_month},
    {"day_of_week", part_day_of_week},
    {"day_of_year", part_day_of_year},
    {"hour", part_hour},
    {"minute", part_minute},
    {"month", part_month},
    {"year", part_year},
};

/* Without an argument: of the time of each step. */
static bool date_of_steps(promql_eval *eval, date_part *part, promql_value *out)
{
    *out = (promql_value){.type = PROMQL_TYPE_VECTOR};
    promql_series *series = promql_value_add(eval, out, (model_labels){0});
    for (size_t step = 0; step < eval->steps && series != NULL; step++) {
        series->values[step] = part(promql_date_of(promql_step_time_ms(eval, step) / 1000));
    }
    return promql_check_arena(eval);
}

bool promql_date_part(promql_eval *eval, const promql_node *call, promql_value *arguments, size_t count,
                      promql_value *out)
{
    date_part *part = NULL;
    for (size_t i = 0; i < IFM_COUNT_OF(date_parts); i++) {
        if (strcmp(date_parts[i].name, call->call.function->name) == 0) {
            part = date_parts[i].part;
        }
    }
    if (count == 0) {
        return date_of_steps(eval, part, out);
    }
    *out = arguments[0];
    for (size_t i = 0; i < out->count; i++) {
        promql_series *series = &out->series[i];
        for (size_t step = 0; step < eval->steps; step++) {
            promql_sample sample = promql_series_at(series, step);
            if (sample.histogram != NULL) {
                series->values[step] = model_from_bits(MODEL_ABSENT_BITS);
            } else if (sample.present) {
                series->values[step] = part(promql_date_of(promql_int64_of(sample.value)));
            }
        }
        series->histograms = NULL;
        promql_drop_name(eval, series);
    }
    return promql_check_arena(eval);
}
