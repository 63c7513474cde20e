/* SPDX-License-Identifier: Apache-2.0 */
#include "ocr/feeder.h"

#include "common/stop.h"
#include "ocr/fail.h"
#include "ocr/image.h"
#include "ocr/pdf.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

enum { WATCH_POLL_MS = 100 }; /* how late a stop may be noticed while nothing comes */

bool feeder_open(struct feeder *feeder, ifm_error *err)
{
    feeder->watch = -1;
    const char *folder = feeder->options->watch;
    if (folder == NULL) {
        return true;
    }
    int watch = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    /* A file is completely written when its writer closes it, or moves it here from elsewhere. */
    uint32_t events = IN_CLOSE_WRITE | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;
    if (watch < 0 || inotify_add_watch(watch, folder, events) < 0) {
        fail(err, IFM_IO, "could not watch the folder \"%s\": %s", folder, strerror(errno));
        if (watch >= 0) {
            close(watch);
        }
        return false;
    }
    feeder->watch = watch;
    return true;
}

void feeder_close(struct feeder *feeder)
{
    if (feeder->watch >= 0) {
        close(feeder->watch);
        feeder->watch = -1;
    }
}

static bool is_pdf(const char *path)
{
    char head[5];
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        return false;
    }
    ssize_t got = read(file, head, sizeof head);
    close(file);
    return got == (ssize_t)sizeof head && memcmp(head, "%PDF-", sizeof head) == 0;
}

/* Of a folder, only files with such a name are read; hidden ones are somebody's temporary files. */
static bool has_page_name(const char *name)
{
    static const char *const endings[] = {".png", ".jpg", ".jpeg", ".tif", ".tiff", ".pnm", ".pbm",
                                          ".pgm", ".ppm", ".bmp",  ".gif", ".webp", ".pdf"};
    const char *dot = strrchr(name, '.');
    if (name[0] == '.' || dot == NULL) {
        return false;
    }
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        if (strcasecmp(dot, endings[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* Waits for its turn by the rate, then puts the page into the queue. */
static bool feed_page(struct feeder *feeder, const char *path, enum page_kind kind, unsigned number,
                      unsigned count)
{
    if (feeder->options->rate > 0) {
        double now = clock_seconds();
        double due = feeder->due > now ? feeder->due : now;
        if (!page_queue_wait(feeder->queue, due)) {
            return false;
        }
        feeder->due = due + 1 / feeder->options->rate;
    }
    struct page page = {.path = strdup(path), .kind = kind, .number = number, .count = count};
    if (page.path == NULL || !page_queue_push(feeder->queue, &page)) {
        free(page.path);
        return false;
    }
    feeder->pages++;
    return true;
}

/* All pages of a file. One that cannot be looked into is put into the queue as a page, which a worker then
 * fails to read: so it is counted as every other page that cannot be read. */
static bool feed_file(struct feeder *feeder, const char *path)
{
    ifm_error err;
    struct stat status;
    if (stat(path, &status) == 0 && !S_ISREG(status.st_mode)) {
        feeder->trouble = true;
        console_complain(feeder->console, "\"%s\" is no regular file", path);
        return true; /* opening a pipe would wait for its writer */
    }
    enum page_kind kind = is_pdf(path) ? PAGE_PDF : PAGE_IMAGE;
    unsigned count = 1;
    if (kind == PAGE_IMAGE) {
        count = image_count(path);
    } else if (!pdf_page_count(path, feeder->queue, &count, &err)) {
        return feed_page(feeder, path, kind, 1, 1);
    }
    if (count == 1 && kind == PAGE_IMAGE) {
        return feed_page(feeder, path, kind, 1, 1); /* --pages is about documents */
    }
    unsigned first = feeder->options->first_page, last = feeder->options->last_page;
    if (first > count) {
        feeder->trouble = true;
        console_complain(feeder->console, "\"%s\" has only %u page%s", path, count, count == 1 ? "" : "s");
        return true;
    }
    for (unsigned number = first; number <= count && number <= last; number++) {
        if (!feed_page(feeder, path, kind, number, count)) {
            return false;
        }
    }
    return true;
}

/* Whether somebody has the file open for writing: then it is not complete, and the watch will tell when it
 * is. The kernel grants a read lease only on a file that nobody writes; where it grants none at all (a file
 * of another user), the file is taken for complete. */
static bool is_being_written(const char *path)
{
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0) {
        return false;
    }
    bool busy = fcntl(file, F_SETLEASE, F_RDLCK) != 0 && errno == EAGAIN;
    close(file); /* gives the lease back, too */
    return busy;
}

static int is_wanted(const struct dirent *entry)
{
    return has_page_name(entry->d_name);
}

/* The files of a folder in the order of their names, page-9 before page-10. */
static bool feed_folder(struct feeder *feeder, const char *folder, bool watched)
{
    struct dirent **entries;
    int count = scandir(folder, &entries, is_wanted, versionsort);
    if (count < 0) {
        feeder->trouble = true;
        console_complain(feeder->console, "could not look into the folder \"%s\": %s", folder,
                         strerror(errno));
        return true;
    }
    bool ok = true;
    for (int i = 0; i < count; i++) {
        char path[PATH_MAX];
        int length = snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
        if (ok && length < PATH_MAX && !(watched && is_being_written(path))) {
            ok = feed_file(feeder, path);
        }
        free(entries[i]);
    }
    free(entries);
    return ok;
}

/* Everything that the command line names, once. */
static bool feed_inputs(struct feeder *feeder)
{
    const struct ocr_options *options = feeder->options;
    for (size_t i = 0; i < options->input_count; i++) {
        struct stat status;
        bool folder = stat(options->inputs[i], &status) == 0 && S_ISDIR(status.st_mode);
        bool ok =
            folder ? feed_folder(feeder, options->inputs[i], false) : feed_file(feeder, options->inputs[i]);
        if (!ok) {
            return false;
        }
    }
    return true;
}

/* What happened in the watched folder. False when the queue was stopped, or there is nothing to watch. */
static bool feed_event(struct feeder *feeder, const struct inotify_event *event)
{
    const char *folder = feeder->options->watch;
    if ((event->mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_IGNORED | IN_UNMOUNT)) != 0) {
        feeder->trouble = true;
        console_complain(feeder->console, "the watched folder \"%s\" is gone", folder);
        return false;
    }
    if ((event->mask & IN_Q_OVERFLOW) != 0) {
        feeder->trouble = true;
        console_complain(feeder->console,
                         "so many files came into \"%s\" at once that the system dropped some from its list; "
                         "hint: give the folder again, without --watch",
                         folder);
        return true;
    }
    if ((event->mask & IN_ISDIR) != 0 || event->len == 0 || !has_page_name(event->name)) {
        return true;
    }
    char path[PATH_MAX];
    int length = snprintf(path, sizeof path, "%s/%s", folder, event->name);
    return length >= PATH_MAX || feed_file(feeder, path);
}

/* Takes the events that are there. */
static bool feed_events(struct feeder *feeder)
{
    _Alignas(struct inotify_event) char events[16 * 1024];
    ssize_t size = read(feeder->watch, events, sizeof events);
    for (const char *at = events; size > 0 && at < events + size;) {
        const struct inotify_event *event = (const struct inotify_event *)(const void *)at;
        if (!feed_event(feeder, event)) {
            return false;
        }
        at += sizeof *event + event->len;
    }
    return true;
}

/* Watches from now on, then looks at what is there: what was closed before is found by the look, what is
 * closed after it by the watch. (Both find a file of the millisecond between; then it is read twice.) */
static void feed_watched(struct feeder *feeder)
{
    ifm_error err;
    feeder_close(feeder);
    if (!feeder_open(feeder, &err)) {
        feeder->trouble = true;
        console_complain(feeder->console, "%s", err.message);
        return;
    }
    bool ok = feed_folder(feeder, feeder->options->watch, true);
    while (ok && !page_queue_stopped(feeder->queue)) {
        struct pollfd readable = {.fd = feeder->watch, .events = POLLIN};
        if (poll(&readable, 1, WATCH_POLL_MS) > 0) {
            ok = feed_events(feeder);
        }
    }
}

void feeder_run(struct feeder *feeder)
{
    uint64_t repeat = feeder->options->repeat;
    bool ok = true;
    for (uint64_t round = 0; ok && (repeat == OCR_REPEAT_FOREVER || round < repeat); round++) {
        uint64_t before = feeder->pages;
        ok = feed_inputs(feeder);
        if (ok && feeder->pages == before && feeder->options->input_count > 0) {
            feeder->trouble = true;
            console_complain(feeder->console, "there is no page to read in what was given");
            break; /* or an empty folder would be looked into without a pause, for ever */
        }
    }
    if (ok && feeder->watch >= 0) {
        feed_watched(feeder);
    }
    page_queue_close(feeder->queue);
}
