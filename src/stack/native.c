/* SPDX-License-Identifier: Apache-2.0 */
#include "stack/native.h"

#include "stack/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NAME_BYTES = 128, PID_TRIES = 50, PID_WAIT_MS = 20, STOP_LOOK_MS = 50, LOG_READ_BYTES = 1 << 20 };

static char *service_path(const stack_native *native, const char *format, ifm_error *err)
{
    char name[NAME_BYTES];
    snprintf(name, sizeof name, format, native->service);
    return ifm_os_path_join(native->folder->path, name, err);
}

/* --- Whether it runs ------------------------------------------------------------------------------ */

static pid_t pid_read(int fd)
{
    char text[32];
    int pid = 0;
    ssize_t size = pread(fd, text, sizeof text - 1, 0);
    text[size > 0 ? size : 0] = '\0';
    return sscanf(text, "%d\n", &pid) == 1 && pid > 1 ? pid : 0;
}

static void wait_a_moment(void)
{
    const struct timespec moment = {.tv_nsec = PID_WAIT_MS * 1000000};
    nanosleep(&moment, NULL);
}

/* Between taking the lock and writing its number a service needs a moment. */
static bool pid_wait(int fd, pid_t *out, ifm_error *err)
{
    for (int i = 0; i < PID_TRIES; i++) {
        if (flock(fd, LOCK_SH | LOCK_NB) == 0) { /* N1: it is gone, whatever the file says */
            *out = 0;
            return true;
        }
        *out = pid_read(fd);
        if (*out != 0) {
            return true;
        }
        wait_a_moment();
    }
    return ifm_error_set(err, IFM_IO, "a process that holds its lock does not say its number");
}

bool stack_native_pid(const stack_native *native, pid_t *out, ifm_error *err)
{
    *out = 0;
    char *path = service_path(native, "native/%s.pid", err);
    if (path == NULL) {
        return false;
    }
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool ok =
        fd >= 0 || errno == ENOENT || ifm_error_errno(err, IFM_IO, errno, "could not open \"%.150s\"", path);
    if (ok && fd >= 0) {
        ok = pid_wait(fd, out, err) || ifm_error_wrap(err, "could not look at \"%.100s\"", path);
    }
    if (fd >= 0) {
        close(fd);
    }
    ifm_free(path);
    return ok;
}

/* --- Starting ------------------------------------------------------------------------------------- */

/* What the new process works with, all made before fork(). */
typedef struct native_launch {
    char *pid_path;
    char *log_path;
    const char *const *arguments;
    const char *const *environment;
    int report_fd; /* the errno of what failed goes there; it closes when the program runs */
} native_launch;

/* The descriptors that the new process has, all others being closed: these two and the standard ones. */
enum { LOCK_FD = 3, REPORT_FD = 4 };

/* N1. Returns the descriptor, or -1. */
static int take_pid_lock(const native_launch *launch)
{
    int fd = open(launch->pid_path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    bool locked = false;
    for (int i = 0; fd >= 0 && !locked && i < PID_TRIES;
         i++) { /* who looks whether it runs holds it for a moment */
        locked = flock(fd, LOCK_EX | LOCK_NB) == 0;
        if (!locked) {
            wait_a_moment();
        }
    }
    char text[32];
    int size = snprintf(text, sizeof text, "%d\n", (int)getpid());
    return locked && ftruncate(fd, 0) == 0 && pwrite(fd, text, (size_t)size, 0) == size ? fd : -1;
}

/* A copy out of the way of the numbers that the new process has. */
static int copy_above(int fd)
{
    return fcntl(fd, F_DUPFD_CLOEXEC, REPORT_FD + 1);
}

/* On failure launch->report_fd is still there. */
static bool take_descriptors(const native_launch *launch, int lock)
{
    int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
    int log = nothing < 0
                  ? -1
                  : open(launch->log_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (log < 0) {
        return false;
    }
    nothing = copy_above(nothing);
    log = copy_above(log);
    lock = copy_above(lock);
    int report = copy_above(launch->report_fd);
    if (nothing < 0 || log < 0 || lock < 0 || report < 0) {
        return false;
    }
    bool ok = dup2(nothing, 0) == 0 && dup2(log, 1) == 1 && dup2(log, 2) == 2 &&
              dup2(lock, LOCK_FD) == LOCK_FD && dup3(report, REPORT_FD, O_CLOEXEC) == REPORT_FD;
    closefrom(REPORT_FD + 1);
    return ok;
}

static void set_variables(const native_launch *launch)
{
    for (const char *const *at = launch->environment; *at != NULL; at++) {
        char *variable;
        memcpy(&variable, at, sizeof variable); /* putenv() wants it without const, and keeps it */
        putenv(variable);
    }
}

_Noreturn static void launch_fail(int report, int number)
{
    ssize_t ignored = write(report, &number, sizeof number);
    (void)ignored;
    _exit(127);
}

/* In the new process. */
_Noreturn static void launch_run(const native_launch *launch)
{
    sigset_t none;
    sigemptyset(&none);
    setsid();
    int report = launch->report_fd;
    int lock = take_pid_lock(launch);
    if (lock >= 0 && take_descriptors(launch, lock)) {
        report = REPORT_FD;
        set_variables(launch);
        signal(SIGPIPE, SIG_DFL);
        sigprocmask(SIG_SETMASK, &none, NULL);
        char **arguments;
        memcpy(&arguments, &launch->arguments, sizeof arguments);
        execv(arguments[0], arguments);
        int number = errno;
        close(LOCK_FD); /* before anybody is told: it does not run */
        errno = number;
    }
    launch_fail(report, errno);
}

/* A log that was never looked at must not fill the disk. */
static void log_trim(const char *path)
{
    struct stat status;
    if (stat(path, &status) == 0 && status.st_size > STACK_LOG_BYTES_MAX) {
        unlink(path);
    }
}

/* The errno that was reported; 0 when the program runs. */
static int report_read(int fd)
{
    int number = 0;
    ssize_t size;
    do {
        size = read(fd, &number, sizeof number);
    } while (size < 0 && errno == EINTR);
    return size == (ssize_t)sizeof number ? number : 0;
}

/* What is written to must be a file of ours, not a link to a file of somebody's. */
static bool check_no_link(const char *path, ifm_error *err)
{
    struct stat status;
    return lstat(path, &status) != 0 || !S_ISLNK(status.st_mode) ||
           ifm_error_set(err, IFM_IO, "\"%.90s\" is a symbolic link where a file belongs; hint: rm '%.90s'",
                         path, path);
}

/* Forks twice, so that the service is nobody's child that we would have to wait for. */
static bool launch_fork(native_launch *launch, ifm_error *err)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) {
        return ifm_error_errno(err, IFM_IO, errno, "could not open a pipe");
    }
    launch->report_fd = ends[1];
    fflush(NULL);
    pid_t first = fork();
    if (first == 0) {
        pid_t second = fork();
        if (second == 0) {
            launch_run(launch);
        }
        if (second < 0) {
            launch_fail(launch->report_fd, errno);
        }
        _exit(0);
    }
    int number = first < 0 ? errno : 0;
    close(ends[1]);
    if (first > 0) {
        while (waitpid(first, NULL, 0) < 0 && errno == EINTR) {
        }
        number = report_read(ends[0]);
    }
    close(ends[0]);
    if (number == EWOULDBLOCK) {
        return ifm_error_set(err, IFM_BUSY, "\"%s\" is running already", launch->arguments[0]);
    }
    return number == 0 ||
           ifm_error_errno(err, IFM_IO, number, "could not start \"%s\"", launch->arguments[0]);
}

bool stack_native_start(const stack_native *native, const char *const *arguments,
                        const char *const *environment, ifm_error *err)
{
    native_launch launch = {.arguments = arguments, .environment = environment};
    launch.pid_path = service_path(native, "native/%s.pid", err);
    launch.log_path = launch.pid_path != NULL ? service_path(native, "native/logs/%s.log", err) : NULL;
    bool ok = launch.log_path != NULL;
    if (ok) {
        log_trim(launch.log_path);
        ok = check_no_link(launch.pid_path, err) && check_no_link(launch.log_path, err) &&
             launch_fork(&launch, err);
    }
    ifm_free(launch.pid_path);
    ifm_free(launch.log_path);
    return ok;
}

/* --- Stopping ------------------------------------------------------------------------------------- */

bool stack_native_stop(const stack_native *native, const stack_session *session, ifm_error *err)
{
    pid_t pid;
    int64_t began = ifm_os_monotonic_ns();
    bool killed = false;
    if (!stack_native_pid(native, &pid, err) || pid == 0) {
        return pid == 0;
    }
    if (kill(-pid, SIGTERM) != 0 && errno != ESRCH) { /* N2 */
        return ifm_error_errno(err, IFM_IO, errno, "could not stop %s (process %d)", native->service,
                               (int)pid);
    }
    while (pid != 0) {
        if (!stack_wait(session, STOP_LOOK_MS, err) || !stack_native_pid(native, &pid, err)) {
            return false;
        }
        int64_t seconds = (ifm_os_monotonic_ns() - began) / 1000000000;
        if (pid != 0 && seconds >= STACK_STOP_S && !killed) {
            killed = true;
            stack_tell(session, STACK_WARN, "%s (process %d) did not end within %d s: it is killed",
                       native->service, (int)pid, STACK_STOP_S);
            kill(-pid, SIGKILL);
        } else if (pid != 0 && seconds >= STACK_STOP_S + STACK_KILL_S) {
            return ifm_error_set(err, IFM_TIMEOUT, "%s (process %d) does not end, although it was killed",
                                 native->service, (int)pid);
        }
    }
    return true;
}

/* --- Its log -------------------------------------------------------------------------------------- */

/* Where the last `lines` lines of text[0..size) begin. */
static const char *last_lines(const char *text, size_t size, int lines)
{
    const char *at = text + size;
    if (size > 0 && at[-1] == '\n') {
        at--;
    }
    while (at > text) {
        if (at[-1] == '\n' && --lines <= 0) {
            break;
        }
        at--;
    }
    return at;
}

char *stack_native_log(const stack_native *native, int lines, ifm_error *err)
{
    char *path = service_path(native, "native/logs/%s.log", err);
    int fd = path != NULL ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    ifm_free(path);
    if (path == NULL || fd < 0) {
        return path == NULL ? NULL : ifm_copy_text("");
    }
    off_t end = lseek(fd, 0, SEEK_END);
    off_t begin = end > LOG_READ_BYTES ? end - LOG_READ_BYTES : 0;
    char *text = ifm_alloc((size_t)(end - begin) + 1);
    char *result = NULL;
    if (text != NULL) {
        ssize_t size = pread(fd, text, (size_t)(end - begin), begin);
        size = size < 0 ? 0 : size;
        const char *from = last_lines(text, (size_t)size, lines);
        result = ifm_copy_bytes(from, (size_t)(text + size - from));
        ifm_free(text);
    }
    if (result == NULL) {
        ifm_error_nomem(err);
    }
    close(fd);
    return result;
}
