/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/monitoring.h"

#include "base/base.h"
#include "pipeline/registration.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#define PROGRAM_NAME "inferometer"

enum { PRIVATE_MODE = 0700, LOG_MODE = 0600, PATH_BYTES_MAX = 8192 };

/* What came of waiting for the line. */
typedef enum report_end { REPORT_LINE, REPORT_NOTHING, REPORT_STOPPED } report_end;

/* --- The state ------------------------------------------------------------------------------------ */

void ifm_monitoring_init(ifm_monitoring_run *run)
{
    *run = (ifm_monitoring_run){.pid = getpid(), .wake.fd = -1};
    atomic_init(&run->state, IFM_MONITORING_STATE_OFF);
}

/* Once. `said` NULL: it failed, as `why` says. The log function may look at the state: it is there first. */
static void monitoring_settle(ifm_monitoring_run *run, const ifm_monitoring_said *said, const ifm_error *why)
{
    const char *url = said != NULL ? said->url : NULL;
    if (url != NULL) {
        memcpy(run->url, url, strlen(url) + 1);
    } else {
        run->why = *why;
    }
    atomic_store_explicit(&run->state,
                          url != NULL ? IFM_MONITORING_STATE_RUNNING : IFM_MONITORING_STATE_FAILED,
                          memory_order_release);
    if (url != NULL) {
        ifm_log(IFM_LOG_INFO, "monitoring: %s at %s%s%s",
                run->monitoring == IFM_MONITORING_STACK ? "dashboards" : "it runs", url,
                said->note[0] != '\0' ? "; " : "", said->note);
    } else {
        ifm_log(IFM_LOG_WARNING, "monitoring: %s", why->message);
    }
}

ifm_monitoring_state ifm_monitoring_look(const ifm_monitoring_run *run, ifm_error *err)
{
    ifm_monitoring_state state = atomic_load_explicit(&run->state, memory_order_acquire);
    if (state != IFM_MONITORING_STATE_OFF && run->pid != getpid()) {
        ifm_error_set(err, IFM_STATE, "the monitoring belongs to process %d, which forked this one",
                      (int)run->pid);
        return IFM_MONITORING_STATE_FAILED;
    }
    if (state == IFM_MONITORING_STATE_FAILED) {
        *err = run->why;
    }
    return state;
}

/* --- The program ---------------------------------------------------------------------------------- */

/* Not getenv(): the host program may be changing its environment now. */
static const char *run_environment(const ifm_monitoring_run *run, const char *name)
{
    size_t size = strlen(name);
    for (const char *const *at = run->environment; *at != NULL; at++) {
        if (strncmp(*at, name, size) == 0 && (*at)[size] == '=') {
            return *at + size + 1;
        }
    }
    return NULL;
}

/* In a build tree, an installation, or one of a system that has a folder for each architecture below lib. */
static char *program_beside(const char *folder)
{
    static const char *const places[] = {PROGRAM_NAME, "../bin/" PROGRAM_NAME, "../../bin/" PROGRAM_NAME};
    for (size_t i = 0; folder != NULL && i < IFM_COUNT_OF(places); i++) {
        ifm_error ignored; /* the caller sees that none was found */
        char *path = ifm_os_path_join(folder, places[i], &ignored);
        if (path != NULL && ifm_os_program_is(path)) {
            return path;
        }
        ifm_free(path);
    }
    return NULL;
}

static char *program_find(const ifm_monitoring_run *run, ifm_error *err)
{
    const char *given = run_environment(run, "INFEROMETER_BIN");
    if (given != NULL && given[0] != '\0') {
        char *copy = ifm_os_program_is(given) ? ifm_copy_text(given) : NULL;
        if (copy == NULL) {
            ifm_error_set(err, IFM_NOT_FOUND, "INFEROMETER_BIN=\"%.100s\" is no program that can be executed",
                          given);
        }
        return copy;
    }
    char *folder = ifm_os_library_folder();
    char *path = program_beside(folder);
    if (path == NULL) {
        path = ifm_os_program_find_on(run_environment(run, "PATH"), PROGRAM_NAME);
    }
    if (path == NULL) {
        ifm_error_set(err, IFM_NOT_FOUND,
                      "the program \"" PROGRAM_NAME "\" was not found: INFEROMETER_BIN is not set, and it is "
                      "neither near \"%.60s\" nor on PATH; hint: install it, or set INFEROMETER_BIN",
                      folder == NULL ? "?" : folder);
    }
    ifm_free(folder);
    return path;
}

/* --- Where its output goes ------------------------------------------------------------------------ */

static int log_open_file(const char *path)
{
    struct stat status;
    int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, LOG_MODE);
    if (fd >= 0 && fstat(fd, &status) == 0 && S_ISREG(status.st_mode) &&
        status.st_size > IFM_MONITORING_LOG_BYTES_MAX && ftruncate(fd, 0) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

/* The descriptor, -1 when there is not even a /dev/null; *path stays NULL when its output is lost. */
static int log_open(const ifm_monitoring_run *run, char **path)
{
    ifm_error ignored; /* a folder that cannot be written keeps nothing from starting */
    int fd = -1;
    if (run->folder != NULL && ifm_os_make_folders(run->folder, PRIVATE_MODE, &ignored)) {
        *path = ifm_os_path_join(run->folder, "up.log", &ignored);
        fd = *path == NULL ? -1 : log_open_file(*path);
    }
    if (fd < 0) {
        ifm_free(*path);
        *path = NULL;
        fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
    }
    return fd;
}

/* --- The report ----------------------------------------------------------------------------------- */

/* Waits for a whole line; the part of it that has room is left in `line`. */
static report_end report_wait(const ifm_monitoring_run *run, int fd, char line[IFM_MONITORING_LINE_SIZE])
{
    struct pollfd waits[] = {{.fd = run->wake.fd, .events = POLLIN}, {.fd = fd, .events = POLLIN}};
    size_t size = 0;
    for (;;) {
        if (poll(waits, IFM_COUNT_OF(waits), -1) < 0) {
            continue; /* EINTR */
        }
        if (waits[0].revents != 0) {
            return REPORT_STOPPED;
        }
        ssize_t count = read(fd, line + size, IFM_MONITORING_LINE_SIZE - 1 - size);
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count <= 0) {
            return REPORT_NOTHING;
        }
        line[size + (size_t)count] = '\0';
        size_t end = size + strcspn(line + size, "\n");
        size += (size_t)count;
        if (end < size || size == IFM_MONITORING_LINE_SIZE - 1) {
            line[end] = '\0';
            return REPORT_LINE;
        }
    }
}

static bool code_of_name(const char *name, size_t size, ifm_code *out)
{
    static const ifm_code codes[] = {
#define MONITORING_CODE(code, status, type) IFM_##code,
        IFM_CODE_MAP(MONITORING_CODE)
#undef MONITORING_CODE
    };
    for (size_t i = 0; i < IFM_COUNT_OF(codes); i++) {
        const char *known = ifm_code_name(codes[i]);
        if (strlen(known) == size && memcmp(known, name, size) == 0) {
            *out = codes[i];
            return true;
        }
    }
    return false;
}

/* The size of the URL that `text` begins with, 0 when it does not. */
static size_t url_size(const char *text)
{
    size_t size = 0;
    while (text[size] > ' ' && text[size] < 0x7f) {
        size++;
    }
    return (text[size] == '\0' || text[size] == ' ') && size < IFM_MONITORING_URL_SIZE ? size : 0;
}

/* What others say, for a log: of valid UTF-8, without control characters. */
static void copy_plain(char *out, size_t out_size, const char *said)
{
    bool valid = ifm_utf8_valid(said, strlen(said));
    size_t size = 0;
    for (; said[size] != '\0' && size < out_size - 1; size++) {
        unsigned char c = (unsigned char)said[size];
        out[size] = c < ' ' || c == 0x7f || (c > 0x7f && !valid) ? '?' : said[size];
    }
    out[size] = '\0';
}

bool ifm_monitoring_read_line(const char *line, ifm_monitoring_said *out, ifm_error *err)
{
    ifm_code code;
    size_t name_size = strcspn(line, " ");
    const char *rest = line[name_size] == ' ' ? line + name_size + 1 : "";
    bool known = code_of_name(line, name_size, &code);
    size_t size = known && code == IFM_OK ? url_size(rest) : 0;
    if (size > 0) {
        memcpy(out->url, rest, size);
        out->url[size] = '\0';
        copy_plain(out->note, sizeof out->note, rest[size] == ' ' ? rest + size + 1 : "");
        return true;
    }
    bool is_sentence = known && code != IFM_OK && rest[0] != '\0';
    char text[IFM_MONITORING_LINE_SIZE];
    copy_plain(text, sizeof text, is_sentence ? rest : line);
    if (is_sentence) {
        return ifm_error_set(err, code, "%s", text);
    }
    return ifm_error_set(err, IFM_IO,
                         "the program that starts monitoring reported \"%.80s\", which cannot be "
                         "understood; hint: is INFEROMETER_BIN of this version?",
                         text);
}

/* What a person would type instead. */
static const char *words_of(ifm_monitoring monitoring)
{
    return monitoring == IFM_MONITORING_EMBEDDED ? "monitor" : "stack up";
}

static bool report_silence(const ifm_monitoring_run *run, const char *log_path, ifm_error *err)
{
    static const char said[] = "the program that starts monitoring ended without a word";
    if (log_path == NULL) {
        return ifm_error_set(err, IFM_IO, "%s; hint: run " PROGRAM_NAME " %s", said,
                             words_of(run->monitoring));
    }
    return ifm_error_set(err, IFM_IO, "%s; hint: see %s", said, log_path);
}

/* --- The thread ----------------------------------------------------------------------------------- */

/* A pipe of which no child of fork() keeps the writing end: there would be no end of the report. */
static bool report_open(ifm_os_fork_fd *reader, ifm_os_fork_fd *writer, ifm_error *err)
{
    int ends[2] = {-1, -1};
    ifm_os_fork_lock();
    int number = pipe2(ends, O_CLOEXEC) == 0 ? 0 : errno;
    ifm_os_fork_add(reader, ends[0]);
    ifm_os_fork_add(writer, ends[1]);
    ifm_os_fork_unlock();
    return number == 0 || ifm_error_errno(err, IFM_IO, number, "could not start monitoring");
}

static bool program_start(const ifm_monitoring_run *run, int output_fd, int report_fd, ifm_error *err)
{
    char *path = program_find(run, err);
    if (path == NULL) {
        return false;
    }
    bool embedded = run->monitoring == IFM_MONITORING_EMBEDDED;
    const char *arguments[7] = {path, embedded ? "monitor" : "stack"};
    size_t count = 2;
    if (!embedded) {
        arguments[count++] = "up";
    }
    if (run->monitoring == IFM_MONITORING_AUTO) {
        arguments[count++] = "--or-monitor";
    }
    arguments[count++] = "--report-fd=3";
    arguments[count++] = run->target;
    const ifm_os_detached detached = {
        .arguments = arguments,
        .environment = run->environment,
        .output_fd = output_fd,
        .report_fd = report_fd,
    };
    bool ok = ifm_os_detached_start(&detached, err);
    ifm_free(path);
    return ok;
}

static bool is_stopped(const ifm_monitoring_run *run)
{
    struct pollfd wait = {.fd = run->wake.fd, .events = POLLIN};
    return poll(&wait, 1, 0) > 0;
}

/* True when there is a result: a URL, or the reason in `err`. False: it is not waited for any more. */
static bool monitoring_run(const ifm_monitoring_run *run, ifm_monitoring_said *said, ifm_error *err)
{
    ifm_os_fork_fd reader = {.fd = -1}, writer = {.fd = -1};
    char line[IFM_MONITORING_LINE_SIZE], *log_path = NULL;
    if (is_stopped(run)) {
        return false;
    }
    int log_fd = log_open(run, &log_path);
    bool started = log_fd >= 0 || ifm_error_errno(err, IFM_IO, errno, "could not open \"/dev/null\"");
    started = started && report_open(&reader, &writer, err) && program_start(run, log_fd, writer.fd, err);
    ifm_os_fork_close(&writer); /* the program alone has it now */
    if (log_fd >= 0) {
        close(log_fd);
    }
    report_end end = started ? report_wait(run, reader.fd, line) : REPORT_NOTHING;
    if (end == REPORT_LINE) {
        ifm_monitoring_read_line(line, said, err);
    } else if (started) {
        report_silence(run, log_path, err);
    }
    ifm_os_fork_close(&reader);
    ifm_free(log_path);
    return end != REPORT_STOPPED;
}

static void *monitoring_thread(void *argument)
{
    ifm_monitoring_run *run = argument;
    ifm_monitoring_said said = {.url = ""};
    ifm_error err;
    if (monitoring_run(run, &said, &err)) {
        monitoring_settle(run, said.url[0] == '\0' ? NULL : &said, &err);
    }
    return NULL;
}

/* --- Start and stop ------------------------------------------------------------------------------- */

/* Everything that is asked for in the environment is asked for now, on the thread of the caller. */
static bool run_prepare(ifm_monitoring_run *run, const ifm_monitoring_options *options, ifm_error *err)
{
    ifm_error ignored; /* without a folder, the output is lost: that keeps nothing from starting */
    if (!options->is_registered) {
        ifm_registration_target target;
        ifm_buf text;
        size_t size;
        ifm_registration_target_of(options->url, &target);
        ifm_buf_init(&text, PATH_BYTES_MAX);
        ifm_buf_printf(&text, "--target=%s%s", target.tls ? "https://" : "", target.address);
        run->target = ifm_buf_take(&text, &size, err);
        ifm_buf_deinit(&text);
        if (run->target == NULL) {
            return false;
        }
    }
    run->folder =
        ifm_os_state_path(options->monitoring == IFM_MONITORING_EMBEDDED ? "monitor" : "stack", &ignored);
    run->environment = ifm_os_environment_copy(err);
    return run->environment != NULL;
}

static bool thread_start(ifm_monitoring_run *run, ifm_error *err)
{
    ifm_os_fork_lock();
    int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    int number = errno;
    ifm_os_fork_add(&run->wake, fd);
    ifm_os_fork_unlock();
    if (fd < 0) {
        return ifm_error_errno(err, IFM_IO, number, "could not start monitoring");
    }
    run->started = ifm_os_thread_start("ifm-monitoring", monitoring_thread, run, &run->thread, err);
    return run->started;
}

static bool options_check(const ifm_monitoring_options *options, ifm_error *err)
{
    if (options->url == NULL) {
        return ifm_error_set(err, IFM_INVALID,
                             "there is nothing to scrape: the logger has no endpoint; hint: give it a port");
    }
    if (ifm_os_is_privileged()) {
        return ifm_error_set(err, IFM_UNSUPPORTED,
                             "a program with raised privileges starts no others; hint: run " PROGRAM_NAME
                             " %s",
                             words_of(options->monitoring));
    }
    return true;
}

void ifm_monitoring_start(ifm_monitoring_run *run, const ifm_monitoring_options *options)
{
    ifm_error err;
    if (options->monitoring == IFM_MONITORING_NONE) {
        return;
    }
    atomic_store_explicit(&run->state, IFM_MONITORING_STATE_STARTING,
                          memory_order_relaxed); /* no thread yet */
    run->monitoring = options->monitoring;
    if (!options_check(options, &err) || !run_prepare(run, options, &err) || !thread_start(run, &err)) {
        monitoring_settle(run, NULL, &err);
    }
}

void ifm_monitoring_stop(ifm_monitoring_run *run)
{
    if (run->started && run->pid == getpid()) {
        eventfd_write(run->wake.fd, 1);
        pthread_join(run->thread, NULL);
    }
    if (run->wake.fd >= 0) {
        ifm_os_fork_close(&run->wake);
    }
    void *environment;
    memcpy(&environment, &run->environment, sizeof environment); /* one block, which the array begins */
    ifm_free(environment);
    ifm_free(run->folder);
    ifm_free(run->target);
}
