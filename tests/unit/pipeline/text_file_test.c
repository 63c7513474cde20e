/* SPDX-License-Identifier: Apache-2.0
 *
 * The text file: when it is written, that it is whole whatever fails, and what is said of failures.
 */
#include "pipeline/text_file.h"

#include "check.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inferometer/log.h>
#include <inferometer/metrics.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char folder[] = "/tmp/text_file_test.XXXXXX";
static ifm_registry *registry;
static ifm_gauge value;

static int setup(void **state)
{
    ifm_error err = {0};
    ifm_gauge_options options = {.metric = {.name = "value", .help = "A value."}};
    (void)state;
    registry = ifm_registry_new(NULL, &err);
    bool ok =
        mkdtemp(folder) != NULL && registry != NULL && ifm_gauge_register(registry, &options, &value, &err);
    return ok ? 0 : 1;
}

static int teardown(void **state)
{
    char command[128];
    (void)state;
    ifm_registry_free(registry);
    snprintf(command, sizeof command, "rm -r %s", folder);
    return system(command);
}

static const char *path_of(const char *name)
{
    static char path[512];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

/* The file's text, in static storage; NULL when there is none. */
static const char *text_of(const char *name)
{
    static char text[65536];
    FILE *file = fopen(path_of(name), "r");
    if (file == NULL) {
        return NULL;
    }
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    return text;
}

/* How many entries the folder has, "." and ".." aside. */
static int count_entries(void)
{
    int count = -2;
    DIR *entries = opendir(folder);
    while (readdir(entries) != NULL) {
        count++;
    }
    closedir(entries);
    return count;
}

static ifm_text_file *open_file(ifm_text_file_options options)
{
    ifm_error err = {0};
    options.directory = options.directory == NULL ? folder : options.directory;
    ifm_text_file *file = ifm_text_file_start(registry, &options, &err);
    if (file == NULL) {
        fail_msg("%s", err.message);
    }
    return file;
}

/* Waits until `name` contains `part`; false after 20 s. */
static bool wait_for(const char *name, const char *part)
{
    struct timespec step = {.tv_nsec = 5000000};
    for (int i = 0; i < 4000; i++) {
        const char *text = text_of(name);
        if (text != NULL && strstr(text, part) != NULL) {
            return true;
        }
        nanosleep(&step, NULL);
    }
    return false;
}

static void text_file_is_written_at_every_nth_poke(void **state)
{
    (void)state;
    ifm_text_file *file = open_file((ifm_text_file_options){.every_pokes = 3});
    for (int round = 1; round <= 3; round++) {
        char want[32];
        ifm_gauge_set(value, round);
        snprintf(want, sizeof want, "\nvalue %d\n", round);
        ifm_text_file_poke(file);
        ifm_text_file_poke(file);
        const char *text = text_of("prometheus_logs.prom");
        CHECK(text == NULL || strstr(text, want) == NULL);
        errno = 77;
        ifm_text_file_poke(file);
        CHECK_INT(errno, 77);
        CHECK(wait_for("prometheus_logs.prom", want));
    }
    CHECK_INT(count_entries(), 1); /* no temporary file is left */
    ifm_text_file_stop(file);
    unlink(path_of("prometheus_logs.prom"));
    check_end();
}

static void text_file_is_written_by_time(void **state)
{
    (void)state;
    static const double intervals[] = {0.01, 1e-12}; /* the second is less than a nanosecond, and not 0 */
    for (size_t i = 0; i < sizeof intervals / sizeof intervals[0]; i++) {
        ifm_text_file *file =
            open_file((ifm_text_file_options){.name = "timed.prom", .every_seconds = intervals[i]});
        ifm_gauge_set(value, 41);
        CHECK(wait_for("timed.prom", "value 41"));
        ifm_gauge_set(value, 42);
        CHECK(wait_for("timed.prom", "value 42"));
        ifm_text_file_stop(file);
        unlink(path_of("timed.prom"));
    }
    check_end();
}

static void text_file_is_written_at_stop(void **state)
{
    (void)state;
    ifm_text_file *file = open_file((ifm_text_file_options){.name = "last.prom"});
    ifm_gauge_set(value, 7);
    CHECK(text_of("last.prom") == NULL);
    ifm_text_file_stop(file);
    CHECK_CONTAINS(text_of("last.prom"), "value 7");
    ifm_text_file_stop(NULL);
    unlink(path_of("last.prom"));
    check_end();
}

static void text_file_has_mode_0644_less_the_umask(void **state)
{
    static const mode_t masks[] = {022, 077, 002};
    (void)state;
    for (size_t i = 0; i < sizeof masks / sizeof masks[0]; i++) {
        struct stat status = {0};
        mode_t before = umask(masks[i]);
        ifm_text_file_stop(open_file((ifm_text_file_options){.name = "mode.prom"}));
        umask(before);
        stat(path_of("mode.prom"), &status);
        CHECK_INT(status.st_mode & 0777, 0644 & ~masks[i]);
        unlink(path_of("mode.prom"));
    }
    check_end();
}

static void text_file_stays_where_it_was_when_the_program_moves(void **state)
{
    ifm_error err = {0};
    char before[512];
    (void)state;
    CHECK(getcwd(before, sizeof before) != NULL && chdir(folder) == 0);
    ifm_text_file *file = ifm_text_file_start(registry, &(ifm_text_file_options){.name = "here.prom"}, &err);
    CHECK_INT(chdir("/"), 0);
    ifm_text_file_stop(file);
    CHECK_INT(chdir(before), 0);
    CHECK(text_of("here.prom") != NULL);
    unlink(path_of("here.prom"));
    check_end();
}

static void text_file_refuses_options_that_make_no_sense(void **state)
{
    static char long_name[202];
    memset(long_name, 'n', 201);
    static const struct {
        ifm_text_file_options options;
        const char *message;
    } rows[] = {
        {{.name = ""}, "is no file name"},
        {{.name = "a/b"}, "is no file name"},
        {{.name = ".."}, "is no file name"},
        {{.name = "."}, "is no file name"},
        {{.name = long_name}, "is longer than 200 bytes"},
        {{.every_seconds = -1}, "is not 0 or more"},
        {{.every_seconds = -__builtin_inf()}, "is not 0 or more"},
        {{.every_seconds = __builtin_nan("")}, "is not 0 or more"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ifm_error err = {0};
        CHECK(ifm_text_file_start(registry, &rows[i].options, &err) == NULL);
        CHECK_INT(err.code, IFM_INVALID);
        CHECK_CONTAINS(err.message, rows[i].message);
    }
    ifm_text_file_stop(
        open_file((ifm_text_file_options){.name = long_name + 1, .every_seconds = __builtin_inf()}));
    CHECK(text_of(long_name + 1) != NULL);
    unlink(path_of(long_name + 1));
    check_end();
}

typedef struct heard {
    int warnings, infos;
    char last[512];
} heard;

static void listen_to(void *context, ifm_log_level level, const char *message)
{
    heard *ears = context;
    ears->warnings += level == IFM_LOG_WARNING;
    ears->infos += level == IFM_LOG_INFO;
    snprintf(ears->last, sizeof ears->last, "%s", message);
}

static void text_file_reports_a_failure_once_and_counts_each(void **state)
{
    heard ears = {0};
    ifm_error err = {0};
    char missing[512];
    double before = 0, after = 0;
    (void)state;
    snprintf(missing, sizeof missing, "%s/not/yet", folder);
    ifm_log_set(listen_to, &ears);
    ifm_text_file *file = open_file((ifm_text_file_options){.directory = missing, .name = "f.prom"});
    CHECK(ifm_registry_sample(registry, "inferometer_text_file_failures_total", &before, &err));
    for (int i = 1; i <= 3; i++) {
        CHECK(!ifm_text_file_write(file, &err));
        CHECK_INT(err.code, IFM_IO);
        CHECK_CONTAINS(err.message, "could not create");
        CHECK_CONTAINS(err.message, "No such file or directory");
        CHECK_INT(ifm_text_file_failures(file), i);
    }
    CHECK_INT(ears.warnings, 1);
    CHECK_CONTAINS(ears.last, "could not write the text file \"");
    CHECK_CONTAINS(ears.last, "/not/yet/f.prom\": could not create");
    CHECK(ifm_registry_sample(registry, "inferometer_text_file_failures_total", &after, &err));
    CHECK_DOUBLE(after - before, 3);
    CHECK_INT(mkdir(path_of("not"), 0755), 0);
    CHECK_INT(mkdir(missing, 0755), 0); /* the folder comes */
    CHECK(ifm_text_file_write(file, &err));
    CHECK_INT(ears.infos, 1);
    CHECK_CONTAINS(ears.last, "is written again");
    CHECK(ifm_text_file_write(file, &err));
    CHECK_INT(ears.infos, 1);
    unlink(path_of("not/yet/f.prom"));
    rmdir(missing); /* and goes */
    CHECK(!ifm_text_file_write(file, &err));
    CHECK_INT(ears.warnings, 2);
    ifm_text_file_stop(file); /* fails again, and says no more */
    CHECK_INT(ears.warnings, 2);
    ifm_log_set(NULL, NULL);
    rmdir(path_of("not"));
    check_end();
}

/* Temporary files of a process that is gone are removed; those of a living one, and other files, stay. */
static void text_file_removes_what_dead_writers_left(void **state)
{
    char living[64], dead[64];
    (void)state;
    pid_t child = fork();
    if (child == 0) {
        _exit(0);
    }
    waitpid(child, NULL, 0);
    snprintf(living, sizeof living, ".s.prom.%d.1.tmp", (int)getpid());
    snprintf(dead, sizeof dead, ".s.prom.%d.12345.tmp", (int)child);
    const char *const names[] = {living, dead, ".s.prom.x.1.tmp", ".s.prom.bak", ".other.prom.1.1.tmp"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        fclose(fopen(path_of(names[i]), "w"));
    }
    ifm_text_file_stop(open_file((ifm_text_file_options){.name = "s.prom"}));
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        CHECK_INT(access(path_of(names[i]), F_OK) == 0, names[i] != dead);
        unlink(path_of(names[i]));
    }
    unlink(path_of("s.prom"));
    check_end();
}

static void text_file_is_not_written_by_a_child(void **state)
{
    (void)state;
    ifm_text_file *file = open_file((ifm_text_file_options){.name = "child.prom", .every_pokes = 1});
    ifm_gauge_set(value, 1);
    pid_t child = fork();
    if (child == 0) {
        ifm_error err = {0};
        ifm_text_file_poke(file);
        bool refused = !ifm_text_file_write(file, &err) && err.code == IFM_STATE;
        ifm_text_file_stop(file);
        _exit(refused ? 0 : 1);
    }
    int status = -1;
    waitpid(child, &status, 0);
    CHECK_INT(status, 0);
    struct timespec moment = {.tv_nsec = 300000000};
    nanosleep(&moment, NULL); /* long enough for a write that a poke asked for */
    CHECK(text_of("child.prom") == NULL);
    ifm_text_file_stop(file);
    unlink(path_of("child.prom"));
    check_end();
}

/* --- Every system call fails once -------------------------------------------------------------------- */

static struct {
    int calls;    /* so far */
    int fail_at;  /* the call that fails, from 1 on; 0: none */
    int number;   /* the errno it fails with */
    int open;     /* descriptors now */
    bool forever; /* all calls from fail_at on, but those that clean up */
} torture;

static bool torture_fails(void)
{
    torture.calls++;
    bool now = torture.forever ? torture.fail_at != 0 && torture.calls >= torture.fail_at
                               : torture.calls == torture.fail_at;
    if (now) {
        errno = torture.number;
    }
    return now;
}

static int torture_open(const char *path, int flags, mode_t mode)
{
    if (torture_fails()) {
        return -1;
    }
    int fd = ifm_os_files_real.open(path, flags, mode);
    torture.open += fd >= 0;
    return fd;
}

/* Half of the bytes at a time: every caller has to go on. */
static ssize_t torture_write(int fd, const void *bytes, size_t size)
{
    return torture_fails() ? -1 : ifm_os_files_real.write(fd, bytes, size > 1 ? size / 2 : size);
}

static int torture_fsync(int fd)
{
    return torture_fails() ? -1 : ifm_os_files_real.fsync(fd);
}

static int torture_close(int fd)
{
    bool fails = torture_fails();
    int number = errno;
    ifm_os_files_real.close(fd); /* as Linux does, also when it fails */
    torture.open--;
    errno = number;
    return fails ? -1 : 0;
}

static int torture_rename(const char *from, const char *to)
{
    return torture_fails() ? -1 : ifm_os_files_real.rename(from, to);
}

static const ifm_os_files torture_files = {
    .open = torture_open,
    .write = torture_write,
    .fsync = torture_fsync,
    .close = torture_close,
    .rename = torture_rename,
    .unlink = unlink,
    .fchmod = fchmod,
};

/* Fails the n-th call, for each n until none is left to fail, and looks at what is there afterwards. */
static void torture_run(int number, bool forever)
{
    ifm_error err = {0};
    ifm_text_file_options options = {.directory = folder, .name = "t.prom"};
    torture.fail_at = 0;
    ifm_text_file *file = ifm_text_file_start_with(registry, &options, &torture_files, &err);
    bool retried = number == EINTR && !forever;
    bool clean = false;
    for (int n = 1; !clean; n++) {
        char old_text[32], new_text[32];
        ifm_gauge_set(value, n);
        snprintf(old_text, sizeof old_text, "\nvalue %d\n", n);
        torture.fail_at = 0;
        torture.calls = 0;
        CHECK(ifm_text_file_write(file, &err));
        int last = torture.calls; /* closes the folder, which was only read: that it fails is no matter */
        ifm_gauge_set(value, n + 1);
        snprintf(new_text, sizeof new_text, "\nvalue %d\n", n + 1);
        torture.calls = 0;
        torture.fail_at = n;
        torture.number = number;
        torture.forever = forever;
        bool ok = ifm_text_file_write(file, &err);
        clean = torture.calls < n;
        CHECK_INT(ok, clean || retried || n == last);
        CHECK_INT(torture.open, 0);
        CHECK_INT(count_entries(), 1);
        const char *text = text_of("t.prom");
        CHECK(text != NULL &&
              (strstr(text, ok ? new_text : old_text) != NULL || strstr(text, new_text) != NULL));
        if (!ok) {
            CHECK_INT(err.code, IFM_IO);
            CHECK_CONTAINS(err.message, strerror(number));
        }
    }
    torture.fail_at = 0;
    ifm_text_file_stop(file);
    unlink(path_of("t.prom"));
}

static void text_file_is_whole_whatever_call_fails(void **state)
{
    static const int numbers[] = {ENOSPC, EIO, EDQUOT, EACCES, EROFS, EINTR};
    (void)state;
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        torture_run(numbers[i], false);
        if (numbers[i] != EINTR) { /* that for ever is a wait for ever */
            torture_run(numbers[i], true);
        }
    }
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_file_is_written_at_every_nth_poke),
        cmocka_unit_test(text_file_is_written_by_time),
        cmocka_unit_test(text_file_is_written_at_stop),
        cmocka_unit_test(text_file_has_mode_0644_less_the_umask),
        cmocka_unit_test(text_file_stays_where_it_was_when_the_program_moves),
        cmocka_unit_test(text_file_refuses_options_that_make_no_sense),
        cmocka_unit_test(text_file_reports_a_failure_once_and_counts_each),
        cmocka_unit_test(text_file_removes_what_dead_writers_left),
        cmocka_unit_test(text_file_is_not_written_by_a_child),
        cmocka_unit_test(text_file_is_whole_whatever_call_fails),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
