/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "promql/eval_impl.h"
#include "promql/functions_impl.h"

#include <math.h>

enum { SAMPLES_MAX = 200, STEPS_MAX = 300 };

static uint64_t seed = 7;

static uint64_t draw(uint64_t below)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed % below;
}

typedef struct sweep_case {
    int64_t times[SAMPLES_MAX];
    double values[SAMPLES_MAX];
    promql_sweep sweep;
} sweep_case;

static double draw_value(double before, uint64_t kind)
{
    static const double hard[] = {1e308, -1e308, 1, 1e-300, -0.0, 1e17, -1e17, INFINITY};
    switch (kind) {
    case 0:
        return before + (double)draw(10); /* a counter */
    case 1:
        return draw(8) == 0 ? (double)draw(3) : before + 0.1 * (double)draw(1000); /* with resets */
    case 2:
        return draw(5) == 0 ? NAN : (double)draw(20) - 10;
    case 3:
        return hard[draw(draw(4) == 0 ? IFM_COUNT_OF(hard) : IFM_COUNT_OF(hard) - 1)]; /* sums overflow */
    case 4:
        return draw(2) == 0 ? -0.0 : hard[2 + draw(5)]; /* sums lose digits */
    case 5:
        return -0.0;
    default:
        return (double)draw(4) - 1; /* many equal ones */
    }
}

static void draw_values(sweep_case *c, size_t count)
{
    uint64_t kind = draw(7);
    double value = (double)draw(100);
    for (size_t i = 0; i < count; i++) {
        value = draw_value(isnan(value) ? 0 : value, kind);
        c->values[i] = value;
    }
}

static void draw_case(sweep_case *c)
{
    size_t count = draw(SAMPLES_MAX);
    bool regular = draw(2) == 0;
    int64_t time = (int64_t)draw(100000);
    for (size_t i = 0; i < count; i++) {
        time += regular ? 15000 : 1 + (int64_t)draw(60000);
        c->times[i] = time;
    }
    draw_values(c, count);
    static const int64_t strides[] = {0, 15000, 60000, 7001, 1, 900000};
    c->sweep = (promql_sweep){.count = count,
                              .times_ms = c->times,
                              .values = c->values,
                              .end_ms = (int64_t)draw(200000),
                              .stride_ms = strides[draw(6)],
                              .range_ms = 1 + (int64_t)draw(600000),
                              .steps = 1 + draw(STEPS_MAX - 1)};
}

typedef struct sweep_pair {
    const char *name;
    promql_range_function *range;
    promql_sweep_function *sweep;
} sweep_pair;

/* One step the usual way. */
static promql_sample step_of(promql_eval *eval, const sweep_case *c, promql_range_function *range,
                             size_t step, uint64_t *seen)
{
    promql_window window = {.range_ms = c->sweep.range_ms};
    window.end_ms = c->sweep.end_ms + (int64_t)step * c->sweep.stride_ms;
    window.start_ms = window.end_ms - window.range_ms;
    size_t first = 0;
    while (first < c->sweep.count && c->times[first] <= window.start_ms) {
        first++;
    }
    while (first + window.count < c->sweep.count && c->times[first + window.count] <= window.end_ms) {
        window.count++;
    }
    window.times_ms = c->times + first;
    window.values = c->values + first;
    promql_sample sample = {.present = false};
    *seen += window.count;
    if (window.count > 0) {
        CHECK(range(eval, &window, &sample));
    }
    return sample;
}

static void check_case(promql_eval *eval, const sweep_case *c, const sweep_pair *pair, int round)
{
    double out[STEPS_MAX];
    uint64_t seen = 0;
    uint64_t want_seen = 0;
    for (size_t step = 0; step < c->sweep.steps; step++) {
        out[step] = model_from_bits(MODEL_ABSENT_BITS);
    }
    CHECK(pair->sweep(eval, &c->sweep, out, &seen));
    for (size_t step = 0; step < c->sweep.steps; step++) {
        promql_sample want = step_of(eval, c, pair->range, step, &want_seen);
        CHECK_INT(!model_is_absent(out[step]), want.present);
        if (want.present) {
            CHECK_DOUBLE(out[step], want.value);
        }
        if (check_failures > 0) {
            fprintf(stderr, "    %s, round %d, step %zu\n", pair->name, round, step);
            return;
        }
    }
    CHECK_INT(seen, want_seen);
}

/* Of some the times are those of the one before. */
static void check_series_of_a_call(promql_eval *eval, sweep_case *c, const sweep_pair *pair, int round)
{
    promql_sweep_shared *shared = NULL;
    c->sweep.shared = &shared;
    for (int i = 0; i < 8 && check_failures == 0; i++) {
        if (i == 4 && c->sweep.count > 0) {
            c->times[c->sweep.count - 1] += 1 + (int64_t)draw(20000);
        } else if (i == 6) {
            c->sweep.count -= draw(c->sweep.count + 1);
        }
        draw_values(c, c->sweep.count);
        check_case(eval, c, pair, round);
    }
    c->sweep.shared = NULL;
}

static void sweeps_are_their_functions_to_the_last_bit(void **state)
{
    (void)state;
    static const sweep_pair pairs[] = {
        {"rate", promql_rate, promql_sweep_rate},
        {"increase", promql_increase, promql_sweep_increase},
        {"delta", promql_delta, promql_sweep_delta},
        {"count_over_time", promql_count_over_time, promql_sweep_count},
        {"min_over_time", promql_min_over_time, promql_sweep_min},
        {"max_over_time", promql_max_over_time, promql_sweep_max},
        {"sum_over_time", promql_sum_over_time, promql_sweep_sum},
        {"avg_over_time", promql_avg_over_time, promql_sweep_avg},
    };
    static sweep_case c;
    ifm_error err = {.code = IFM_OK};
    promql_engine_options options = promql_engine_defaults();
    promql_result result = {0};
    promql_run run = {.options = options, .result = &result};
    ifm_bump arena;
    ifm_bump_init(&arena, 64 * 1024 * 1024);
    promql_eval eval = {.options = &options, .run = &run, .arena = &arena, .err = &err};
    for (int round = 0; round < 3000 && check_failures == 0; round++) {
        draw_case(&c);
        for (size_t i = 0; i < IFM_COUNT_OF(pairs) && check_failures == 0; i++) {
            check_case(&eval, &c, &pairs[i], round);
        }
        check_series_of_a_call(&eval, &c, &pairs[round % 3], round);
        ifm_bump_deinit(&arena);
        run.scratch = NULL;
        run.scratch_size = 0;
    }
    ifm_bump_deinit(&arena);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sweeps_are_their_functions_to_the_last_bit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
