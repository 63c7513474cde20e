/* SPDX-License-Identifier: Apache-2.0
 *
 * Processes of our own: started away from us, found again by their lock, stopped, and killed when they
 * do not listen.
 */
#include "stack/native.h"

#include "check.h"
#include "scratch.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static stack_folder folder;
static const stack_session session = {.cancel_fd = -1};

static int open_folder(void **state)
{
    ifm_error err;
    return scratch_make(state) == 0 && stack_folder_open(&folder, true, &err) &&
                   stack_folder_make(&folder, "native/logs", &err)
               ? 0
               : -1;
}

static int close_folder(void **state)
{
    stack_folder_close(&folder);
    return scratch_remove(state);
}

static const char *const no_variables[] = {NULL};

/* Waits for what the script wrote: it is another process, and has its own pace. */
static char *wait_for_log(const stack_native *native, const char *end)
{
    ifm_error err;
    char *log = stack_native_log(native, 100, &err);
    for (int i = 0; i < 500 && log != NULL && strstr(log, end) == NULL; i++) {
        ifm_free(log);
        CHECK(stack_wait(&session, 10, &err));
        log = stack_native_log(native, 100, &err);
    }
    return log;
}

static void service_runs_away_from_us(void **state)
{
    (void)state;
    SKIP_FORK_BESIDE_THREADS();
    const stack_native native = {.folder = &folder, .service = "away"};
    const char *const arguments[] = {"/bin/sh", "-c",
                                     "echo variable $IFM_NATIVE_TEST; cut -d' ' -f4,6 /proc/$$/stat; "
                                     "ls /proc/self/fd | wc -l; sed -n 's/^SigBlk:\\t//p' /proc/self/status; "
                                     "echo ready; exec tail -f /dev/null",
                                     NULL};
    const char *const variables[] = {"IFM_NATIVE_TEST=given", NULL};
    ifm_error err;
    pid_t pid, again;
    assert_true(stack_native_start(&native, arguments, variables, &err));
    CHECK(stack_native_pid(&native, &pid, &err) && pid > 1);
    char *log = wait_for_log(&native, "ready");
    char want[128];
    /* Its session is another than ours; descriptors: three, the lock, and the folder that ls opens. */
    CHECK_CONTAINS(log, "variable given\n");
    snprintf(want, sizeof want, " %d\n", (int)getsid(0));
    CHECK(strstr(log, want) == NULL);
    CHECK_CONTAINS(log, "\n5\n0000000000000000\nready\n");
    ifm_free(log);

    CHECK(!stack_native_start(&native, arguments, variables, &err));
    CHECK_INT(err.code, IFM_BUSY);
    CHECK(stack_native_pid(&native, &again, &err));
    CHECK_INT(again, pid);
    CHECK(stack_native_stop(&native, &session, &err));
    CHECK(stack_native_pid(&native, &again, &err));
    CHECK_INT(again, 0);
    CHECK(stack_native_stop(&native, &session, &err)); /* once more is fine */
    check_end();
}

static void killed_service_is_seen_as_gone(void **state)
{
    (void)state;
    const stack_native native = {.folder = &folder, .service = "killed"};
    const char *const arguments[] = {"/bin/sh", "-c", "exec tail -f /dev/null", NULL};
    ifm_error err;
    pid_t pid;
    for (int i = 0; i < 2; i++) {
        assert_true(stack_native_start(&native, arguments, no_variables, &err));
        CHECK(stack_native_pid(&native, &pid, &err) && pid > 1);
        CHECK_INT(kill(pid, SIGKILL), 0);
        for (int tries = 0; tries < 500 && pid != 0; tries++) {
            CHECK(stack_wait(&session, 10, &err) && stack_native_pid(&native, &pid, &err));
        }
        CHECK_INT(pid, 0);
    }
    check_end();
}

static void program_that_cannot_start_is_an_error(void **state)
{
    (void)state;
    const stack_native native = {.folder = &folder, .service = "missing"};
    const char *const arguments[] = {"/nonexistent/prometheus", NULL};
    ifm_error err;
    pid_t pid = 1;
    CHECK(!stack_native_start(&native, arguments, no_variables, &err));
    CHECK_TEXT(err.message, "could not start \"/nonexistent/prometheus\": No such file or directory");
    CHECK(stack_native_pid(&native, &pid, &err));
    CHECK_INT(pid, 0);
    const stack_native nowhere = {.folder = &(stack_folder){.path = (char[]){"/nonexistent"}},
                                  .service = "x"};
    CHECK(!stack_native_start(&nowhere, (const char *const[]){"/bin/true", NULL}, no_variables, &err));
    CHECK_INT(err.code, IFM_IO);
    check_end();
}

/* Grafana starts its plugins; when it is killed they are left, with its lock. */
static void what_a_killed_service_left_is_stopped(void **state)
{
    (void)state;
    const stack_native native = {.folder = &folder, .service = "parent"};
    const char *const arguments[] = {"/bin/sh", "-c", "tail -f /dev/null & echo left; kill -9 $$", NULL};
    const stack_session short_session = {.cancel_fd = -1,
                                         .deadline_ns = ifm_os_monotonic_ns() + INT64_C(10000000000)};
    ifm_error err;
    pid_t pid;
    assert_true(stack_native_start(&native, arguments, no_variables, &err));
    ifm_free(wait_for_log(&native, "left\n"));
    CHECK(stack_native_stop(&native, &short_session, &err));
    CHECK(stack_native_pid(&native, &pid, &err));
    CHECK_INT(pid, 0);
    check_end();
}

static void log_that_cannot_be_written_is_an_error(void **state)
{
    (void)state;
    const stack_native native = {.folder = &folder, .service = "mute"};
    const char *const arguments[] = {"/bin/sh", "-c", "exec tail -f /dev/null", NULL};
    ifm_error err;
    assert_true(stack_folder_make(&folder, "native/logs/mute.log", &err));
    CHECK(!stack_native_start(&native, arguments, no_variables, &err));
    CHECK_TEXT(err.message, "could not start \"/bin/sh\": Is a directory");
    check_end();
}

static void links_are_not_written_through(void **state)
{
    (void)state;
    static const char *const places[] = {"native/linked.pid", "native/logs/linked.log"};
    const stack_native native = {.folder = &folder, .service = "linked"};
    ifm_error err;
    char path[256], precious[256];
    snprintf(precious, sizeof precious, "%s/precious", scratch);
    for (size_t i = 0; i < IFM_COUNT_OF(places); i++) {
        FILE *file = fopen(precious, "w");
        assert_non_null(file);
        fclose(file);
        snprintf(path, sizeof path, "%s/%s", folder.path, places[i]);
        assert_int_equal(symlink(precious, path), 0);
        CHECK(
            !stack_native_start(&native, (const char *const[]){"/bin/echo", "x", NULL}, no_variables, &err));
        CHECK_CONTAINS(err.message, "is a symbolic link where a file belongs; hint: rm '");
        struct stat status;
        CHECK(stat(precious, &status) == 0 && status.st_size == 0);
        CHECK_INT(unlink(path), 0);
    }
    check_end();
}

static void log_shows_its_last_lines(void **state)
{
    (void)state;
    const stack_native native = {.folder = &folder, .service = "talker"};
    const char *const arguments[] = {"/bin/sh", "-c", "for i in 1 2 3 4; do echo line $i; done", NULL};
    ifm_error err;
    assert_true(stack_native_start(&native, arguments, no_variables, &err));
    ifm_free(wait_for_log(&native, "line 4\n"));
    static const struct {
        int lines;
        const char *want;
    } rows[] = {{1, "line 4\n"},
                {2, "line 3\nline 4\n"},
                {4, "line 1\nline 2\nline 3\nline 4\n"},
                {9, "line 1\nline 2\nline 3\nline 4\n"}};
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        char *log = stack_native_log(&native, rows[i].lines, &err);
        CHECK_TEXT(log, rows[i].want);
        ifm_free(log);
    }
    const stack_native silent = {.folder = &folder, .service = "silent"};
    char *log = stack_native_log(&silent, 3, &err);
    CHECK_TEXT(log, "");
    ifm_free(log);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(service_runs_away_from_us),
        cmocka_unit_test(killed_service_is_seen_as_gone),
        cmocka_unit_test(program_that_cannot_start_is_an_error),
        cmocka_unit_test(what_a_killed_service_left_is_stopped),
        cmocka_unit_test(log_that_cannot_be_written_is_an_error),
        cmocka_unit_test(links_are_not_written_through),
        cmocka_unit_test(log_shows_its_last_lines),
    };
    return cmocka_run_group_tests(tests, open_folder, close_folder);
}
