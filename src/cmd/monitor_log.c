/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/monitor_log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

enum {
    LINE_SIZE = 2048,         /* a message of ifm_log() has 512 bytes, each of which may take two and more */
    FILE_BYTES_MAX = 4 << 20, /* then a new one begins, and one old one is kept */
    FILE_MODE = 0600,
    PATH_SIZE = 4096
};

/* In the quotes of logfmt (those of Go) and of JSON the same escapes mean the same. */
static void append_quoted(ifm_buf *out, const char *text)
{
    ifm_buf valid;
    ifm_buf_init(&valid, LINE_SIZE);
    ifm_utf8_repair(&valid, text, strlen(text), LINE_SIZE / 2);
    ifm_buf_append_char(&valid, '\0');
    ifm_buf_append_json(out, valid.failed == IFM_OK ? valid.data : "");
    ifm_buf_deinit(&valid);
}

static void append_time(ifm_buf *out, int64_t wall_ms)
{
    struct tm parts;
    time_t seconds = (time_t)(wall_ms / 1000);
    char text[64];
    gmtime_r(&seconds, &parts);
    size_t size = strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
    ifm_buf_printf(out, "%.*s.%03dZ", (int)size, text, (int)(wall_ms % 1000));
}

size_t monitor_log_line(const monitor_log *log, int64_t wall_ms, ifm_log_level level, const char *message,
                        char *out, size_t size)
{
    static const char *const names[] = {"ERROR", "WARN", "INFO"};
    const char *name = (unsigned)level < IFM_COUNT_OF(names) ? names[level] : names[0];
    ifm_buf line;
    ifm_buf_init(&line, 8 * LINE_SIZE);
    ifm_buf_append_text(&line, log->json ? "{\"time\":\"" : "time=");
    append_time(&line, wall_ms);
    ifm_buf_printf(&line, log->json ? "\",\"level\":\"%s\",\"msg\":" : " level=%s msg=", name);
    append_quoted(&line, message);
    ifm_buf_append_text(&line, log->json ? "}" : "");
    size_t used = line.size < size ? line.size : size;
    if (used > 0) {
        memcpy(out, line.data, used);
    }
    ifm_buf_deinit(&line);
    return used;
}

/* A file that has grown too large becomes PATH.1. When that fails it goes on growing: better than silence. */
static void turn(const monitor_log *log)
{
    struct stat status;
    char old[PATH_SIZE];
    ifm_error ignored;
    if (fstat(STDERR_FILENO, &status) != 0 || status.st_size < FILE_BYTES_MAX) {
        return;
    }
    int size = snprintf(old, sizeof old, "%s.1", log->path);
    if (size > 0 && (size_t)size < sizeof old && rename(log->path, old) == 0) {
        (void)monitor_log_open(log->path, &ignored);
    }
}

void monitor_log_say(void *context, ifm_log_level level, const char *message)
{
    const monitor_log *log = context;
    char line[LINE_SIZE];
    if (level > log->level) {
        return;
    }
    size_t size = monitor_log_line(log, ifm_os_clock_real.wall_ms(), level, message, line, sizeof line - 1);
    line[size] = '\n';
    ssize_t ignored = write(STDERR_FILENO, line, size + 1); /* whoever reads it may be gone */
    (void)ignored;
    if (log->path != NULL) {
        turn(log);
    }
}

bool monitor_log_open(const char *path, ifm_error *err)
{
    int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, FILE_MODE);
    bool ok = fd >= 0 && dup2(fd, STDOUT_FILENO) >= 0 && dup2(fd, STDERR_FILENO) >= 0;
    int number = errno;
    if (fd > STDERR_FILENO) {
        close(fd);
    }
    return ok || ifm_error_errno(err, IFM_IO, number, "could not open \"%.150s\"", path);
}
