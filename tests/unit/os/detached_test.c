/* SPDX-License-Identifier: Apache-2.0
 *
 * Programs that go their own way. The program is this test itself, which says on the report's descriptor what
 * it finds.
 */
#include "check.h"
#include "os/os.h"
#include "torture.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { THREADS = 4, ROUNDS = 25, TEXT_SIZE = 8192, MARK_FD = 77 };

/* 32 and 33 are glibc's own: its posix_spawn() ignores them, and each program sets them up again. */
#define INTERNAL_SIGNALS (3ULL << 31)

/* --- The program -------------------------------------------------------------------------------------- */

static void record_descriptors(FILE *out)
{
    struct stat one, two, null;
    bool open[256] = {false};
    DIR *entries = opendir("/proc/self/fd");
    for (struct dirent *entry = readdir(entries); entry != NULL; entry = readdir(entries)) {
        int fd = 0;
        if (sscanf(entry->d_name, "%d", &fd) == 1 && fd != dirfd(entries) && fd < 256) {
            open[fd] = true;
        }
    }
    closedir(entries);
    fputs("descriptors", out);
    for (int fd = 0; fd < 256; fd++) {
        if (open[fd]) {
            fprintf(out, " %d", fd);
        }
    }
    fstat(1, &one);
    fstat(2, &two);
    stat("/dev/null", &null);
    fprintf(out, "\noutput shared %d\n", one.st_ino == two.st_ino && one.st_dev == two.st_dev);
    fstat(0, &one);
    fprintf(out, "input is null %d\n", one.st_rdev == null.st_rdev);
}

static int record(void)
{
    char line[256];
    FILE *out = fdopen(IFM_OS_DETACHED_REPORT_FD, "w");
    FILE *status = fopen("/proc/self/status", "r");
    while (fgets(line, sizeof line, status) != NULL) {
        unsigned long long set = 0;
        if (sscanf(line, "SigBlk: %llx", &set) == 1) {
            fprintf(out, "blocked %llx\n", set);
        } else if (sscanf(line, "SigIgn: %llx", &set) == 1) {
            fprintf(out, "ignored %llx\n", set & ~INTERNAL_SIGNALS);
        }
    }
    fclose(status);
    record_descriptors(out);
    fprintf(out, "own session %d\n", getsid(0) == getpid());
    fprintf(out, "real time %d\n", sched_getscheduler(0) != SCHED_OTHER);
    fprintf(out, "parent %d\n", (int)getppid());
    for (char **at = environ; *at != NULL; at++) {
        fprintf(out, "environment %s\n", *at);
    }
    fputs("end\n", out);
    return fclose(out) == 0 ? 0 : 1;
}

/* --- Starting it -------------------------------------------------------------------------------------- */

/* Reads to the end, which comes when nobody has the other end any more: not this process either. */
static void read_all(int fd, char text[TEXT_SIZE])
{
    size_t size = 0;
    for (ssize_t count; (count = read(fd, text + size, TEXT_SIZE - 1 - size)) > 0;) {
        size += (size_t)count;
    }
    text[size] = '\0';
}

static bool start_and_read(const char *path, char text[TEXT_SIZE], ifm_error *err)
{
    static const char *const environment[] = {"GIVEN=1", NULL};
    const char *const arguments[] = {path, "--record", NULL};
    int ends[2], output = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (pipe2(ends, O_CLOEXEC) != 0) {
        return false;
    }
    const ifm_os_detached detached = {arguments, environment, output, ends[1]};
    bool ok = ifm_os_detached_start(&detached, err);
    close(ends[1]);
    close(output);
    read_all(ends[0], text);
    close(ends[0]);
    return ok;
}

static volatile sig_atomic_t child_signals;
static int forks;

static void count_signal(int number)
{
    (void)number;
    child_signals = child_signals + 1;
}

static void count_fork(void)
{
    forks++;
}

static void program_has_nothing_of_ours(void **state)
{
    (void)state;
    ifm_error err;
    char text[TEXT_SIZE], parent[32];
    sigset_t blocked, before;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &blocked, &before);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGUSR1, SIG_IGN);
    CHECK_INT(dup2(0, MARK_FD), MARK_FD); /* not close-on-exec */
    setenv("SECRET", "1", 1);
    if (!start_and_read("/proc/self/exe", text, &err)) {
        fail_msg("%s", err.message);
    }
    unsetenv("SECRET");
    close(MARK_FD);
    signal(SIGPIPE, SIG_DFL);
    signal(SIGUSR1, SIG_DFL);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    CHECK_CONTAINS(text, "descriptors 0 1 2 3\n");
    CHECK_CONTAINS(text, "output shared 1\n");
    CHECK_CONTAINS(text, "input is null 1\n");
    CHECK_CONTAINS(text, "blocked 0\n");
    CHECK_CONTAINS(text, "ignored 0\n");
    CHECK_CONTAINS(text, "own session 1\n");
    CHECK_CONTAINS(text, "environment GIVEN=1\nend\n");
    CHECK(strstr(text, "SECRET") == NULL);
    snprintf(parent, sizeof parent, "parent %d\n", (int)getpid());
    CHECK(strstr(text, parent) == NULL);
    check_end();
}

static void host_program_sees_no_child(void **state)
{
    (void)state;
    ifm_error err;
    char text[TEXT_SIZE];
    signal(SIGCHLD, count_signal);
    int forks_before = forks;
    CHECK(start_and_read("/proc/self/exe", text, &err));
    CHECK(!start_and_read("/proc/none", text, &err));
    CHECK_INT(waitpid(-1, NULL, WNOHANG | __WALL), -1);
    CHECK_INT(errno, ECHILD);
    CHECK_INT(child_signals, 0);
    CHECK_INT(forks, forks_before);
    signal(SIGCHLD, SIG_IGN);
    CHECK(start_and_read("/proc/self/exe", text, &err));
    CHECK_CONTAINS(text, "\nend\n");
    signal(SIGCHLD, SIG_DFL);
    check_end();
}

static void program_is_not_real_time(void **state)
{
    (void)state;
    ifm_error err;
    char text[TEXT_SIZE];
    const struct sched_param low = {.sched_priority = 1}, none = {.sched_priority = 0};
    if (sched_setscheduler(0, SCHED_RR, &low) != 0) {
        printf("skipped: this system grants no real-time scheduling: %s\n", strerror(errno));
        skip();
    }
    bool ok = start_and_read("/proc/self/exe", text, &err);
    sched_setscheduler(0, SCHED_OTHER, &none);
    CHECK(ok);
    CHECK_CONTAINS(text, "real time 0\n");
    check_end();
}

/* Its descriptors are then those that the program gets under other numbers. */
static void host_program_may_have_closed_its_standard_descriptors(void **state)
{
    (void)state;
    pid_t child = fork();
    if (child == 0) {
        ifm_error err;
        char text[TEXT_SIZE];
        for (int fd = 0; fd < MARK_FD; fd++) {
            close(fd);
        }
        bool ok = start_and_read("/proc/self/exe", text, &err);
        _exit(ok && strstr(text, "descriptors 0 1 2 3\n") != NULL && strstr(text, "\nend\n") != NULL ? 0 : 1);
    }
    int status = -1;
    waitpid(child, &status, 0);
    CHECK_INT(status, 0);
    check_end();
}

static void program_that_cannot_be_started_is_an_error(void **state)
{
    (void)state;
    ifm_error err;
    char text[TEXT_SIZE];
    static const struct {
        const char *path;
        ifm_code code;
        const char *message;
    } rows[] = {
        {"/no/such/program", IFM_NOT_FOUND,
         "could not start \"/no/such/program\": No such file or directory"},
        {"/etc/passwd/x", IFM_NOT_FOUND, "could not start \"/etc/passwd/x\": Not a directory"},
        {"/etc/passwd", IFM_IO, "could not start \"/etc/passwd\": Permission denied"},
        {"/", IFM_IO, "could not start \"/\": Permission denied"},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        CHECK(!start_and_read(rows[i].path, text, &err));
        CHECK_INT(err.code, rows[i].code);
        CHECK_TEXT(err.message, rows[i].message);
        CHECK_TEXT(text, "");
    }
    check_end();
}

static void *start_often(void *context)
{
    ifm_error err;
    char text[TEXT_SIZE];
    int *good = context;
    for (int i = 0; i < ROUNDS; i++) {
        *good += start_and_read("/proc/self/exe", text, &err) && strstr(text, "\nend\n") != NULL;
        *good += !start_and_read("/proc/none", text, &err) && err.code == IFM_NOT_FOUND;
    }
    return NULL;
}

static int count_descriptors(void)
{
    int count = 0;
    DIR *entries = opendir("/proc/self/fd");
    for (struct dirent *entry = readdir(entries); entry != NULL; entry = readdir(entries)) {
        count++;
    }
    closedir(entries);
    return count;
}

static void threads_start_programs_at_once(void **state)
{
    (void)state;
    pthread_t threads[THREADS];
    int good[THREADS] = {0}, before = count_descriptors();
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, start_often, &good[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        CHECK_INT(good[i], 2 * ROUNDS);
    }
    CHECK_INT(count_descriptors(), before);
    CHECK_INT(waitpid(-1, NULL, WNOHANG | __WALL), -1);
    check_end();
}

/* --- The environment ---------------------------------------------------------------------------------- */

static const char *value_in(const char *const *environment, const char *variable)
{
    for (; *environment != NULL; environment++) {
        if (strncmp(*environment, variable, strlen(variable)) == 0) {
            return *environment + strlen(variable);
        }
    }
    return NULL;
}

static void copy_of_the_environment_stays_as_it_is(void **state)
{
    (void)state;
    ifm_error err;
    setenv("DETACHED_TEST", "before", 1);
    const char *const *copy = ifm_os_environment_copy(&err);
    setenv("DETACHED_TEST", "after", 1);
    assert_non_null(copy);
    CHECK_TEXT(value_in(copy, "DETACHED_TEST="), "before");
    CHECK_TEXT(value_in(copy, "PATH="), getenv("PATH"));
    void *block;
    memcpy(&block, &copy, sizeof block);
    ifm_free(block);
    unsetenv("DETACHED_TEST");
    check_end();
}

static void copy_of_the_environment_has_a_limit(void **state)
{
    (void)state;
    ifm_error err;
    char *huge = ifm_alloc(IFM_OS_ENVIRONMENT_BYTES_MAX);
    memset(huge, 'x', IFM_OS_ENVIRONMENT_BYTES_MAX);
    huge[IFM_OS_ENVIRONMENT_BYTES_MAX - 1] = '\0';
    setenv("DETACHED_TEST", huge, 1);
    CHECK(ifm_os_environment_copy(&err) == NULL);
    CHECK_INT(err.code, IFM_LIMIT);
    unsetenv("DETACHED_TEST");
    ifm_free(huge);
    char **before = environ;
    environ = NULL; /* as clearenv() leaves it */
    const char *const *copy = ifm_os_environment_copy(&err);
    environ = before;
    assert_non_null(copy);
    CHECK(copy[0] == NULL);
    void *block;
    memcpy(&block, &copy, sizeof block);
    ifm_free(block);
    check_end();
}

static bool copy_environment(void *context, ifm_error *err)
{
    (void)context;
    const char *const *copy = ifm_os_environment_copy(err);
    void *block;
    memcpy(&block, &copy, sizeof block);
    ifm_free(block);
    return copy != NULL;
}

static void copying_survives_failing_allocations(void **state)
{
    (void)state;
    CHECK_INT(torture_allocations(copy_environment, NULL, TORTURE_MUST_FAIL), 1);
    check_end();
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(program_has_nothing_of_ours),
        cmocka_unit_test(host_program_sees_no_child),
        cmocka_unit_test(program_is_not_real_time),
        cmocka_unit_test(host_program_may_have_closed_its_standard_descriptors),
        cmocka_unit_test(program_that_cannot_be_started_is_an_error),
        cmocka_unit_test(threads_start_programs_at_once),
        cmocka_unit_test(copy_of_the_environment_stays_as_it_is),
        cmocka_unit_test(copy_of_the_environment_has_a_limit),
        cmocka_unit_test(copying_survives_failing_allocations),
    };
    if (argc == 2 && strcmp(argv[1], "--record") == 0) {
        return record();
    }
    pthread_atfork(count_fork, NULL, NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
