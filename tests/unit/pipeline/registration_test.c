/* SPDX-License-Identifier: Apache-2.0
 *
 * How a running logger makes itself known to monitors on its host.
 */
#include "pipeline/registration.h"

#include "base/base.h"
#include "check.h"
#include "torture.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inferometer/inferometer.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char state_home[] = "/tmp/registration_test.XXXXXX";
static char targets[128];
static ifm_registry *registry;

static int make_folder(void **state)
{
    (void)state;
    ifm_error err;
    memcpy(state_home + strlen(state_home) - 6, "XXXXXX", 6);
    if (mkdtemp(state_home) == NULL || setenv("XDG_STATE_HOME", state_home, 1) != 0) {
        return -1;
    }
    snprintf(targets, sizeof targets, "%s/inferometer/targets", state_home);
    registry = ifm_registry_new(NULL, &err);
    return registry == NULL ? -1 : 0;
}

static int remove_folder(void **state)
{
    (void)state;
    char path[128];
    ifm_registry_free(registry);
    snprintf(path, sizeof path, "%s/inferometer", state_home);
    rmdir(targets);
    rmdir(path);
    return rmdir(state_home); /* fails when something was left in them */
}

/* The files of the folder that a Prometheus reads. */
static int count_entries(void)
{
    int count = 0;
    DIR *entries = opendir(targets);
    if (entries == NULL) {
        return 0;
    }
    for (struct dirent *entry = readdir(entries); entry != NULL; entry = readdir(entries)) {
        size_t size = strlen(entry->d_name);
        count += entry->d_name[0] != '.' && size > 5 && strcmp(entry->d_name + size - 5, ".json") == 0;
    }
    closedir(entries);
    return count;
}

static const char *text_of(const char *path)
{
    static char text[IFM_OS_PRESENCE_TEXT_MAX + 1];
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        return NULL;
    }
    size_t size = fread(text, 1, sizeof text - 1, file);
    text[size] = '\0';
    fclose(file);
    return text;
}

static ifm_logger *open_logger(ifm_logger_options options)
{
    ifm_error err;
    options.port = options.port == 0 ? IFM_ENDPOINT_PORT_ANY : options.port;
    options.registry = registry;
    ifm_logger *logger = ifm_logger_open(&options, &err);
    if (logger == NULL) {
        fail_msg("%s", err.message);
    }
    return logger;
}

/* --- The entry ---------------------------------------------------------------------------------------- */

static void target_is_the_host_and_port_of_a_url(void **state)
{
    (void)state;
    static const struct {
        const char *url, *want;
        bool tls;
    } rows[] = {
        {"http://127.0.0.1:8000/metrics", "127.0.0.1:8000", false},
        {"https://127.0.0.1:8000/metrics", "127.0.0.1:8000", true},
        {"http://[::1]:65535/metrics", "[::1]:65535", false},
        {"http://[fe80::1%25eth0]:8000/metrics", "[fe80::1%eth0]:8000", false},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        ifm_registration_target target;
        ifm_registration_target_of(rows[i].url, &target);
        CHECK_TEXT(target.address, rows[i].want);
        CHECK_INT(target.tls, rows[i].tls);
    }
    check_end();
}

static void entry_is_what_file_sd_reads(void **state)
{
    (void)state;
    static const struct {
        const char *process, *url, *file, *want;
    } rows[] = {
        {"ocr", "http://127.0.0.1:8000/metrics", "ocr-%d-8000.json",
         "[{\"targets\":[\"127.0.0.1:8000\"],\"labels\":{\"process\":\"ocr\"}}]\n"},
        {"ocr", "https://[::1]:9/metrics", "ocr-%d-9.json",
         "[{\"targets\":[\"[::1]:9\"],\"labels\":{\"process\":\"ocr\",\"__scheme__\":\"https\"}}]\n"},
        {"", "http://127.0.0.1:8000/metrics", "process-%d-8000.json",
         "[{\"targets\":[\"127.0.0.1:8000\"],\"labels\":{\"process\":\"process\"}}]\n"},
        {"../a \"b\"\\\n", "http://127.0.0.1:8000/metrics", "_._a__b___-%d-8000.json",
         "[{\"targets\":[\"127.0.0.1:8000\"],\"labels\":{\"process\":\"../a \\\"b\\\"\\\\\\u000a\"}}]\n"},
        {"-\xc3\xa4\xff", "http://127.0.0.1:8000/metrics", "____-%d-8000.json",
         "[{\"targets\":[\"127.0.0.1:8000\"],\"labels\":{\"process\":\"-\xc3\xa4\xef\xbf\xbd\"}}]\n"},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        ifm_error err;
        char file[64], path[256];
        ifm_os_presence *entry = ifm_registration_open(rows[i].process, rows[i].url, &err);
        assert_non_null(entry);
        snprintf(file, sizeof file, rows[i].file, (int)getpid());
        snprintf(path, sizeof path, "%s/%s", targets, file);
        CHECK_TEXT(ifm_os_presence_path(entry), path);
        CHECK_TEXT(text_of(path), rows[i].want);
        ifm_os_presence_close(entry);
    }
    check_end();
}

static void entry_of_a_long_name_is_cut(void **state)
{
    (void)state;
    ifm_error err;
    static char name[5000];
    memset(name, '"', sizeof name - 1);
    ifm_os_presence *entry = ifm_registration_open(name, "http://127.0.0.1:8000/metrics", &err);
    assert_non_null(entry);
    const char *text = text_of(ifm_os_presence_path(entry));
    CHECK_INT(strlen(text), strlen("[{\"targets\":[\"127.0.0.1:8000\"],\"labels\":{\"process\":\"\"}}]\n") +
                                2 * IFM_REGISTRATION_PROCESS_BYTES_MAX);
    ifm_os_presence_close(entry);
    check_end();
}

static void folders_are_private_but_for_the_targets(void **state)
{
    (void)state;
    ifm_error err;
    char path[128];
    struct stat status;
    mode_t before = umask(027);
    ifm_os_presence *entry = ifm_registration_open("a", "http://127.0.0.1:8000/metrics", &err);
    umask(before);
    snprintf(path, sizeof path, "%s/inferometer", state_home);
    CHECK_INT(stat(path, &status), 0);
    CHECK_INT(status.st_mode & 0777, 0700);
    CHECK_INT(stat(targets, &status), 0);
    CHECK_INT(status.st_mode & 0777, 0755);
    ifm_os_presence_close(entry);
    check_end();
}

static bool open_and_close(void *context, ifm_error *err)
{
    ifm_os_presence *entry = ifm_registration_open(context, "https://127.0.0.1:8000/metrics", err);
    bool ok = entry != NULL;
    ifm_os_presence_close(entry);
    return ok;
}

static void registration_survives_failing_allocations(void **state)
{
    (void)state;
    static char process[] = "a";
    CHECK(torture_allocations(open_and_close, process, TORTURE_MUST_FAIL) >= 5);
    CHECK_INT(count_entries(), 0);
    check_end();
}

/* --- Of a logger -------------------------------------------------------------------------------------- */

static void logger_is_listed_as_long_as_it_is_open(void **state)
{
    (void)state;
    char want[128], path[256];
    ifm_logger *logger = open_logger((ifm_logger_options){.address = "0.0.0.0"});
    snprintf(path, sizeof path, "%s/%s-%d-%d.json", targets, program_invocation_short_name, (int)getpid(),
             ifm_logger_port(logger));
    snprintf(want, sizeof want, "[{\"targets\":[\"127.0.0.1:%d\"],\"labels\":{\"process\":\"%s\"}}]\n",
             ifm_logger_port(logger), program_invocation_short_name);
    CHECK_TEXT(text_of(path), want);
    ifm_logger *second = open_logger((ifm_logger_options){0});
    CHECK_INT(count_entries(), 2);
    ifm_logger_close(logger);
    CHECK_INT(count_entries(), 1);
    ifm_logger_close(second);
    CHECK_INT(count_entries(), 0);
    check_end();
}

static void logger_is_not_listed_when_it_should_not(void **state)
{
    (void)state;
    ifm_logger *off = open_logger((ifm_logger_options){.registration = IFM_REGISTRATION_OFF});
    ifm_logger *silent = open_logger((ifm_logger_options){.port = IFM_LOGGER_PORT_NONE});
    CHECK(access(targets, F_OK) != 0); /* not even a folder */
    ifm_logger_close(silent);
    ifm_logger_close(off);
    check_end();
}

static void logger_lists_no_more_who_was_killed(void **state)
{
    (void)state;
    int told[2];
    char word;
    assert_int_equal(pipe(told), 0);
    pid_t child = fork();
    if (child == 0) {
        ifm_error err;
        bool ok = ifm_registration_open("killed", "http://127.0.0.1:8000/metrics", &err) != NULL;
        _exit(ok && write(told[1], "o", 1) == 1 && pause() == 0 ? 0 : 1);
    }
    assert_int_equal(read(told[0], &word, 1), 1);
    close(told[0]);
    close(told[1]);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    CHECK_INT(count_entries(), 1);
    ifm_logger *logger = open_logger((ifm_logger_options){0});
    CHECK_INT(count_entries(), 1);
    CHECK(strstr(ifm_logger_url(logger), "127.0.0.1") != NULL);
    ifm_logger_close(logger);
    CHECK_INT(count_entries(), 0);
    check_end();
}

static void forked_child_does_not_take_its_parent_off_the_list(void **state)
{
    (void)state;
    ifm_logger *logger = open_logger((ifm_logger_options){0});
    pid_t child = fork();
    if (child == 0) {
        ifm_logger_close(logger);
        _exit(0);
    }
    waitpid(child, NULL, 0);
    CHECK_INT(count_entries(), 1);
    ifm_logger_close(logger);
    CHECK_INT(count_entries(), 0);
    check_end();
}

struct ears {
    int infos;
    int others;
    char last[512];
};

static void hear(void *context, ifm_log_level level, const char *message)
{
    struct ears *ears = context;
    *(level == IFM_LOG_INFO ? &ears->infos : &ears->others) += 1;
    snprintf(ears->last, sizeof ears->last, "%s", message);
}

static void logger_without_a_place_for_state_says_so_once(void **state)
{
    (void)state;
    struct ears ears = {0};
    ifm_log_set(hear, &ears);
    setenv("XDG_STATE_HOME", "/proc/none", 1);
    ifm_logger *logger = open_logger((ifm_logger_options){0});
    CHECK_INT(ears.infos, 1);
    CHECK_INT(ears.others, 0);
    CHECK_CONTAINS(ears.last,
                   "the logger is not registered as a target: could not make the folder \"/proc/none\"");
    ifm_logger_close(logger);
    CHECK_INT(ears.infos, 1);
    ifm_log_set(NULL, NULL);
    check_end();
}

/* A registry keeps memory that it may use again: each run has its own. */
static bool open_and_close_logger(void *context, ifm_error *err)
{
    (void)context;
    ifm_registry *own = ifm_registry_new(NULL, err);
    const ifm_logger_options options = {.port = IFM_ENDPOINT_PORT_ANY, .registry = own};
    ifm_logger *logger = own == NULL ? NULL : ifm_logger_open(&options, err);
    bool ok = logger != NULL;
    ifm_logger_close(logger);
    ifm_registry_free(own);
    return ok;
}

static void logger_opens_without_memory_for_its_entry(void **state)
{
    (void)state;
    CHECK(open_and_close_logger(NULL, &(ifm_error){0})); /* what is made once in a process */
    CHECK(torture_allocations(open_and_close_logger, NULL, TORTURE_MAY_SUCCEED) >= 10);
    CHECK_INT(count_entries(), 0);
    check_end();
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(target_is_the_host_and_port_of_a_url),
        TEST(entry_is_what_file_sd_reads),
        TEST(entry_of_a_long_name_is_cut),
        TEST(folders_are_private_but_for_the_targets),
        TEST(registration_survives_failing_allocations),
        TEST(logger_is_listed_as_long_as_it_is_open),
        TEST(logger_is_not_listed_when_it_should_not),
        TEST(logger_lists_no_more_who_was_killed),
        TEST(forked_child_does_not_take_its_parent_off_the_list),
        TEST(logger_without_a_place_for_state_says_so_once),
        TEST(logger_opens_without_memory_for_its_entry),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
