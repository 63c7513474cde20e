/* SPDX-License-Identifier: Apache-2.0 */
#include "os/command.h"

#include "os/os.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define NS_PER_MS INT64_C(1000000)

enum {
    KILL_AFTER_MS = 5000, /* a compose tool wants a moment to take back what it began */
    LOOK_EVERY_MS = 50,   /* where the kernel has no pidfd (before Linux 5.3) */
    LINE_BYTES_MAX = 4096,
    READ_BYTES = 16384,
    ENVIRONMENT_MAX = 65536 /* variables; the kernel's limit on their bytes is lower */
};

extern char **environ;

/* One stream of the program: our end of its pipe, and what came so far. */
typedef struct command_stream {
    int fd; /* -1 once it ended */
    ifm_buf text;
    char line[LINE_BYTES_MAX];
    size_t line_size;
} command_stream;

/* A running program. */
typedef struct command_run {
    const ifm_os_command *command;
    pid_t pid;
    int pid_fd; /* -1: the kernel has none */
    int input_fd;
    const char *input;
    command_stream streams[2];
    bool ended;
    int status;
    int64_t deadline_ns; /* 0: none */
    bool asked_to_end;
    ifm_code why; /* it was asked to end */
} command_run;

/* --- Starting ------------------------------------------------------------------------------------- */

static size_t name_size(const char *variable)
{
    return strcspn(variable, "=");
}

static bool is_overridden(const char *variable, const char *const *others)
{
    size_t size = name_size(variable);
    for (; *others != NULL; others++) {
        if (name_size(*others) == size && strncmp(*others, variable, size) == 0) {
            return true;
        }
    }
    return false;
}

/* Our environment with the command's variables. The array alone is new. */
static char **environment_new(const char *const *others)
{
    static const char *const none[] = {NULL};
    others = others == NULL ? none : others;
    size_t count = 1;
    for (char **at = environ; at != NULL && *at != NULL && count < ENVIRONMENT_MAX; at++) {
        count++;
    }
    size_t ours = count - 1;
    for (const char *const *at = others; *at != NULL; at++) {
        count++;
    }
    char **out = ifm_alloc_zero(count, sizeof *out);
    if (out == NULL) {
        return NULL;
    }
    size_t filled = 0;
    for (size_t i = 0; i < ours; i++) {
        if (!is_overridden(environ[i], others)) {
            out[filled++] = environ[i];
        }
    }
    for (; *others != NULL; others++) {
        memcpy(&out[filled++], others, sizeof *others); /* posix_spawn() wants them without const */
    }
    return out;
}

/* Where our standard descriptors are closed, the ends of the pipes may have their numbers. None is
 * overwritten before it is duplicated: the ends are opened in the order of the loop, the writing end of a
 * pipe is never 0, and that of the second is beyond 2. */
static int actions_init(posix_spawn_file_actions_t *actions, const char *directory, const int ends[3])
{
    int number = posix_spawn_file_actions_init(actions);
    if (number == 0 && directory != NULL) {
        number = posix_spawn_file_actions_addchdir_np(actions, directory);
    }
    for (int fd = 0; number == 0 && fd < 3; fd++) {
        if (ends[fd] >= 0) {
            number = posix_spawn_file_actions_adddup2(actions, ends[fd], fd);
        } else if (fd == 0) {
            number = posix_spawn_file_actions_addopen(actions, 0, "/dev/null", O_RDONLY, 0);
        }
    }
    return number == 0 ? posix_spawn_file_actions_addclosefrom_np(actions, 3) : number;
}

static int attributes_init(posix_spawnattr_t *attributes)
{
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    int number = posix_spawnattr_init(attributes);
    if (number == 0) {
        posix_spawnattr_setsigmask(attributes, &none);
        posix_spawnattr_setsigdefault(attributes, &all);
        posix_spawnattr_setpgroup(attributes, 0);
        number = posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                                                          POSIX_SPAWN_SETPGROUP);
    }
    return number;
}

/* Returns an errno. `ends` are the program's ends of its pipes, -1 for none. */
static int spawn(command_run *run, const int ends[3])
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    char **environment = environment_new(run->command->environment);
    if (environment == NULL) {
        return ENOMEM;
    }
    int number = actions_init(&actions, run->command->directory, ends);
    if (number == 0) {
        number = attributes_init(&attributes);
        if (number == 0) {
            char **arguments;
            memcpy(&arguments, &run->command->arguments, sizeof arguments); /* without const, as above */
            number = posix_spawnp(&run->pid, arguments[0], &actions, &attributes, arguments, environment);
            posix_spawnattr_destroy(&attributes);
        }
        posix_spawn_file_actions_destroy(&actions);
    }
    ifm_free(environment);
    return number;
}

static void close_end(int *fd)
{
    if (*fd >= 0) {
        close(*fd);
        *fd = -1;
    }
}

/* A pipe whose `ours` end does not block. */
static bool pipe_open(int *ours, int *theirs, bool we_read)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) {
        return false;
    }
    *ours = ends[we_read ? 0 : 1];
    *theirs = ends[we_read ? 1 : 0];
    fcntl(*ours, F_SETFL, O_NONBLOCK);
    return true;
}

static bool run_start(command_run *run, ifm_error *err)
{
    const ifm_os_command *command = run->command;
    int ends[3] = {-1, -1, -1};
    bool ok = command->input == NULL || pipe_open(&run->input_fd, &ends[0], false);
    for (int i = 0; ok && !command->inherit && i < 2; i++) {
        ok = pipe_open(&run->streams[i].fd, &ends[i + 1], true);
    }
    int number = ok ? spawn(run, ends) : errno;
    for (int i = 0; i < 3; i++) {
        close_end(&ends[i]);
    }
    if (number == 0) {
        run->pid_fd = (int)syscall(SYS_pidfd_open, run->pid, 0);
        return true;
    }
    const char *directory = command->directory;
    if (directory != NULL && access(directory, X_OK) != 0) { /* the same number may mean either */
        return ifm_error_errno(err, IFM_IO, errno, "could not start \"%s\" in the folder \"%s\"",
                               command->arguments[0], directory);
    }
    if (number == ENOENT || number == ENOTDIR) {
        return ifm_error_set(err, IFM_NOT_FOUND, "the program \"%s\" is not installed",
                             command->arguments[0]);
    }
    return ifm_error_errno(err, number == ENOMEM ? IFM_NOMEM : IFM_IO, number, "could not start \"%s\"",
                           command->arguments[0]);
}

/* --- While it runs -------------------------------------------------------------------------------- */

static void stream_line(command_stream *stream, const ifm_os_command *command)
{
    stream->line[stream->line_size] = '\0';
    if (stream->line_size > 0) {
        command->progress(command->context, stream->line);
    }
    stream->line_size = 0;
}

/* A carriage return ends a line too: that is how progress is drawn over. */
static void stream_lines(command_stream *stream, const ifm_os_command *command, const char *bytes,
                         size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (bytes[i] == '\n' || bytes[i] == '\r') {
            stream_line(stream, command);
        } else if (stream->line_size < sizeof stream->line - 1) {
            stream->line[stream->line_size++] = bytes[i];
        }
    }
}

/* Reads what is there. */
static void stream_read(command_stream *stream, const ifm_os_command *command)
{
    char bytes[READ_BYTES];
    while (stream->fd >= 0) {
        ssize_t count = read(stream->fd, bytes, sizeof bytes);
        if (count > 0) {
            ifm_buf_append(&stream->text, bytes, (size_t)count);
            if (command->progress != NULL) {
                stream_lines(stream, command, bytes, (size_t)count);
            }
        } else if (count == 0 || (errno != EAGAIN && errno != EINTR)) {
            close_end(&stream->fd);
            if (command->progress != NULL) {
                stream_line(stream, command);
            }
        } else if (errno == EAGAIN) {
            return;
        }
    }
}

/* SIGPIPE for this thread alone is held back: what does not read its input is no reason to end us. */
static void input_write(command_run *run)
{
    sigset_t pipe_signal, before, pending;
    sigemptyset(&pipe_signal);
    sigaddset(&pipe_signal, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe_signal, &before);
    sigpending(&pending);
    ssize_t count = write(run->input_fd, run->input, strlen(run->input));
    if (count < 0 && errno == EPIPE && !sigismember(&pending, SIGPIPE)) {
        const struct timespec now = {0};
        sigtimedwait(&pipe_signal, NULL, &now);
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (count > 0) {
        run->input += count;
    }
    if (*run->input == '\0' || (count < 0 && errno != EAGAIN && errno != EINTR)) {
        close_end(&run->input_fd);
    }
}

static void run_reap(command_run *run)
{
    int status = 0;
    pid_t pid;
    do {
        pid = waitpid(run->pid, &status, WNOHANG);
    } while (pid < 0 && errno == EINTR);
    if (pid != 0) {
        run->ended = true;
        run->status = WIFSIGNALED(status) ? IFM_OS_COMMAND_SIGNALLED + WTERMSIG(status) : WEXITSTATUS(status);
    }
}

static void run_ask_to_end(command_run *run, ifm_code why)
{
    bool again = run->asked_to_end;
    if (!again) {
        run->why = why;
    }
    run->asked_to_end = true;
    kill(-run->pid, again ? SIGKILL : SIGTERM);
    run->deadline_ns = ifm_os_monotonic_ns() + KILL_AFTER_MS * NS_PER_MS;
}

static int run_wait_ms(const command_run *run)
{
    int64_t left = INT32_MAX;
    if (run->deadline_ns != 0) {
        left = (run->deadline_ns - ifm_os_monotonic_ns()) / NS_PER_MS + 1;
        left = left < 0 ? 0 : left;
    }
    if (run->pid_fd < 0 && left > LOOK_EVERY_MS) {
        return LOOK_EVERY_MS;
    }
    return left >= INT32_MAX ? -1 : (int)left;
}

/* One turn: sleeps until something happens, and takes it. */
static void run_turn(command_run *run)
{
    int cancel_fd = run->asked_to_end ? -1 : run->command->cancel_fd;
    struct pollfd fds[5] = {
        {.fd = run->streams[0].fd, .events = POLLIN}, {.fd = run->streams[1].fd, .events = POLLIN},
        {.fd = run->pid_fd, .events = POLLIN},        {.fd = cancel_fd, .events = POLLIN},
        {.fd = run->input_fd, .events = POLLOUT},
    };
    poll(fds, IFM_COUNT_OF(fds), run_wait_ms(run)); /* EINTR: nothing is ready, the next turn looks again */
    run_reap(run);                                  /* before reading: what it wrote is then all there */
    if (fds[4].revents != 0) {
        input_write(run);
    }
    stream_read(&run->streams[0], run->command);
    stream_read(&run->streams[1], run->command);
    if (run->ended) {
        return;
    }
    if (fds[3].revents != 0) {
        run_ask_to_end(run, IFM_CANCELED);
    } else if (run->deadline_ns != 0 && ifm_os_monotonic_ns() >= run->deadline_ns) {
        run_ask_to_end(run, IFM_TIMEOUT);
    }
}

/* --- All of it ------------------------------------------------------------------------------------ */

/* Cut text is better than none: only a buffer that could not grow at all is an error. */
static char *stream_take(command_stream *stream)
{
    if (stream->text.failed != IFM_LIMIT) {
        ifm_buf_append_char(&stream->text, '\0');
    } else {
        stream->text.data[stream->text.size - 1] = '\0';
    }
    bool ok = stream->text.failed != IFM_NOMEM;
    char *text = ok ? stream->text.data : NULL;
    if (ok) {
        ifm_buf_init(&stream->text, 0);
    }
    return text;
}

static bool run_result(command_run *run, ifm_os_command_result *result, ifm_error *err)
{
    const char *name = run->command->arguments[0];
    if (run->why == IFM_CANCELED) {
        return ifm_error_set(err, IFM_CANCELED, "\"%s\" was interrupted", name);
    }
    if (run->why == IFM_TIMEOUT) {
        return ifm_error_set(err, IFM_TIMEOUT, "\"%s\" did not end within %lld s", name,
                             (long long)(run->command->timeout_ns / NS_PER_MS / 1000));
    }
    *result = (ifm_os_command_result){
        .status = run->status, .out = stream_take(&run->streams[0]), .err = stream_take(&run->streams[1])};
    if (result->out == NULL || result->err == NULL) {
        ifm_os_command_result_deinit(result);
        return ifm_error_nomem(err);
    }
    return true;
}

bool ifm_os_command_run(const ifm_os_command *command, ifm_os_command_result *result, ifm_error *err)
{
    *result = (ifm_os_command_result){0};
    command_run *run = ifm_alloc_zero(1, sizeof *run);
    if (run == NULL) {
        return ifm_error_nomem(err);
    }
    run->command = command;
    run->pid_fd = run->input_fd = -1;
    run->input = command->input;
    run->deadline_ns = command->timeout_ns > 0 ? ifm_os_monotonic_ns() + command->timeout_ns : 0;
    for (int i = 0; i < 2; i++) {
        run->streams[i].fd = -1;
        ifm_buf_init(&run->streams[i].text, IFM_OS_COMMAND_OUTPUT_MAX);
    }
    bool ok = run_start(run, err);
    while (ok && !run->ended) {
        run_turn(run);
    }
    ok = ok && run_result(run, result, err);
    close_end(&run->pid_fd);
    close_end(&run->input_fd);
    for (int i = 0; i < 2; i++) {
        close_end(&run->streams[i].fd);
        ifm_buf_deinit(&run->streams[i].text);
    }
    ifm_free(run);
    return ok;
}

void ifm_os_command_result_deinit(ifm_os_command_result *result)
{
    ifm_free(result->out);
    ifm_free(result->err);
    *result = (ifm_os_command_result){0};
}

bool ifm_os_program_is(const char *path)
{
    struct stat status; /* a folder may be executed too, in its way */
    return stat(path, &status) == 0 && S_ISREG(status.st_mode) && access(path, X_OK) == 0;
}

static char *program_in(const char *folder, size_t size, const char *name)
{
    ifm_buf path;
    ifm_buf_init(&path, 8192);
    ifm_buf_printf(&path, "%.*s/%s", size == 0 ? 1 : (int)size, size == 0 ? "." : folder, name);
    size_t path_size;
    ifm_error ignored; /* the caller sees NULL */
    char *text = ifm_buf_take(&path, &path_size, &ignored);
    ifm_buf_deinit(&path);
    if (text != NULL && !ifm_os_program_is(text)) {
        ifm_free(text);
        text = NULL;
    }
    return text;
}

char *ifm_os_program_find_on(const char *folders, const char *name)
{
    if (strchr(name, '/') != NULL) {
        return ifm_os_program_is(name) ? ifm_copy_text(name) : NULL;
    }
    const char *at = folders == NULL ? "/usr/local/bin:/usr/bin:/bin" : folders;
    for (;;) {
        size_t size = strcspn(at, ":");
        char *found = program_in(at, size, name);
        if (found != NULL || at[size] == '\0') {
            return found;
        }
        at += size + 1;
    }
}

char *ifm_os_program_find(const char *name)
{
    return ifm_os_program_find_on(secure_getenv("PATH"), name);
}
