/* SPDX-License-Identifier: Apache-2.0 */
#include "ocr/pdf.h"

#include "common/stop.h"
#include "ocr/fail.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    PATH_SIZE = 4096 + 2, /* PATH_MAX, and "./" in front */
    POLL_MS = 50,         /* how often it is asked whether a running child may go on */
    SECONDS_MAX = 60,     /* for one child; a page of a slow machine takes a tenth of it */
    FIRST_BYTES = 64 * 1024,
    PAGES_MAX = 1000000 /* more than any real document: a number that cannot be one is refused */
};

extern char **environ;

/* What a child wrote; `data` has a NUL behind `size`. */
struct output {
    char *data;
    size_t size;
    size_t capacity;
};

/* Starts argv[0], found along PATH, with its standard output in a pipe. Signals that this program blocks
 * are let through again in the child. It is a process group of its own: Ctrl-C in the terminal reaches this
 * program alone, which then ends the child; a page is never taken for one that cannot be rendered. */
static bool child_start(char *const argv[], pid_t *pid, int *from, ifm_error *err)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) {
        return fail(err, IFM_IO, "could not make a pipe to %s: %s", argv[0], strerror(errno));
    }
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
    int problem = posix_spawnp(pid, argv[0], &actions, &attributes, argv, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    if (problem != 0) {
        close(ends[0]);
        return fail(err, IFM_IO, "could not run %s: %s%s", argv[0], strerror(problem),
                    problem == ENOENT ? "; hint: it is in Debian's package poppler-utils" : "");
    }
    *from = ends[0];
    return true;
}

/* Doubles the room, up to `bytes_max` and the NUL. */
static bool output_grow(struct output *output, size_t bytes_max, ifm_error *err)
{
    if (output->capacity > bytes_max) {
        return fail(err, IFM_LIMIT, "the image has more than %zu bytes; hint: render it with a lower --dpi",
                    bytes_max);
    }
    size_t capacity = output->capacity == 0 ? FIRST_BYTES : output->capacity * 2;
    capacity = capacity > bytes_max ? bytes_max + 1 : capacity;
    char *data = realloc(output->data, capacity);
    if (data == NULL) {
        return fail(err, IFM_NOMEM, "memory for %zu bytes could not be allocated", capacity);
    }
    output->data = data;
    output->capacity = capacity;
    return true;
}

/* Reads all of the pipe. */
static bool output_read(int from, const struct page_queue *queue, size_t bytes_max, struct output *output,
                        ifm_error *err)
{
    double deadline = clock_seconds() + SECONDS_MAX;
    for (;;) {
        if (output->size + 1 >= output->capacity && !output_grow(output, bytes_max, err)) {
            return false;
        }
        struct pollfd readable = {.fd = from, .events = POLLIN};
        int ready = poll(&readable, 1, POLL_MS);
        if (page_queue_stopped(queue)) {
            return fail(err, IFM_CANCELED, "the program was asked to stop");
        }
        if (clock_seconds() > deadline) {
            return fail(err, IFM_TIMEOUT, "it took longer than %d s", SECONDS_MAX);
        }
        if (ready <= 0) {
            continue;
        }
        ssize_t got = read(from, output->data + output->size, output->capacity - output->size - 1);
        if (got < 0 && errno != EINTR) {
            return fail(err, IFM_IO, "the pipe could not be read: %s", strerror(errno));
        }
        if (got == 0) {
            output->data[output->size] = '\0';
            return true;
        }
        output->size += got > 0 ? (size_t)got : 0;
    }
}

/* Waits for the child, which is killed first when its output is not wanted any more. */
static bool child_end(pid_t pid, bool wanted, const char *program, ifm_error *err)
{
    if (!wanted) {
        kill(pid, SIGKILL);
    }
    int status = 0;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    if (!wanted) {
        return false;
    }
    if (WIFSIGNALED(status)) {
        return fail(err, IFM_INVALID, "%s was ended by signal %d", program, WTERMSIG(status));
    }
    if (WEXITSTATUS(status) != 0) {
        return fail(err, IFM_INVALID, "%s ended with status %d", program, WEXITSTATUS(status));
    }
    return true;
}

/* Runs a program to its end; on success free() output->data. */
static bool run(char *const argv[], const struct page_queue *queue, size_t bytes_max, struct output *output,
                ifm_error *err)
{
    pid_t pid;
    int from;
    *output = (struct output){0};
    if (!child_start(argv, &pid, &from, err)) {
        return false;
    }
    bool ok = output_read(from, queue, bytes_max, output, err);
    close(from);
    ok = child_end(pid, ok, argv[0], err);
    if (!ok) {
        free(output->data);
        *output = (struct output){0};
    }
    return ok;
}

/* A path that no program takes for an option. */
static char *safe_path(const char *path, char out[PATH_SIZE])
{
    snprintf(out, PATH_SIZE, "%s%s", path[0] == '-' ? "./" : "", path);
    return out;
}

bool pdf_page_count(const char *path, const struct page_queue *queue, unsigned *out, ifm_error *err)
{
    char file[PATH_SIZE];
    char program[] = "pdfinfo";
    char *argv[] = {program, safe_path(path, file), NULL};
    struct output output;
    if (!run(argv, queue, FIRST_BYTES * 16, &output, err)) {
        return false;
    }
    const char *line = strstr(output.data, "\nPages:");
    unsigned count = 0;
    if (line != NULL) {
        const char *at = line + strlen("\nPages:");
        at += strspn(at, " ");
        for (; *at >= '0' && *at <= '9' && count < PAGES_MAX; at++) {
            count = count * 10 + (unsigned)(*at - '0');
        }
    }
    free(output.data);
    if (count == 0 || count > PAGES_MAX) {
        return fail(err, IFM_INVALID, "pdfinfo does not tell how many pages there are");
    }
    *out = count;
    return true;
}

bool pdf_render(const char *path, unsigned number, unsigned dpi, const struct page_queue *queue, char **out,
                size_t *size, ifm_error *err)
{
    char file[PATH_SIZE], page_text[16], dpi_text[16];
    snprintf(page_text, sizeof page_text, "%u", number);
    snprintf(dpi_text, sizeof dpi_text, "%u", dpi);
    char program[] = "pdftoppm", gray[] = "-gray", single[] = "-singlefile", first[] = "-f", last[] = "-l",
         resolution[] = "-r";
    char *argv[] = {program, gray,      single,     first,    page_text,
                    last,    page_text, resolution, dpi_text, safe_path(path, file),
                    NULL};
    struct output output;
    if (!run(argv, queue, PDF_IMAGE_BYTES_MAX, &output, err)) {
        return false;
    }
    if (output.size == 0) {
        free(output.data);
        return fail(err, IFM_INVALID, "pdftoppm wrote nothing for page %u", number);
    }
    *out = output.data;
    *size = output.size;
    return true;
}
