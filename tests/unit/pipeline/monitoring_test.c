/* SPDX-License-Identifier: Apache-2.0
 *
 * Bringing up a monitor beside a logger. The program that does it is a script here, named by INFEROMETER_BIN,
 * or lying where it is looked for.
 */
#include "pipeline/monitoring.h"

#include "base/base.h"
#include "check.h"
#include "torture.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inferometer/inferometer.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PATIENCE_SECONDS = 60, CYCLES = 100, TEXT_SIZE = 8192 };

static char folder[] = "/tmp/monitoring_test.XXXXXX";

static const char *path_of(const char *name)
{
    static char paths[4][256];
    static int next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

static void run_shell(const char *command, const char *argument)
{
    ifm_error err;
    ifm_os_command_result result;
    const char *const arguments[] = {"sh", "-c", command, "sh", argument, NULL};
    const ifm_os_command run = {.arguments = arguments, .cancel_fd = -1};
    if (!ifm_os_command_run(&run, &result, &err)) {
        fail_msg("%s", err.message);
    }
    assert_int_equal(result.status, 0);
    ifm_os_command_result_deinit(&result);
}

static int make_folder(void **state)
{
    (void)state;
    memcpy(folder + strlen(folder) - 6, "XXXXXX", 6);
    return mkdtemp(folder) == NULL || setenv("XDG_STATE_HOME", folder, 1) != 0 ? -1 : 0;
}

static int remove_folder(void **state)
{
    (void)state;
    ifm_log_set(NULL, NULL);
    run_shell("rm -r \"$1\"", folder);
    return 0;
}

static const char *text_of(const char *name)
{
    static char text[TEXT_SIZE];
    FILE *file = fopen(path_of(name), "r");
    size_t size = file == NULL ? 0 : fread(text, 1, sizeof text - 1, file);
    text[size] = '\0';
    if (file != NULL) {
        fclose(file);
    }
    return text;
}

static void put_script(const char *name, const char *body)
{
    FILE *file = fopen(path_of(name), "w");
    assert_non_null(file);
    fprintf(file, "#!/bin/sh\ncd \"%s\" || exit 1\n%s\n", folder, body);
    fclose(file);
    assert_int_equal(chmod(path_of(name), 0755), 0);
}

/* The program is this script from now on. */
static void use_script(const char *body)
{
    put_script("program", body);
    setenv("INFEROMETER_BIN", path_of("program"), 1);
}

/* --- What the library says ---------------------------------------------------------------------------- */

static struct ears {
    pthread_mutex_t mutex; /* protects what follows */
    pthread_cond_t heard;
    int infos, warnings;
    char first[512], info[512], warning[512]; /* of all; and the last of each */
} ears = {.mutex = PTHREAD_MUTEX_INITIALIZER, .heard = PTHREAD_COND_INITIALIZER};

static void hear(void *context, ifm_log_level level, const char *message)
{
    (void)context;
    pthread_mutex_lock(&ears.mutex);
    bool info = level == IFM_LOG_INFO;
    if (ears.infos + ears.warnings == 0) {
        snprintf(ears.first, sizeof ears.first, "%s", message);
    }
    *(info ? &ears.infos : &ears.warnings) += 1;
    snprintf(info ? ears.info : ears.warning, sizeof ears.info, "%s", message);
    pthread_cond_broadcast(&ears.heard);
    pthread_mutex_unlock(&ears.mutex);
}

static void listen_from_now(void)
{
    ears.infos = ears.warnings = 0;
    ears.info[0] = ears.warning[0] = '\0';
    ifm_log_set(hear, NULL);
}

/* Until so many of each were heard. */
static void await_log(int infos, int warnings)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += PATIENCE_SECONDS;
    pthread_mutex_lock(&ears.mutex);
    int number = 0;
    while ((ears.infos < infos || ears.warnings < warnings) && number == 0) {
        number = pthread_cond_timedwait(&ears.heard, &ears.mutex, &until);
    }
    CHECK_INT(ears.infos, infos);
    CHECK_INT(ears.warnings, warnings);
    pthread_mutex_unlock(&ears.mutex);
}

/* --- Loggers ------------------------------------------------------------------------------------------ */

static ifm_logger *open_logger(ifm_logger_options options)
{
    ifm_error err;
    options.port = options.port == 0 ? IFM_ENDPOINT_PORT_ANY : options.port;
    ifm_logger *logger = ifm_logger_open(&options, &err);
    if (logger == NULL) {
        fail_msg("%s", err.message);
    }
    return logger;
}

static ifm_logger *open_with_stack(void)
{
    return open_logger((ifm_logger_options){.monitoring = IFM_MONITORING_STACK});
}

/* Opens a logger with the stack and waits until it fails. */
static void fail_with_stack(ifm_error *err)
{
    listen_from_now();
    ifm_logger *logger = open_with_stack();
    await_log(0, 1);
    CHECK_INT(ifm_logger_monitoring(logger, err), IFM_MONITORING_STATE_FAILED);
    CHECK(ifm_logger_monitoring_url(logger) == NULL);
    CHECK_CONTAINS(ears.warning, "monitoring: ");
    CHECK_TEXT(ears.warning + strlen("monitoring: "), err->message);
    ifm_logger_close(logger);
    CHECK_INT(ears.warnings, 1);
    CHECK_INT(ears.infos, 0);
}

static void monitoring_is_off_by_default(void **state)
{
    (void)state;
    ifm_error err = {.code = IFM_OK};
    use_script("touch started");
    ifm_logger *logger = open_logger((ifm_logger_options){0});
    CHECK_INT(ifm_logger_monitoring(logger, &err), IFM_MONITORING_STATE_OFF);
    CHECK(ifm_logger_monitoring_url(logger) == NULL);
    CHECK_INT(err.code, IFM_OK);
    ifm_logger_close(logger);
    CHECK_INT(ifm_logger_monitoring(NULL, &err), IFM_MONITORING_STATE_OFF);
    CHECK(ifm_logger_monitoring_url(NULL) == NULL);
    CHECK(access(path_of("started"), F_OK) != 0);
    check_end();
}

static void stack_that_runs_has_a_url(void **state)
{
    (void)state;
    ifm_error err;
    use_script("echo \"$*\" >arguments; echo 'OK http://127.0.0.1:3000/d/overview' >&3");
    listen_from_now();
    ifm_logger *logger = open_with_stack();
    await_log(1, 0);
    CHECK_INT(ifm_logger_monitoring(logger, &err), IFM_MONITORING_STATE_RUNNING);
    CHECK_TEXT(ifm_logger_monitoring_url(logger), "http://127.0.0.1:3000/d/overview");
    CHECK(ifm_logger_monitoring_url(logger) == ifm_logger_monitoring_url(logger));
    CHECK_TEXT(ears.info, "monitoring: dashboards at http://127.0.0.1:3000/d/overview");
    CHECK_TEXT(text_of("arguments"), "stack up --report-fd=3\n");
    ifm_logger_close(logger);
    CHECK_INT(ears.infos, 1);
    check_end();
}

static void stack_is_told_of_a_target_that_is_not_registered(void **state)
{
    (void)state;
    char want[64];
    use_script("echo \"$*\" >arguments; echo 'OK http://a/' >&3");
    listen_from_now();
    ifm_logger *logger = open_logger(
        (ifm_logger_options){.monitoring = IFM_MONITORING_STACK, .registration = IFM_REGISTRATION_OFF});
    await_log(1, 0);
    snprintf(want, sizeof want, "stack up --report-fd=3 --target=127.0.0.1:%d\n", ifm_logger_port(logger));
    CHECK_TEXT(text_of("arguments"), want);
    ifm_logger_close(logger);

    ifm_monitoring_run run;
    ifm_monitoring_init(&run);
    const ifm_monitoring_options tls = {.monitoring = IFM_MONITORING_STACK, .url = "https://[::1]:9/metrics"};
    ifm_monitoring_start(&run, &tls);
    await_log(2, 0);
    ifm_monitoring_stop(&run);
    CHECK_TEXT(text_of("arguments"), "stack up --report-fd=3 --target=https://[::1]:9\n");
    check_end();
}

/* Opens a logger whose monitoring comes up, and checks what the program was asked for, and the log. */
static void check_comes_up(ifm_monitoring monitoring, const char *arguments, const char *said)
{
    ifm_error err;
    listen_from_now();
    ifm_logger *logger = open_logger((ifm_logger_options){.monitoring = monitoring});
    await_log(1, 0);
    CHECK_INT(ifm_logger_monitoring(logger, &err), IFM_MONITORING_STATE_RUNNING);
    CHECK_INT(ears.warnings, 0);
    CHECK_TEXT(text_of("arguments"), arguments);
    CHECK_TEXT(ears.first, said);
    CHECK_TEXT(ifm_logger_monitoring_url(logger), "http://a/");
    ifm_logger_close(logger);
}

static void auto_lets_the_program_decide_and_passes_on_why(void **state)
{
    (void)state;
    use_script("echo \"$*\" >arguments; echo 'OK http://a/ docker: not installed' >&3");
    check_comes_up(IFM_MONITORING_AUTO, "stack up --or-monitor --report-fd=3\n",
                   "monitoring: it runs at http://a/; docker: not installed");
    check_end();
}

static void embedded_starts_the_monitor(void **state)
{
    (void)state;
    use_script("echo \"$*\" >arguments; echo said; echo 'OK http://a/' >&3");
    check_comes_up(IFM_MONITORING_EMBEDDED, "monitor --report-fd=3\n", "monitoring: it runs at http://a/");
    CHECK_TEXT(text_of("inferometer/monitor/up.log"), "said\n");
    check_end();
}

static void what_cannot_be_is_said_at_once(void **state)
{
    (void)state;
    ifm_error err;
    static const struct {
        ifm_logger_options options;
        ifm_code code;
        const char *message;
    } rows[] = {
        {{.monitoring = IFM_MONITORING_EMBEDDED, .port = IFM_LOGGER_PORT_NONE},
         IFM_INVALID,
         "there is nothing to scrape: the logger has no endpoint; hint: give it a port"},
        {{.monitoring = IFM_MONITORING_STACK, .port = IFM_LOGGER_PORT_NONE},
         IFM_INVALID,
         "there is nothing to scrape: the logger has no endpoint; hint: give it a port"},
    };
    use_script("touch started");
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        listen_from_now();
        ifm_logger *logger = open_logger(rows[i].options);
        CHECK_INT(ifm_logger_monitoring(logger, &err), IFM_MONITORING_STATE_FAILED);
        CHECK_INT(err.code, rows[i].code);
        CHECK_TEXT(err.message, rows[i].message);
        CHECK_INT(ears.warnings, 1);
        ifm_logger_close(logger);
    }
    CHECK(access(path_of("started"), F_OK) != 0);
    check_end();
}

/* --- Programs that fail ------------------------------------------------------------------------------- */

static void program_says_why_it_failed(void **state)
{
    (void)state;
    ifm_error err;
    use_script("echo 'NOT_FOUND no container engine is installed; hint: apt install docker.io' >&3; exit 1");
    fail_with_stack(&err);
    CHECK_INT(err.code, IFM_NOT_FOUND);
    CHECK_TEXT(err.message, "no container engine is installed; hint: apt install docker.io");
    check_end();
}

static void program_that_ends_without_a_word_is_told_of(void **state)
{
    (void)state;
    static const char *const bodies[] = {"echo to-stdout; echo to-stderr >&2", "kill -KILL $$", "exit 3",
                                         "printf 'OK http://half' >&3"};
    char want[256];
    snprintf(want, sizeof want, "the program that starts monitoring ended without a word; hint: see %s",
             path_of("inferometer/stack/up.log"));
    for (size_t i = 0; i < IFM_COUNT_OF(bodies); i++) {
        ifm_error err;
        use_script(bodies[i]);
        fail_with_stack(&err);
        CHECK_INT(err.code, IFM_IO);
        CHECK_TEXT(err.message, want);
    }
    CHECK_TEXT(text_of("inferometer/stack/up.log"), "to-stdout\nto-stderr\n");
    struct stat status;
    CHECK_INT(stat(path_of("inferometer/stack/up.log"), &status), 0);
    CHECK_INT(status.st_mode & 0777, 0600);
    CHECK_INT(stat(path_of("inferometer/stack"), &status), 0);
    CHECK_INT(status.st_mode & 0777, 0700);
    check_end();
}

static void program_runs_without_a_place_for_its_output(void **state)
{
    (void)state;
    ifm_error err;
    use_script("echo lost");
    setenv("XDG_STATE_HOME", "/proc/none", 1);
    listen_from_now();
    ifm_logger *logger = open_with_stack();
    await_log(1, 1); /* it is not registered either */
    CHECK_INT(ifm_logger_monitoring(logger, &err), IFM_MONITORING_STATE_FAILED);
    CHECK_CONTAINS(err.message, "ended without a word; hint: run inferometer stack up");
    ifm_logger_close(logger);
    check_end();
}

static void output_is_appended_up_to_a_limit(void **state)
{
    (void)state;
    ifm_error err;
    static const struct {
        off_t before, after;
    } rows[] = {
        {IFM_MONITORING_LOG_BYTES_MAX, IFM_MONITORING_LOG_BYTES_MAX + 2},
        {IFM_MONITORING_LOG_BYTES_MAX + 1, 2},
        {0, 2},
    };
    use_script("echo x");
    fail_with_stack(&err); /* makes the folder */
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        struct stat status;
        CHECK_INT(truncate(path_of("inferometer/stack/up.log"), rows[i].before), 0);
        fail_with_stack(&err);
        CHECK_INT(stat(path_of("inferometer/stack/up.log"), &status), 0);
        CHECK_INT(status.st_size, rows[i].after);
    }
    check_end();
}

static void line_of_the_program_is_read_strictly(void **state)
{
    (void)state;
    static char long_url[IFM_MONITORING_URL_SIZE + 4] = "OK ";
    memset(long_url + 3, 'u', IFM_MONITORING_URL_SIZE);
    static const struct {
        const char *line;
        ifm_code code;
        const char *want; /* the URL, or the message */
    } rows[] = {
        {"OK http://127.0.0.1:3000/", IFM_OK, "http://127.0.0.1:3000/"},
        {long_url + 1, IFM_IO, "reported \"K uuu"},
        {long_url, IFM_IO, "reported \"OK uuu"},
        {"BUSY port 3000 is taken", IFM_BUSY, "port 3000 is taken"},
        {"IO a\tb\x1b[0m", IFM_IO, "a?b?[0m"},
        {"IO \xc3\xa4", IFM_IO, "\xc3\xa4"},
        {"IO \xc3", IFM_IO, "?"},
        {"OK", IFM_IO, "reported \"OK\", which cannot be understood"},
        {"OK ", IFM_IO, "reported \"OK \", which cannot be understood"},
        {"OK a b", IFM_OK, "a"},
        {"OK  a", IFM_IO, "reported \"OK  a\""},
        {"IO", IFM_IO, "reported \"IO\""},
        {"IO ", IFM_IO, "reported \"IO \""},
        {"io lower", IFM_IO, "reported \"io lower\""},
        {"usage: inferometer", IFM_IO, "reported \"usage: inferometer\""},
        {"", IFM_IO, "reported \"\""},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        ifm_monitoring_said said = {.url = ""};
        ifm_error err = {.code = IFM_OK};
        CHECK_INT(ifm_monitoring_read_line(rows[i].line, &said, &err), rows[i].code == IFM_OK);
        CHECK_INT(err.code, rows[i].code);
        CHECK_CONTAINS(rows[i].code == IFM_OK ? said.url : err.message, rows[i].want);
    }
    ifm_monitoring_said said;
    ifm_error err;
    long_url[3 + IFM_MONITORING_URL_SIZE - 1] = '\0'; /* just fits */
    CHECK(ifm_monitoring_read_line(long_url, &said, &err));
    CHECK_INT(strlen(said.url), IFM_MONITORING_URL_SIZE - 1);
    CHECK_TEXT(said.note, "");
    CHECK(ifm_monitoring_read_line("OK http://a/ docker: \x1b[1mnot installed", &said, &err));
    CHECK_TEXT(said.url, "http://a/");
    CHECK_TEXT(said.note, "docker: ?[1mnot installed");
    check_end();
}

static void line_that_is_too_long_is_cut(void **state)
{
    (void)state;
    ifm_error err;
    use_script("printf 'BUSY ' >&3; head -c 5000 /dev/zero | tr '\\0' x >&3; cat /dev/zero >&3");
    fail_with_stack(&err);
    CHECK_INT(err.code, IFM_BUSY);
    CHECK_CONTAINS(err.message, "xxx...");
    check_end();
}

/* --- Where the program is ----------------------------------------------------------------------------- */

static void program_that_is_named_is_the_only_one(void **state)
{
    (void)state;
    static const char *const names[] = {"/no/such/program", "/etc/passwd", "/tmp"};
    for (size_t i = 0; i < IFM_COUNT_OF(names); i++) {
        ifm_error err;
        char want[128];
        setenv("INFEROMETER_BIN", names[i], 1);
        fail_with_stack(&err);
        CHECK_INT(err.code, IFM_NOT_FOUND);
        snprintf(want, sizeof want, "INFEROMETER_BIN=\"%s\" is no program that can be executed", names[i]);
        CHECK_TEXT(err.message, want);
    }
    check_end();
}

/* This program again, as a copy elsewhere: opens a logger with the stack, and prints what became of it. */
static int find_as_a_copy(void)
{
    ifm_error err;
    listen_from_now();
    const ifm_logger_options options = {.port = IFM_ENDPOINT_PORT_ANY, .monitoring = IFM_MONITORING_STACK};
    ifm_logger *logger = ifm_logger_open(&options, &err);
    if (logger == NULL) {
        return 1;
    }
    pthread_mutex_lock(&ears.mutex);
    while (ears.infos + ears.warnings == 0) {
        pthread_cond_wait(&ears.heard, &ears.mutex);
    }
    pthread_mutex_unlock(&ears.mutex);
    printf("%s%s", ears.info, ears.warning);
    ifm_logger_close(logger);
    return 0;
}

static char *found_from(const char *copy, const char *path)
{
    ifm_error err;
    ifm_os_command_result result;
    static char variable[512];
    snprintf(variable, sizeof variable, "PATH=%s", path);
    const char *const arguments[] = {copy, "--find", NULL};
    const char *const environment[] = {variable, "INFEROMETER_BIN=", NULL};
    const ifm_os_command run = {.arguments = arguments, .environment = environment, .cancel_fd = -1};
    if (!ifm_os_command_run(&run, &result, &err)) {
        fail_msg("%s", err.message);
    }
    CHECK_INT(result.status, 0);
    ifm_free(result.err);
    return result.out;
}

static void check_found(const char *copy, const char *path, const char *want)
{
    char *found = found_from(copy, path);
    CHECK_TEXT(found, want);
    ifm_free(found);
}

static void program_is_beside_the_library_or_on_the_path(void **state)
{
    (void)state;
    char copy[256], path[256];
    run_shell("mkdir -p \"$1/x/lib/arch\" \"$1/x/bin\" \"$1/path/inferometer\" \"$1/path2\" && "
              "cp /proc/$PPID/exe \"$1/x/lib/arch/copy\"",
              folder);
    snprintf(copy, sizeof copy, "%s", path_of("x/lib/arch/copy"));
    snprintf(path, sizeof path, "%s:%s:/bin:/usr/bin", path_of("path"), path_of("path2"));
    char *found = found_from(copy, path);
    CHECK_CONTAINS(
        found, "monitoring: the program \"inferometer\" was not found: INFEROMETER_BIN is not set, and it "
               "is neither near \"/tmp/monitoring_test.");
    CHECK_CONTAINS(found, "/x/lib/arch\" nor on PATH; hint: install it, or set INFEROMETER_BIN");
    ifm_free(found);
    put_script("path2/inferometer", "echo OK http://path/ >&3");
    check_found(copy, path, "monitoring: dashboards at http://path/");
    put_script("x/bin/inferometer", "echo OK http://bin-above/ >&3");
    check_found(copy, path, "monitoring: dashboards at http://bin-above/");
    run_shell("mkdir \"$1/x/lib/bin\" \"$1/x/lib/arch/inferometer\"", folder); /* a folder is no program */
    put_script("x/lib/bin/inferometer", "echo OK http://bin/ >&3");
    check_found(copy, path, "monitoring: dashboards at http://bin/");
    run_shell("rmdir \"$1/x/lib/arch/inferometer\"", folder);
    put_script("x/lib/arch/inferometer", "echo OK http://beside/ >&3");
    check_found(copy, path, "monitoring: dashboards at http://beside/");
    check_end();
}

/* --- The pipeline's process --------------------------------------------------------------------------- */

/* The program waits for us, so what happens meanwhile happened without waiting for it. */
static void program_outlives_the_logger_which_waits_for_nothing(void **state)
{
    (void)state;
    ifm_error err;
    char line[16] = "";
    CHECK_INT(mkfifo(path_of("to"), 0600), 0);
    CHECK_INT(mkfifo(path_of("from"), 0600), 0);
    use_script("echo begun >from; read line <to; echo \"$line\" >from; echo 'OK http://late/' >&3");
    listen_from_now();
    ifm_logger *logger = open_with_stack();
    CHECK_INT(ifm_logger_monitoring(logger, &err), IFM_MONITORING_STATE_STARTING);
    CHECK(ifm_logger_monitoring_url(logger) == NULL);
    ifm_pipeline *pipeline = ifm_logger_pipeline(logger, "ocr", &err);
    ifm_inference inference = ifm_inference_begin(pipeline);
    ifm_inference_end(&inference, IFM_SUCCESS);
    int from = open(path_of("from"), O_RDONLY);
    CHECK_INT(read(from, line, sizeof line), 6);
    close(from);
    CHECK_INT(ifm_logger_monitoring(logger, &err), IFM_MONITORING_STATE_STARTING);
    ifm_logger_close(logger);
    CHECK_INT(ears.infos + ears.warnings, 0); /* nothing is said of what nobody waits for any more */
    int to = open(path_of("to"), O_WRONLY);
    CHECK_INT(write(to, "hello\n", 6), 6);
    close(to);
    from = open(path_of("from"), O_RDONLY);
    CHECK_INT(read(from, line, sizeof line), 6);
    close(from);
    CHECK_INT(memcmp(line, "hello\n", 6), 0);
    check_end();
}

static void forked_child_has_no_monitoring_and_does_not_keep_it_waiting(void **state)
{
    (void)state;
    ifm_error err;
    char word;
    int ends[2];
    CHECK_INT(mkfifo(path_of("to"), 0600), 0);
    use_script("read line <to; exit 1");
    listen_from_now();
    ifm_logger *logger = open_with_stack();
    int to = open(path_of("to"), O_WRONLY); /* it runs */
    CHECK_INT(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        close(ends[1]);
        bool ok = ifm_logger_monitoring(logger, &err) == IFM_MONITORING_STATE_FAILED &&
                  err.code == IFM_STATE && ifm_logger_monitoring_url(logger) == NULL;
        ifm_logger_close(logger);
        ok = read(ends[0], &word, 1) == 0 && ok; /* until the parent has seen its program end */
        _exit(ok ? 0 : 1);
    }
    close(ends[0]);
    CHECK_INT(write(to, "\n", 1), 1);
    close(to);
    await_log(0, 1);
    CHECK_CONTAINS(ears.warning, "ended without a word");
    close(ends[1]);
    int status = -1;
    waitpid(child, &status, 0);
    CHECK_INT(status, 0);
    ifm_logger_close(logger);
    check_end();
}

static int count_entries(const char *path)
{
    int count = 0;
    DIR *entries = opendir(path);
    for (struct dirent *entry = readdir(entries); entry != NULL; entry = readdir(entries)) {
        count++;
    }
    closedir(entries);
    return count;
}

static volatile sig_atomic_t child_signals;

static void count_signal(int number)
{
    (void)number;
    child_signals = child_signals + 1;
}

static void opening_and_closing_leaves_nothing_behind(void **state)
{
    (void)state;
    use_script("echo 'OK http://a/' >&3");
    listen_from_now();
    ifm_logger_close(open_with_stack()); /* what is made once in a process */
    signal(SIGCHLD, count_signal);
    int descriptors = count_entries("/proc/self/fd"), threads = count_entries("/proc/self/task");
    for (int i = 0; i < CYCLES; i++) {
        int infos = ears.infos; /* no other thread is there yet */
        ifm_logger *logger = open_with_stack();
        if (i % 2 == 0) {
            await_log(infos + 1, 0); /* else it is closed while it starts */
        }
        ifm_logger_close(logger);
    }
    signal(SIGCHLD, SIG_DFL);
    CHECK_INT(count_entries("/proc/self/fd"), descriptors);
    CHECK_INT(count_entries("/proc/self/task"), threads);
    CHECK_INT(waitpid(-1, NULL, WNOHANG | __WALL), -1);
    CHECK_INT(errno, ECHILD);
    CHECK_INT(child_signals, 0);
    check_end();
}

/* Whatever the stack does: 50 ms are promised. The best of some, as the machine may be busy. */
static void opening_is_quick(void **state)
{
    (void)state;
    int64_t best_ns = INT64_MAX;
    use_script("exit 1");
    for (int i = 0; i < 10; i++) {
        int64_t before_ns = ifm_os_monotonic_ns();
        ifm_logger *logger = open_with_stack();
        int64_t took_ns = ifm_os_monotonic_ns() - before_ns;
        best_ns = took_ns < best_ns ? took_ns : best_ns;
        ifm_logger_close(logger);
    }
    CHECK(best_ns < 50000000);
    check_end();
}

static bool open_and_close(void *context, ifm_error *err)
{
    (void)context;
    ifm_registry *own = ifm_registry_new(NULL, err);
    const ifm_logger_options options = {
        .port = IFM_ENDPOINT_PORT_ANY, .registry = own, .monitoring = IFM_MONITORING_STACK};
    ifm_logger *logger = own == NULL ? NULL : ifm_logger_open(&options, err);
    bool ok = logger != NULL;
    ifm_error why;
    if (ok && ifm_logger_monitoring(logger, &why) == IFM_MONITORING_STATE_FAILED) {
        CHECK(why.code == IFM_NOT_FOUND || why.code == IFM_NOMEM);
    }
    ifm_logger_close(logger);
    ifm_registry_free(own);
    return ok;
}

static void logger_opens_without_memory_for_monitoring(void **state)
{
    (void)state;
    setenv("INFEROMETER_BIN", "/no/such/program", 1);
    CHECK(open_and_close(NULL, &(ifm_error){0})); /* what is made once in a process */
    CHECK(torture_allocations(open_and_close, NULL, TORTURE_MAY_SUCCEED) >= 10);
    check_end();
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(monitoring_is_off_by_default),
        TEST(stack_that_runs_has_a_url),
        TEST(stack_is_told_of_a_target_that_is_not_registered),
        TEST(auto_lets_the_program_decide_and_passes_on_why),
        TEST(embedded_starts_the_monitor),
        TEST(what_cannot_be_is_said_at_once),
        TEST(program_says_why_it_failed),
        TEST(program_that_ends_without_a_word_is_told_of),
        TEST(program_runs_without_a_place_for_its_output),
        TEST(output_is_appended_up_to_a_limit),
        TEST(line_of_the_program_is_read_strictly),
        TEST(line_that_is_too_long_is_cut),
        TEST(program_that_is_named_is_the_only_one),
        TEST(program_is_beside_the_library_or_on_the_path),
        TEST(program_outlives_the_logger_which_waits_for_nothing),
        TEST(forked_child_has_no_monitoring_and_does_not_keep_it_waiting),
        TEST(opening_and_closing_leaves_nothing_behind),
        TEST(opening_is_quick),
        TEST(logger_opens_without_memory_for_monitoring),
    };
    if (argc == 2 && strcmp(argv[1], "--find") == 0) {
        return find_as_a_copy();
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
