/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "tsdb/column.h"
#include "tsdb/page.h"

enum { COUNT = 1000 };

static size_t round_trip(const int64_t *times_ms, size_t count)
{
    ifm_error err = {.code = IFM_OK};
    ifm_buf out;
    int64_t back[COUNT];
    ifm_buf_init(&out, 1 << 20);
    CHECK(tsdb_column_encode(times_ms, count, &out, &err));
    CHECK(tsdb_column_decode((const uint8_t *)out.data, out.size, count, back, &err));
    CHECK(memcmp(back, times_ms, count * sizeof *back) == 0);
    size_t size = out.size;
    ifm_buf_deinit(&out);
    return size;
}

static void columns_come_back(void **state)
{
    (void)state;
    static int64_t times_ms[COUNT];
    for (int i = 0; i < COUNT; i++) {
        times_ms[i] = 1700000000000 + i * 15000;
    }
    CHECK(round_trip(times_ms, COUNT) < 20);
    CHECK(round_trip(times_ms, 1) < 16);
    CHECK(round_trip(times_ms, 2) < 20);
    for (int i = 0; i < COUNT; i++) {
        times_ms[i] += i % 7;
    }
    CHECK(round_trip(times_ms, COUNT) < COUNT);
    times_ms[0] = INT64_MIN;
    times_ms[1] = INT64_MAX - 1;
    times_ms[2] = INT64_MAX;
    round_trip(times_ms, 3);
    check_end();
}

static void columns_that_do_not_rise_are_refused(void **state)
{
    (void)state;
    ifm_error err = {.code = IFM_OK};
    uint8_t bytes[] = {0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0}; /* 1, and steps of 0 */
    int64_t times_ms[3];
    bytes_store_u64((char *)bytes, tsdb_checksum(bytes + 8, sizeof bytes - 8));
    CHECK(!tsdb_column_decode(bytes, sizeof bytes, 3, times_ms, &err));
    CHECK_INT(err.code, IFM_INVALID);
    bytes[8] = 4;
    CHECK(!tsdb_column_decode(bytes, sizeof bytes, 3, times_ms, &err));
    CHECK_TEXT(err.message, "the checksum of a column of timestamps does not match");
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_come_back),
        cmocka_unit_test(columns_that_do_not_rise_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
