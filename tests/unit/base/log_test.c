/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"
#include "check.h"

#include <sys/wait.h>
#include <unistd.h>

typedef struct record {
    int calls;
    ifm_log_level level;
    char message[600];
} record;

static void record_line(void *context, ifm_log_level level, const char *message)
{
    record *into = context;
    into->calls++;
    into->level = level;
    snprintf(into->message, sizeof into->message, "%s", message);
}

static void log_says_nothing_without_a_function(void **state)
{
    (void)state;
    record before = {0};
    ifm_log_set(record_line, &before);
    ifm_log_set(NULL, NULL);
    ifm_log(IFM_LOG_ERROR, "unheard");
    CHECK_INT(before.calls, 0);
    check_end();
}

static void log_formats_and_passes_level_and_context(void **state)
{
    (void)state;
    record first = {0}, second = {0};
    ifm_log_set(record_line, &first);
    ifm_log(IFM_LOG_WARNING, "disk \"%s\" is full by %d%%", "sda", 97);
    CHECK_INT(first.calls, 1);
    CHECK_INT(first.level, IFM_LOG_WARNING);
    CHECK_TEXT(first.message, "disk \"sda\" is full by 97%");
    ifm_log_set(record_line, &second);
    ifm_log(IFM_LOG_INFO, "next");
    CHECK_INT(first.calls, 1);
    CHECK_INT(second.calls, 1);
    CHECK_TEXT(second.message, "next");
    ifm_log_set(NULL, NULL);
    check_end();
}

static void log_again(void *context, ifm_log_level level, const char *message)
{
    record_line(context, level, message);
    ifm_log(IFM_LOG_ERROR, "from inside");
}

static void log_drops_what_is_said_inside_the_function(void **state)
{
    (void)state;
    record heard = {0};
    ifm_log_set(log_again, &heard);
    ifm_log(IFM_LOG_INFO, "first");
    ifm_log(IFM_LOG_INFO, "second");
    CHECK_INT(heard.calls, 2);
    CHECK_TEXT(heard.message, "second");
    ifm_log_set(NULL, NULL);
    check_end();
}

static void log_cuts_long_lines(void **state)
{
    (void)state;
    record seen = {0};
    ifm_log_set(record_line, &seen);
    ifm_log(IFM_LOG_INFO, "%700d", 1);
    ifm_log_set(NULL, NULL);
    CHECK_INT(seen.calls, 1);
    CHECK_INT(strlen(seen.message), 511);
    check_end();
}

/* What ifm_log_to_stderr() writes, caught with a pipe. */
static void log_to_stderr_names_the_level(void **state)
{
    (void)state;
    static const struct {
        ifm_log_level level;
        const char *want;
    } rows[] = {{IFM_LOG_ERROR, "inferometer: error: it broke\n"},
                {IFM_LOG_WARNING, "inferometer: warning: it broke\n"},
                {IFM_LOG_INFO, "inferometer: info: it broke\n"},
                {(ifm_log_level)9, "inferometer: error: it broke\n"}};
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        int ends[2];
        char line[100] = "";
        assert_int_equal(pipe(ends), 0);
        int before = dup(STDERR_FILENO);
        dup2(ends[1], STDERR_FILENO);
        ifm_log_to_stderr(NULL, rows[i].level, "it broke");
        fflush(stderr);
        dup2(before, STDERR_FILENO);
        close(before);
        close(ends[1]);
        ssize_t size = read(ends[0], line, sizeof line - 1);
        close(ends[0]);
        CHECK(size > 0);
        CHECK_TEXT(line, rows[i].want);
    }
    check_end();
}

static void fork_inside(void *context, ifm_log_level level, const char *message)
{
    (void)level;
    (void)message;
    pid_t *child = context;
    *child = fork(); /* the lock of logging is held here, in the child for ever */
    if (*child == 0) {
        ifm_log_after_fork();
        record seen = {0};
        ifm_log_set(record_line, &seen);
        ifm_log(IFM_LOG_INFO, "from the child");
        _exit(strcmp(seen.message, "from the child") == 0 ? 0 : 1);
    }
}

static void log_works_in_a_child_forked_while_logging(void **state)
{
    (void)state;
    pid_t child = -1;
    int status = -1;
    ifm_log_set(fork_inside, &child);
    ifm_log(IFM_LOG_INFO, "fork");
    ifm_log_set(NULL, NULL);
    assert_true(child > 0);
    CHECK_INT(waitpid(child, &status, 0), child);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(log_says_nothing_without_a_function),
        cmocka_unit_test(log_formats_and_passes_level_and_context),
        cmocka_unit_test(log_drops_what_is_said_inside_the_function),
        cmocka_unit_test(log_cuts_long_lines),
        cmocka_unit_test(log_to_stderr_names_the_level),
        cmocka_unit_test(log_works_in_a_child_forked_while_logging),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
