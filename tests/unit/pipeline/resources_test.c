/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/resources.h"

#include "base/base.h"
#include "check.h"

#include <math.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static void host_cpu_is_parsed(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool want;
        uint64_t busy, total, cores;
    } rows[] = {
        {"cpu  10 20 30 400 50 6 7 8 900 1000\ncpu0 1 2\ncpu1 3 4\nintr 5\n", true, 81, 531, 2},
        {"cpu  1 1 1 1 1 1 1 1\ncpu0 1\n", true, 6, 8, 1},
        {"cpu  1 1 1 1 1 1 1\ncpu0 1\n", false, 0, 0, 0}, /* before Linux 2.6.11 */
        {"cpu  1 1 1 1 1 1 1 1\nintr 1\n", false, 0, 0, 0},
        {"cpu0 1 1 1 1 1 1 1 1\n", false, 0, 0, 0},
        {"", false, 0, 0, 0},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        ifm_host_cpu cpu = {.cores = 0};
        CHECK_INT(ifm_host_cpu_parse(rows[i].text, strlen(rows[i].text), &cpu), rows[i].want);
        CHECK_INT(cpu.busy_ticks, rows[i].busy);
        CHECK_INT(cpu.total_ticks, rows[i].total);
        CHECK_INT(cpu.cores, rows[i].cores);
    }
    check_end();
}

static void meminfo_is_parsed(void **state)
{
    (void)state;
    static const char text[] =
        "MemTotal:       16316412 kB\nMemFree:         1 kB\nMemAvailable:    2048 kB\n"
        "HugePages_Total:       0\nBroken: kB\n";
    static const struct {
        const char *key;
        bool want;
        uint64_t bytes;
    } rows[] = {
        {"MemTotal", true, UINT64_C(16316412) * 1024},
        {"MemAvailable", true, 2048 * 1024},
        {"Mem", false, 0},
        {"HugePages_Total", false, 0},
        {"Broken", false, 0},
        {"Missing", false, 0},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        uint64_t bytes = 0;
        CHECK_INT(ifm_meminfo_parse(text, sizeof text - 1, rows[i].key, &bytes), rows[i].want);
        CHECK_INT(bytes, rows[i].bytes);
    }
    check_end();
}

static void words_are_parsed(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t index;
        bool want;
        uint64_t value;
    } rows[] = {
        {"1984\t0\t9223372036854775807\n", 0, true, 1984},
        {"1984\t0\t9223372036854775807\n", 2, true, INT64_MAX},
        {"100 20 3 1 0 40 0\n", 1, true, 20},
        {"100\n", 1, false, 0},
        {"x 5\n", 0, false, 0},
        {"", 0, false, 0},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        uint64_t value = 0;
        CHECK_INT(ifm_proc_word_parse(rows[i].text, strlen(rows[i].text), rows[i].index, &value),
                  rows[i].want);
        CHECK_INT(value, rows[i].value);
    }
    uint64_t threads = 0;
    CHECK(ifm_loadavg_threads_parse("0.52 0.58 0.59 2/1234 5678\n", 27, &threads));
    CHECK_INT(threads, 1234);
    CHECK(!ifm_loadavg_threads_parse("0.52 0.58\n", 10, &threads));
    CHECK(!ifm_loadavg_threads_parse("1/", 2, &threads));
    check_end();
}

#define SECOND INT64_C(1000000000)

static void ratio_covers_at_least_a_second(void **state)
{
    (void)state;
    /* One core, half of it used; then all of it. */
    ifm_ratio ratio = {.used = 0, .possible = 0, .at_ns = 0, .last = NAN};
    CHECK(isnan(ifm_ratio_next(&ratio, 0, 0, 0)));
    CHECK_DOUBLE(ifm_ratio_next(&ratio, 0.25, 0.5, SECOND / 2), 0.5); /* the first need not be whole */
    CHECK_DOUBLE(ifm_ratio_next(&ratio, 0.25, 1, SECOND), 0.25);
    CHECK_DOUBLE(ifm_ratio_next(&ratio, 1.25, 2, SECOND * 2 - 1), 0.25); /* too soon: the last one */
    CHECK_DOUBLE(ifm_ratio_next(&ratio, 1.25, 2, SECOND * 2), 1);
    CHECK_DOUBLE(ifm_ratio_next(&ratio, 1.25, 2, SECOND * 20), 1); /* nothing was possible */
    CHECK_DOUBLE(ifm_ratio_next(&ratio, 1, 3, SECOND * 21), 0);    /* never negative */
    check_end();
}

static void ratio_of_a_slow_scraper_survives_a_fast_one(void **state)
{
    (void)state;
    ifm_ratio ratio = {.at_ns = 0, .last = NAN};
    int64_t now_ns = 0;
    double used = 0;
    for (int i = 0; i < 100; i++) { /* ten times a second, half busy */
        now_ns += SECOND / 10;
        used += 0.05;
        double got = ifm_ratio_next(&ratio, used, (double)now_ns / 1e9, now_ns);
        CHECK(fabs(got - 0.5) < 1e-9);
    }
    check_end();
}

/* --- The collector ------------------------------------------------------------------------------------ */

static int64_t now_ns;
static double cpu_seconds;

static int64_t fake_monotonic_ns(void)
{
    return now_ns;
}

static int64_t fake_wall_ms(void)
{
    return 0;
}

static double fake_cpu_seconds(void)
{
    return cpu_seconds;
}

static const ifm_os_clock fake_clock = {fake_monotonic_ns, fake_wall_ms};

static double sample(ifm_registry *registry, const char *name)
{
    ifm_error err;
    double value = -1;
    return ifm_registry_sample(registry, name, &value, &err) ? value : -1;
}

static void write_file(const char *folder, const char *name, const char *text)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void collector_exposes_process_and_host(void **state)
{
    (void)state;
    ifm_error err;
    static const char *const folders[] = {"self", "sys", "sys/fs"};
    static const char *const files[] = {"stat", "meminfo", "loadavg", "self/statm", "sys/fs/file-nr"};
    char proc[] = "/tmp/ifm_resources_XXXXXX", path[128];
    assert_non_null(mkdtemp(proc));
    for (size_t i = 0; i < IFM_COUNT_OF(folders); i++) {
        snprintf(path, sizeof path, "%s/%s", proc, folders[i]);
        assert_int_equal(mkdir(path, 0700), 0);
    }
    write_file(proc, "stat", "cpu  100 0 0 300 0 0 0 0\ncpu0 1\ncpu1 1\n");
    write_file(proc, "meminfo", "MemTotal: 1000 kB\nMemAvailable: 250 kB\n");
    write_file(proc, "loadavg", "0 0 0 1/77 5\n");
    write_file(proc, "self/statm", "100 10 1 1 0 1 0\n");
    write_file(proc, "sys/fs/file-nr", "555 0 999\n");
    ifm_registry *registry = ifm_registry_new(NULL, &err);
    const ifm_resources_options options = {proc, &fake_clock, fake_cpu_seconds};
    now_ns = 50 * SECOND;
    cpu_seconds = 3;
    assert_true(ifm_resources_register(registry, &options, &err));

    now_ns += 2 * SECOND;
    cpu_seconds += 1;
    CHECK_DOUBLE(sample(registry, "inferometer_process_cpu_ratio"), 0.25); /* 1 s of 2 s on 2 cores */
    CHECK_DOUBLE(sample(registry, "inferometer_host_cpu_ratio"), 0.25);    /* since boot */
    now_ns += 2 * SECOND;
    cpu_seconds += 4;
    write_file(proc, "stat", "cpu  150 50 0 300 0 0 0 0\ncpu0 1\ncpu1 1\n");
    CHECK_DOUBLE(sample(registry, "inferometer_process_cpu_ratio"), 1);
    CHECK_DOUBLE(sample(registry, "inferometer_host_cpu_ratio"), 1);
    CHECK_DOUBLE(sample(registry, "inferometer_host_memory_total_bytes"), 1024000);
    CHECK_DOUBLE(sample(registry, "inferometer_host_memory_available_bytes"), 256000);
    CHECK_DOUBLE(sample(registry, "inferometer_host_memory_ratio"), 0.75);
    CHECK_DOUBLE(sample(registry, "inferometer_process_memory_ratio"),
                 10.0 * (double)sysconf(_SC_PAGESIZE) / 1024000);
    CHECK_DOUBLE(sample(registry, "inferometer_host_threads"), 77);
    CHECK_DOUBLE(sample(registry, "inferometer_host_open_files"), 555);

    for (size_t i = 0; i < IFM_COUNT_OF(files); i++) {
        snprintf(path, sizeof path, "%s/%s", proc, files[i]);
        assert_int_equal(remove(path), 0);
    }
    CHECK_DOUBLE(sample(registry, "inferometer_host_cpu_ratio"), -1);
    CHECK_DOUBLE(sample(registry, "inferometer_process_cpu_ratio"), -1);
    CHECK_DOUBLE(sample(registry, "inferometer_host_memory_total_bytes"), -1);
    CHECK_DOUBLE(sample(registry, "inferometer_host_threads"), -1);
    CHECK_DOUBLE(sample(registry, "inferometer_host_open_files"), -1);
    ifm_registry_free(registry);
    for (size_t i = IFM_COUNT_OF(folders); i-- > 0;) {
        snprintf(path, sizeof path, "%s/%s", proc, folders[i]);
        assert_int_equal(rmdir(path), 0);
    }
    assert_int_equal(rmdir(proc), 0);
    check_end();
}

static void collector_reads_this_host(void **state)
{
    (void)state;
    ifm_error err;
    static const char *const ratios[] = {
        "inferometer_process_cpu_ratio",
        "inferometer_process_memory_ratio",
        "inferometer_host_cpu_ratio",
        "inferometer_host_memory_ratio",
    };
    ifm_registry *registry = ifm_registry_new(NULL, &err);
    assert_true(ifm_resources_register(registry, &ifm_resources_real, &err));
    for (size_t i = 0; i < IFM_COUNT_OF(ratios); i++) {
        double value = sample(registry, ratios[i]);
        CHECK(value >= 0 && value <= 1.5);
    }
    CHECK(sample(registry, "inferometer_host_memory_total_bytes") > 1e7);
    CHECK(sample(registry, "inferometer_host_threads") >= 1);
    CHECK(!ifm_resources_register(registry, &ifm_resources_real, &err));
    CHECK_INT(err.code, IFM_EXISTS);
    ifm_registry_free(registry);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(host_cpu_is_parsed),
        cmocka_unit_test(meminfo_is_parsed),
        cmocka_unit_test(words_are_parsed),
        cmocka_unit_test(ratio_covers_at_least_a_second),
        cmocka_unit_test(ratio_of_a_slow_scraper_survives_a_fast_one),
        cmocka_unit_test(collector_exposes_process_and_host),
        cmocka_unit_test(collector_reads_this_host),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
