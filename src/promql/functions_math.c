/* SPDX-License-Identifier: Apache-2.0 */
#include "promql/functions_impl.h"
#include "promql/kahan.h"

static const double PI = 3.14159265358979323846264338327950288;

/* What simple functions compute of one number. */
typedef double math_function(double value);

static double math_sgn(double value)
{
    return value < 0 ? -1 : value > 0 ? 1 : value;
}

static double math_rad(double value)
{
    return value * PI / 180;
}

static double math_deg(double value)
{
    return value * 180 / PI;
}

static const struct {
    const char *name;
    math_function *function;
} math_functions[] = {
    {"abs", fabs},         {"acos", acos},    {"acosh", acosh},  {"asin", asin}, {"asinh", asinh},
    {"atan", atan},        {"atanh", atanh},  {"ceil", ceil},    {"cos", cos},   {"cosh", cosh},
    {"deg", math_deg},     {"exp", exp},      {"floor", floor},  {"ln", log},    {"log10", promql_log10},
    {"log2", promql_log2}, {"rad", math_rad}, {"sgn", math_sgn}, {"sin", sin},   {"sinh", sinh},
    {"sqrt", sqrt},        {"tan", tan},      {"tanh", tanh},
};

/* A column is absent wherever a histogram stands; removes the series' name. */
static void drop_histograms(promql_eval *eval, promql_series *series)
{
    for (size_t step = 0; step < eval->steps && series->histograms != NULL; step++) {
        if (series->histograms[step] != NULL) {
            series->values[step] = model_from_bits(MODEL_ABSENT_BITS);
        }
    }
    series->histograms = NULL;
    promql_drop_name(eval, series);
}

bool promql_math(promql_eval *eval, const promql_node *call, promql_value *arguments, size_t count,
                 promql_value *out)
{
    (void)count;
    math_function *function = NULL;
    for (size_t i = 0; i < IFM_COUNT_OF(math_functions); i++) {
        if (strcmp(math_functions[i].name, call->call.function->name) == 0) {
            function = math_functions[i].function;
        }
    }
    *out = arguments[0];
    for (size_t i = 0; i < out->count; i++) {
        double *values = out->series[i].values;
        drop_histograms(eval, &out->series[i]);
        for (size_t step = 0; step < eval->steps; step++) {
            if (!model_is_absent(values[step])) {
                values[step] = function(values[step]);
            }
        }
    }
    return promql_check_arena(eval);
}

bool promql_round(promql_eval *eval, const promql_node *call, promql_value *arguments, size_t count,
                  promql_value *out)
{
    (void)call;
    *out = arguments[0];
    for (size_t i = 0; i < out->count; i++) {
        double *values = out->series[i].values;
        drop_histograms(eval, &out->series[i]);
        for (size_t step = 0; step < eval->steps; step++) {
            if (!model_is_absent(values[step])) {
                /* Multiplied by the inverse, as Prometheus does it: the last bit depends on it. */
                double inverse = 1.0 / (count > 1 ? arguments[1].scalar[step] : 1.0);
                values[step] = floor(values[step] * inverse + 0.5) / inverse;
            }
        }
    }
    return promql_check_arena(eval);
}

/* One bound is NULL when there is none. */
static bool clamp(promql_eval *eval, promql_value *vector, const double *lowest, const double *highest,
                  promql_value *out)
{
    *out = *vector;
    for (size_t i = 0; i < out->count; i++) {
        double *values = out->series[i].values;
        drop_histograms(eval, &out->series[i]);
        for (size_t step = 0; step < eval->steps; step++) {
            double low = lowest == NULL ? -INFINITY : lowest[step];
            double high = highest == NULL ? INFINITY : highest[step];
            if (!model_is_absent(values[step])) {
                values[step] = high < low ? model_from_bits(MODEL_ABSENT_BITS)
                                          : promql_max(low, promql_min(high, values[step]));
            }
        }
    }
    return promql_check_arena(eval);
}

bool promql_clamp(promql_eval *eval, const promql_node *call, promql_value *arguments, size_t count,
                  promql_value *out)
{
    (void)call;
    (void)count;
    return clamp(eval, &arguments[0], arguments[1].scalar, arguments[2].scalar, out);
}

bool promql_clamp_min(promql_eval *eval, const promql_node *call, promql_value *arguments, size_t count,
                      promql_value *out)
{
    (void)call;
    (void)count;
    return clamp(eval, &arguments[0], arguments[1].scalar, NULL, out);
}

bool promql_clamp_max(promql_eval *eval, const promql_node *call, promql_value *arguments, size_t count,
                      promql_value *out)
{
    (void)call;
    (void)count;
    return clamp(eval, &arguments[0], NULL, arguments[1].scalar, out);
}

bool promql_pi(promql_eval *eval, const promql_node *call, promql_value *arguments, size_t count,
               promql_value *out)
{
    (void)call;
    (void)arguments;
    (void)count;
    *out = (promql_value){.type = PROMQL_TYPE_SCALAR, .scalar = promql_column_new(eval)};
    for (size_t step = 0; step < eval->steps && out->scalar != NULL; step++) {
        out->scalar[step] = PI;
    }
    return promql_check_arena(eval);
}

bool promql_max_of(promql_eval *eval, const promql_node *call, promql_value *arguments, size_t count,
                   promql_value *out)
{
    (void)call;
    (void)count;
    *out = arguments[0];
    for (size_t step = 0; step < eval->steps; step++) {
        out->scalar[step] = promql_max(arguments[0].scalar[step], arguments[1].scalar[step]);
    }
    return true;
}

bool promql_min_of(promql_eval *eval, const promql_node *call, promql_value *arguments, size_t count,
                   promql_value *out)
{
    (void)call;
    (void)count;
    *out = arguments[0];
    for (size_t step = 0; step < eval->steps; step++) {
        out->scalar[step] = promql_min(arguments[0].scalar[step], arguments[1].scalar[step]);
    }
    return true;
}
