/* SPDX-License-Identifier: Apache-2.0 */
#include "metrics/process.h"

#include "base/base.h"
#include "check.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* What follows the name in /proc/PID/stat, recorded on Linux 6.1. */
#define STAT_REST                                                                                            \
    " S 1 100 100 0 -1 4194560 5012 91 3 0 1234 5678 11 12 20 0 17 0 987654 1052672000 2345 "                \
    "18446744073709551615 94500000000000 94500000100000 140700000000000 0 0 0 0 4096 17663 0 0 0 17 3 0 0 "  \
    "0 "                                                                                                     \
    "0 0 94500000200000 94500000300000 94500001000000 140700000000100 140700000000200 140700000000200 "      \
    "140700000000300 0\n"

static void stat_is_parsed_whatever_the_name(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "100 (cat)" STAT_REST,
        "100 (tmux: server)" STAT_REST,
        "100 ((sd-pam))" STAT_REST,
        "100 (a) b (c)" STAT_REST,
        "100 ()" STAT_REST,
        "100 (a\nb)" STAT_REST,
        "100 () S 9 9 9 9)" STAT_REST,
    };
    for (size_t i = 0; i < IFM_COUNT_OF(texts); i++) {
        ifm_process_stat stat = {.user_ticks = 0};
        CHECK(ifm_process_stat_parse(texts[i], strlen(texts[i]), &stat));
        CHECK_INT(stat.user_ticks, 1234);
        CHECK_INT(stat.system_ticks, 5678);
        CHECK_INT(stat.threads, 17);
        CHECK_INT(stat.start_ticks, 987654);
        CHECK_INT(stat.virtual_bytes, 1052672000);
        CHECK_INT(stat.resident_pages, 2345);
        CHECK_INT(stat.break_start, 94500001000000);
    }
    check_end();
}

static void stat_of_an_old_kernel_has_no_break(void **state)
{
    (void)state;
    static const char text[] = "1 (x) S 1 100 100 0 -1 4194560 5012 91 3 0 1234 5678 11 12 20 0 17 0 987654 "
                               "1052672000 2345\n";
    ifm_process_stat stat;
    CHECK(ifm_process_stat_parse(text, sizeof text - 1, &stat));
    CHECK_INT(stat.resident_pages, 2345);
    CHECK_INT(stat.break_start, 0);
    check_end();
}

static void stat_refuses_what_no_kernel_writes(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *why;
    } rows[] = {
        {"", "empty"},
        {"1 cat S 1 2 3", "no parentheses"},
        {"1 (cat)", "nothing after the name"},
        {"1 (cat) S 1 100 100 0 -1 4194560 5012 91 3 0 1234 5678 11 12 20 0 17 0 987654 1052672000", "cut"},
        {"1 (cat) S 1 100 100 0 -1 4194560 5012 91 3 0 12x4 5678 11 12 20 0 17 0 987654 1052672000 2",
         "letter"},
        {"1 (cat) S 1 100 100 0 -1 4194560 5012 91 3 0 -1 5678 11 12 20 0 17 0 987654 1052672000 2", "sign"},
        {"1 (cat) S 1 1 1 0 -1 4 5 9 3 0 99999999999999999999 5 1 1 20 0 17 0 9 1 2", "more than 64 bits"},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        ifm_process_stat stat = {.threads = 7};
        if (ifm_process_stat_parse(rows[i].text, strlen(rows[i].text), &stat)) {
            fail_msg("accepted: %s", rows[i].why);
        }
        CHECK_INT(stat.threads, 7);
    }
    check_end();
}

static void boot_time_is_found(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool want;
        uint64_t seconds;
    } rows[] = {
        {"cpu  1 2 3\nintr 5 6\nctxt 7\nbtime 1700000000\nprocesses 9\n", true, 1700000000},
        {"btime 5", true, 5},
        {"cpu 1\nxbtime 5\n", false, 0},
        {"btime \n", false, 0},
        {"btime x\n", false, 0},
        {"", false, 0},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        uint64_t seconds = 0;
        CHECK_INT(ifm_process_boot_time_parse(rows[i].text, strlen(rows[i].text), &seconds), rows[i].want);
        CHECK_INT(seconds, rows[i].seconds);
    }
    check_end();
}

static double sample(ifm_registry *registry, const char *name)
{
    ifm_error err;
    double value = -1;
    if (!ifm_registry_sample(registry, name, &value, &err)) {
        return -1;
    }
    return value;
}

static ifm_registry *registry_new(void)
{
    ifm_error err;
    ifm_registry *registry = ifm_registry_new(NULL, &err);
    assert_non_null(registry);
    return registry;
}

static void collector_exposes_all_nine(void **state)
{
    (void)state;
    ifm_error err;
    ifm_registry *registry = registry_new();
    assert_true(ifm_process_collector_register(registry, &err));
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    double start = sample(registry, "process_start_time_seconds");
    CHECK(start > (double)now.tv_sec - 3600 && start < (double)now.tv_sec + 5);
    CHECK(sample(registry, "process_cpu_seconds_total") >= 0);
    CHECK(sample(registry, "process_resident_memory_bytes") >= 100000);
    CHECK(sample(registry, "process_virtual_memory_bytes") >=
          sample(registry, "process_resident_memory_bytes"));
    CHECK(sample(registry, "process_heap_bytes") >= 0);
    CHECK(sample(registry, "process_threads") >= 1);
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    CHECK_DOUBLE(sample(registry, "process_max_fds"), (double)limit.rlim_cur);
    getrlimit(RLIMIT_AS, &limit);
    CHECK_DOUBLE(sample(registry, "process_virtual_memory_max_bytes"), (double)limit.rlim_cur);
    ifm_registry_free(registry);
    check_end();
}

static void collector_counts_open_files_but_not_its_own(void **state)
{
    (void)state;
    ifm_error err;
    ifm_registry *registry = registry_new();
    assert_true(ifm_process_collector_register(registry, &err));
    double count = 0;
    for (int fd = 0; fd < 1024; fd++) {
        count += fcntl(fd, F_GETFD) >= 0;
    }
    CHECK_DOUBLE(sample(registry, "process_open_fds"), count);
    int fd = open("/dev/null", O_RDONLY);
    CHECK_DOUBLE(sample(registry, "process_open_fds"), count + 1);
    close(fd);
    CHECK_DOUBLE(sample(registry, "process_open_fds"), count);
    ifm_registry_free(registry);
    check_end();
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

static void remove_file(const char *folder, const char *name)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    assert_int_equal(remove(path), 0);
}

static void collector_converts_units(void **state)
{
    (void)state;
    ifm_error err;
    char proc[] = "/tmp/ifm_proc_XXXXXX", self[64];
    assert_non_null(mkdtemp(proc));
    snprintf(self, sizeof self, "%s/self", proc);
    assert_int_equal(mkdir(self, 0700), 0);
    write_file(self, "stat", "100 (a ) b)" STAT_REST);
    write_file(proc, "stat", "cpu 1 2 3\nbtime 1700000000\n");
    ifm_registry *registry = registry_new();
    assert_true(ifm_process_collector_register_at(registry, proc, &err));
    double tick = (double)sysconf(_SC_CLK_TCK);
    CHECK_DOUBLE(sample(registry, "process_cpu_seconds_total"), 6912 / tick);
    CHECK_DOUBLE(sample(registry, "process_start_time_seconds"), 1700000000 + 987654 / tick);
    CHECK_DOUBLE(sample(registry, "process_resident_memory_bytes"), 2345.0 * (double)sysconf(_SC_PAGESIZE));
    CHECK_DOUBLE(sample(registry, "process_virtual_memory_bytes"), 1052672000);
    CHECK_DOUBLE(sample(registry, "process_threads"), 17);
    CHECK_DOUBLE(sample(registry, "process_open_fds"), -1); /* there is no folder self/fd */
    write_file(proc, "stat", "btime 1700000001\n");
    CHECK_DOUBLE(sample(registry, "process_start_time_seconds"), 1700000000 + 987654 / tick);
    ifm_registry_free(registry);
    remove_file(self, "stat");
    remove_file(proc, "stat");
    remove_file(proc, "self");
    remove_file(proc, "");
    check_end();
}

static void collector_leaves_out_what_it_is_not_told(void **state)
{
    (void)state;
    ifm_error err;
    static const char *const names[] = {
        "process_cpu_seconds_total",
        "process_start_time_seconds",
        "process_resident_memory_bytes",
        "process_virtual_memory_bytes",
        "process_threads",
        "process_heap_bytes",
        "process_open_fds",
    };
    ifm_registry *registry = registry_new();
    assert_true(ifm_process_collector_register_at(registry, "/nonexistent", &err));
    for (size_t i = 0; i < IFM_COUNT_OF(names); i++) {
        double value;
        CHECK(!ifm_registry_sample(registry, names[i], &value, &err));
        CHECK_INT(err.code, IFM_NOT_FOUND);
    }
    CHECK(sample(registry, "process_max_fds") > 0);
    ifm_registry_free(registry);
    check_end();
}

static void collector_is_registered_once(void **state)
{
    (void)state;
    ifm_error err;
    ifm_registry *registry = registry_new();
    CHECK(ifm_process_collector_register(registry, &err));
    CHECK(!ifm_process_collector_register(registry, &err));
    CHECK_INT(err.code, IFM_EXISTS);
    ifm_registry_free(registry);
    check_end();
}

/* The start time is that of the process that is scraped. */
static void collector_knows_a_forked_child(void **state)
{
    (void)state;
    ifm_error err;
    ifm_registry *registry = registry_new();
    assert_true(ifm_process_collector_register(registry, &err));
    double start = sample(registry, "process_start_time_seconds");
    /* The kernel counts starts in hundredths of a second. */
    clock_t begin = clock();
    while (clock() - begin < CLOCKS_PER_SEC / 20) {
    }
    pid_t child = fork();
    if (child == 0) {
        _exit(sample(registry, "process_start_time_seconds") > start ? 0 : 1);
    }
    int status = -1;
    waitpid(child, &status, 0);
    CHECK_INT(status, 0);
    ifm_registry_free(registry);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stat_is_parsed_whatever_the_name),
        cmocka_unit_test(stat_of_an_old_kernel_has_no_break),
        cmocka_unit_test(stat_refuses_what_no_kernel_writes),
        cmocka_unit_test(boot_time_is_found),
        cmocka_unit_test(collector_exposes_all_nine),
        cmocka_unit_test(collector_counts_open_files_but_not_its_own),
        cmocka_unit_test(collector_converts_units),
        cmocka_unit_test(collector_leaves_out_what_it_is_not_told),
        cmocka_unit_test(collector_is_registered_once),
        cmocka_unit_test(collector_knows_a_forked_child),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
