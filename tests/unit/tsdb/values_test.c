/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "tsdb/values.h"

#include <math.h>

enum { COUNT = 64 };

/* What a series becomes; `previous`, when given, is mapped first. */
typedef struct packed {
    tsdb_values values;
    int64_t integers[COUNT];
    uint64_t residuals[COUNT];
    uint64_t nonzero;
} packed;

static packed pack(const double *from, const double *previous)
{
    packed p = {.nonzero = 0};
    int64_t before[COUNT];
    ifm_buf extra;
    ifm_buf_init(&extra, 1 << 20);
    bool exceptions;
    uint8_t hint = previous == NULL ? 0 : tsdb_values_map(previous, COUNT, 0, before, &extra, &exceptions);
    ifm_buf_clear(&extra);
    p.values.mapping = tsdb_values_map(from, COUNT, hint, p.integers, &extra, &p.values.exceptions);
    bool same = previous != NULL && hint == p.values.mapping;
    tsdb_values_predict(&p.values, p.integers, same ? before : NULL, COUNT, p.residuals);
    uint64_t back[COUNT];
    for (int i = 0; i < COUNT; i++) {
        p.nonzero += p.residuals[i] != 0;
        back[i] = p.residuals[i];
    }
    tsdb_values_restore(&p.values, (const uint64_t *)before, COUNT, back);
    for (int i = 0; i < COUNT; i++) {
        CHECK_INT(back[i], p.integers[i]);
    }
    tsdb_values_unmap(&p.values, COUNT, back);
    bytes_cursor cursor = {(const uint8_t *)extra.data, (const uint8_t *)extra.data + extra.size, false};
    CHECK(!p.values.exceptions || tsdb_values_patch(&cursor, COUNT, back));
    for (int i = 0; i < COUNT; i++) {
        CHECK(back[i] == model_bits(from[i]));
    }
    ifm_buf_deinit(&extra);
    return p;
}

static void fill(double *values, double start, double step, double bend)
{
    for (int i = 0; i < COUNT; i++) {
        values[i] = start + step * i + bend * i * i;
    }
}

static void values_become_the_fewest_decimals(void **state)
{
    (void)state;
    static const struct {
        double divisor;
        int want;
    } rows[] = {{1, 0}, {10, 1}, {1000, 3}, {1e15, 15}, {3, TSDB_VALUES_BITS}};
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        double values[COUNT];
        for (int j = 0; j < COUNT; j++) {
            values[j] = (double)(j * 7 + 1) / rows[i].divisor;
        }
        CHECK_INT(pack(values, NULL).values.mapping, rows[i].want);
    }
    check_end();
}

static void values_are_predicted_by_what_leaves_least(void **state)
{
    (void)state;
    double values[COUNT], other[COUNT];
    fill(values, 5, 0, 0);
    CHECK_INT(pack(values, NULL).nonzero, 0);
    fill(values, 1000, 0, 3);
    packed p = pack(values, NULL);
    CHECK_INT(p.values.predictor, TSDB_PREDICT_DELTA2);
    CHECK_INT(p.values.divisor, 6);
    for (int i = 0; i < COUNT; i++) {
        other[i] = (double)((i * 7919) % 1009 + i * 2000);
        values[i] = other[i] + (i > 40 ? 1 : 0);
    }
    p = pack(values, other);
    CHECK_INT(p.values.predictor, TSDB_PREDICT_PREVIOUS);
    CHECK_INT(p.nonzero, 1);
    check_end();
}

static void exceptions_do_not_disturb_the_others(void **state)
{
    (void)state;
    double values[COUNT];
    fill(values, 10, 1, 0);
    values[0] = model_from_bits(MODEL_ABSENT_BITS);
    values[1] = model_from_bits(MODEL_ABSENT_BITS);
    values[20] = model_from_bits(MODEL_STALE_BITS);
    values[21] = -0.0;
    values[22] = INFINITY;
    values[COUNT - 1] = model_from_bits(UINT64_C(0x7ff0000000000001));
    CHECK_INT(pack(values, NULL).values.mapping, 0);
    for (int i = 0; i < COUNT; i++) {
        values[i] = model_from_bits(MODEL_ABSENT_BITS);
    }
    CHECK_INT(pack(values, NULL).nonzero, 0);
    check_end();
}

static void damaged_exceptions_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t size;
        bool want;
        const char *why;
    } rows[] = {
        {"\x00\x00", 2, true, "none"},
        {"\x3f\x04\x00\x00", 4, true, "the last one absent"},
        {"\x40\x04\x00\x00", 4, false, "one behind the last"},
        {"\x3f\x08\x00\x00", 4, false, "two, of which one is behind the last"},
        {"\x3f\x04", 2, false, "no end"},
        {"\x00\x07\x01", 3, false, "bits cut off"},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        uint64_t bits[COUNT] = {0};
        const uint8_t *bytes = (const uint8_t *)rows[i].bytes;
        bytes_cursor cursor = {bytes, bytes + rows[i].size, false};
        if (!check_report(tsdb_values_patch(&cursor, COUNT, bits) == rows[i].want, __FILE__, __LINE__)) {
            fprintf(stderr, "%s\n", rows[i].why);
        }
    }
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_become_the_fewest_decimals),
        cmocka_unit_test(values_are_predicted_by_what_leaves_least),
        cmocka_unit_test(exceptions_do_not_disturb_the_others),
        cmocka_unit_test(damaged_exceptions_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
