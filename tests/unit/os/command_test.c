/* SPDX-License-Identifier: Apache-2.0
 *
 * Running other programs: what they write and exit with, and how they are ended.
 */
#include "check.h"
#include "os/os.h"
#include "torture.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define NS_PER_MS INT64_C(1000000)

#define SHELL(script) ((const char *const[]){"/bin/sh", "-c", script, NULL})

static void command_collects_output_and_status(void **state)
{
    (void)state;
    static const struct {
        const char *script, *input, *out, *err;
        int status;
    } rows[] = {
        {"echo one; echo two >&2; exit 3", NULL, "one\n", "two\n", 3},
        {"cat", "fed", "fed", "", 0},
        {"cat", NULL, "", "", 0},
        {"exit 0", "nobody reads this", "", "", 0},
        {"kill -TERM $$", NULL, "", "", IFM_OS_COMMAND_SIGNALLED + SIGTERM},
        {"echo $IFM_COMMAND_TEST", NULL, "new\n", "", 0},
        {"ls /proc/self/fd | wc -l", NULL, "4\n", "", 0}, /* 0, 1, 2, and the folder that ls opens */
        {"trap '' PIPE; (exec >&- 2>&-; sleep 0) & exit 0", NULL, "", "", 0},
    };
    setenv("IFM_COMMAND_TEST", "old", 1);
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        ifm_os_command command = {.arguments = SHELL(rows[i].script),
                                  .environment = (const char *const[]){"IFM_COMMAND_TEST=new", NULL},
                                  .input = rows[i].input,
                                  .cancel_fd = -1};
        ifm_os_command_result result;
        ifm_error err;
        if (!ifm_os_command_run(&command, &result, &err)) {
            CHECK_TEXT(err.message, "");
            continue;
        }
        CHECK_TEXT(result.out, rows[i].out);
        CHECK_TEXT(result.err, rows[i].err);
        CHECK_INT(result.status, rows[i].status);
        ifm_os_command_result_deinit(&result);
    }
    check_end();
}

/* In a child: whether a program gets its input and we its output with these descriptors closed. */
static bool works_without(unsigned closed)
{
    for (int fd = 0; fd < 3; fd++) {
        if ((closed & 1U << fd) != 0) {
            close(fd);
        }
    }
    bool ok = true;
    for (int i = 0; i < 2; i++) {
        ifm_os_command command = {.arguments = SHELL("cat; echo out; echo err >&2"),
                                  .input = i == 0 ? NULL : "in ",
                                  .cancel_fd = -1};
        ifm_os_command_result result;
        ifm_error err;
        ok = ifm_os_command_run(&command, &result, &err) &&
             strcmp(result.out, i == 0 ? "out\n" : "in out\n") == 0 && strcmp(result.err, "err\n") == 0 && ok;
        ifm_os_command_result_deinit(&result);
    }
    return ok;
}

static void command_works_without_standard_descriptors(void **state)
{
    (void)state;
    for (unsigned closed = 0; closed < 8; closed++) {
        pid_t pid = fork();
        if (pid == 0) {
            _exit(works_without(closed) ? 0 : 1);
        }
        int status = -1;
        CHECK_INT(waitpid(pid, &status, 0), pid);
        CHECK_INT(status, 0);
    }
    check_end();
}

static void command_says_what_is_not_installed(void **state)
{
    (void)state;
    ifm_os_command command = {.arguments = (const char *const[]){"no-such-program-anywhere", NULL},
                              .cancel_fd = -1};
    ifm_os_command_result result;
    ifm_error err;
    CHECK(!ifm_os_command_run(&command, &result, &err));
    CHECK_INT(err.code, IFM_NOT_FOUND);
    CHECK_TEXT(err.message, "the program \"no-such-program-anywhere\" is not installed");
    check_end();
}

static void command_runs_in_its_directory(void **state)
{
    (void)state;
    ifm_os_command command = {.arguments = SHELL("pwd"), .directory = "/usr", .cancel_fd = -1};
    ifm_os_command_result result;
    ifm_error err;
    CHECK(ifm_os_command_run(&command, &result, &err));
    CHECK_TEXT(result.out, "/usr\n");
    ifm_os_command_result_deinit(&result);
    command.directory = "/no-such-folder";
    CHECK(!ifm_os_command_run(&command, &result, &err));
    CHECK_INT(err.code, IFM_IO);
    CHECK_CONTAINS(err.message,
                   "could not start \"/bin/sh\" in the folder \"/no-such-folder\": No such file");
    check_end();
}

static void command_ends_at_its_time_limit(void **state)
{
    (void)state;
    ifm_os_command command = {
        .arguments = SHELL("exec tail -f /dev/null"), .timeout_ns = 100 * NS_PER_MS, .cancel_fd = -1};
    ifm_os_command_result result;
    ifm_error err;
    CHECK(!ifm_os_command_run(&command, &result, &err));
    CHECK_INT(err.code, IFM_TIMEOUT);
    CHECK_CONTAINS(err.message, "\"/bin/sh\" did not end within 0 s");
    check_end();
}

static void command_ends_when_it_is_cancelled(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    close(ends[1]); /* readable: the end of the file */
    ifm_os_command command = {.arguments = SHELL("exec tail -f /dev/null"), .cancel_fd = ends[0]};
    ifm_os_command_result result;
    ifm_error err;
    CHECK(!ifm_os_command_run(&command, &result, &err));
    CHECK_INT(err.code, IFM_CANCELED);
    close(ends[0]);
    check_end();
}

/* A daemon that kept our pipes open would otherwise hold us until it ends. */
static void command_does_not_wait_for_grandchildren(void **state)
{
    (void)state;
    ifm_os_command command = {
        .arguments = SHELL("tail -f /dev/null & echo $!"), .timeout_ns = 5000 * NS_PER_MS, .cancel_fd = -1};
    ifm_os_command_result result;
    ifm_error err;
    bool ok = ifm_os_command_run(&command, &result, &err);
    CHECK(ok);
    if (ok) {
        pid_t left = (pid_t)strtol(result.out, NULL, 10);
        CHECK(left > 1 && kill(left, SIGKILL) == 0);
        ifm_os_command_result_deinit(&result);
    }
    check_end();
}

static void collect(void *context, const char *line)
{
    ifm_buf *lines = context;
    ifm_buf_printf(lines, "[%s]", line);
}

static void command_tells_lines_as_they_come(void **state)
{
    (void)state;
    ifm_buf lines;
    ifm_buf_init(&lines, 1024);
    ifm_os_command command = {.arguments = SHELL("printf 'a\\rb\\n\\nlast'"),
                              .progress = collect,
                              .context = &lines,
                              .cancel_fd = -1};
    ifm_os_command_result result;
    ifm_error err;
    CHECK(ifm_os_command_run(&command, &result, &err));
    ifm_buf_append_char(&lines, '\0');
    CHECK_TEXT(lines.data, "[a][b][last]");
    ifm_os_command_result_deinit(&result);
    ifm_buf_deinit(&lines);
    check_end();
}

static void command_cuts_output_at_its_limit(void **state)
{
    (void)state;
    ifm_os_command command = {.arguments = SHELL("head -c 8000000 /dev/zero | tr '\\0' x"), .cancel_fd = -1};
    ifm_os_command_result result;
    ifm_error err;
    CHECK(ifm_os_command_run(&command, &result, &err));
    CHECK_INT(result.status, 0);
    size_t size = strlen(result.out);
    CHECK(size > IFM_OS_COMMAND_OUTPUT_MAX / 2 && size < IFM_OS_COMMAND_OUTPUT_MAX);
    ifm_os_command_result_deinit(&result);
    check_end();
}

static bool run_true(void *context, ifm_error *err)
{
    ifm_os_command command = {.arguments = context, .cancel_fd = -1};
    ifm_os_command_result result;
    bool ok = ifm_os_command_run(&command, &result, err);
    ifm_os_command_result_deinit(&result);
    return ok;
}

static void command_survives_every_failed_allocation(void **state)
{
    (void)state;
    static const char *const arguments[] = {"/bin/echo", "x", NULL};
    CHECK(torture_allocations(run_true, (void *)(uintptr_t)arguments, TORTURE_MUST_FAIL) >= 3);
    check_end();
}

static void programs_are_found_on_the_path(void **state)
{
    (void)state;
    setenv("PATH", "/nonexistent:/bin", 1);
    char *path = ifm_os_program_find("sh");
    CHECK_TEXT(path, "/bin/sh");
    ifm_free(path);
    CHECK(ifm_os_program_find("no-such-program-anywhere") == NULL);
    CHECK(ifm_os_program_find("/etc/passwd") == NULL);
    CHECK(ifm_os_program_find("/") == NULL);
    CHECK(ifm_os_program_find_on("/:/bin:/usr", "bin") == NULL); /* folders, all of them */
    path = ifm_os_program_find_on("/nonexistent:/bin", "sh");
    CHECK_TEXT(path, "/bin/sh");
    ifm_free(path);
    path = ifm_os_program_find_on(NULL, "sh");
    CHECK(path != NULL);
    ifm_free(path);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(command_collects_output_and_status),
        cmocka_unit_test(command_works_without_standard_descriptors),
        cmocka_unit_test(command_says_what_is_not_installed),
        cmocka_unit_test(command_runs_in_its_directory),
        cmocka_unit_test(command_ends_at_its_time_limit),
        cmocka_unit_test(command_ends_when_it_is_cancelled),
        cmocka_unit_test(command_does_not_wait_for_grandchildren),
        cmocka_unit_test(command_tells_lines_as_they_come),
        cmocka_unit_test(command_cuts_output_at_its_limit),
        cmocka_unit_test(command_survives_every_failed_allocation),
        cmocka_unit_test(programs_are_found_on_the_path),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
