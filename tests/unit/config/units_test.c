/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "config/config.h"

static void duration_is_read_as_prometheus_reads_it(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t ms; /* -1: none */
        const char *printed;
    } rows[] = {
        {"0", 0, "0s"},
        {"0w", 0, "0s"},
        {"0s", 0, "0s"},
        {"324ms", 324, "324ms"},
        {"3s", 3000, "3s"},
        {"5m", 300000, "5m"},
        {"1h", 3600000, "1h"},
        {"4d", 4 * 86400000LL, "4d"},
        {"4d1h", 4 * 86400000LL + 3600000, "4d1h"},
        {"14d", 14 * 86400000LL, "2w"},
        {"3w2d1h", 23 * 86400000LL + 3600000, "23d1h"},
        {"10y", 3650 * 86400000LL, "10y"},
        {"1h30m", 5400000, "1h30m"},
        {"1m30s500ms", 90500, "1m30s500ms"},
        {"", -1, NULL},
        {"1", -1, NULL},
        {"1y1m1d", -1, NULL}, /* out of order */
        {"-1w", -1, NULL},
        {"1.5d", -1, NULL},
        {"d", -1, NULL},
        {"5m5m", -1, NULL},
        {"1s ", -1, NULL},
        {"294y", -1, NULL}, /* nanoseconds overflow */
        {"200y10400w", -1, NULL},
        {"107675d", -1, NULL},
        {"99999999999999999999s", -1, NULL},
        {"00000000000000000001s", 1000, "1s"},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        int64_t ms = -1;
        bool ok = config_duration(model_text_of(rows[i].text), &ms);
        if (ok != (rows[i].ms >= 0) || ms != rows[i].ms) {
            print_message("%s\n", rows[i].text);
        }
        CHECK_INT(ok, rows[i].ms >= 0);
        CHECK_INT(ms, rows[i].ms);
        if (ok) {
            ifm_buf out;
            ifm_buf_init(&out, 64);
            config_duration_print(ms, &out);
            ifm_buf_append_char(&out, '\0');
            CHECK_TEXT(out.data, rows[i].printed);
            ifm_buf_deinit(&out);
        }
    }
    check_end();
}

static void size_is_read_as_prometheus_reads_it(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t bytes; /* -1: none */
    } rows[] = {
        {"0", 0},
        {"1B", 1},
        {"1KB", 1024},
        {"1KiB", 1024},
        {"512MB", 512LL << 20},
        {"1.5GB", 3LL << 29},
        {"1GB512MB", 3LL << 29},
        {"2TB", 2LL << 40},
        {"1EB", 1LL << 60},
        {"8EB", -1},
        {"", -1},
        {"10", -1},
        {"MB", -1},
        {"1XB", -1},
        {"-1MB", -1},
        {"1 MB", -1},
        {"1mb", -1},
        {"1.2.3MB", -1},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        uint64_t bytes = 7;
        bool ok = config_size(model_text_of(rows[i].text), &bytes);
        CHECK_INT(ok, rows[i].bytes >= 0);
        CHECK_INT(bytes, rows[i].bytes >= 0 ? rows[i].bytes : 7);
    }
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(duration_is_read_as_prometheus_reads_it),
        cmocka_unit_test(size_is_read_as_prometheus_reads_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
