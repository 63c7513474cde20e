/* SPDX-License-Identifier: Apache-2.0
 *
 * The writer sleeps in poll() on an eventfd until it is due. A poke is an atomic increment; the one that
 * makes it due sets `wanted`, and only who finds it unset wakes the writer, so a burst costs one wake-up.
 *
 * F1  at most one write at a time: `writing` is held.
 * F2  in a child after fork(), nothing is written and no eventfd, which is the parent's too, is touched.
 */
#include "pipeline/text_file.h"

#include "base/base.h"
#include "os/os.h"

#include <errno.h>
#include <inferometer/metrics.h>
#include <limits.h>
#include <math.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define NS_PER_SECOND INT64_C(1000000000)
#define NS_PER_MS     INT64_C(1000000)

enum {
    NAME_BYTES_MAX = 200, /* leaves room for what the temporary file's name has more, of NAME_MAX 255 */
    PAUSE_MS = 100        /* between writes: each syncs to disk, and pokes may come by the microsecond */
};

static const double seconds_max = 1e9; /* 31 years: as good as never, and far from overflow */

struct ifm_text_file {
    /* Constant once started. */
    pid_t pid;
    ifm_registry *registry;
    ifm_counter failures;
    char *directory;
    char *name;
    ifm_os_replace_target target;
    uint64_t every_pokes;
    int64_t every_ns; /* 0: not by time */
    int wake_fd;
    pthread_t thread;

    _Atomic uint64_t pokes;  /* relaxed: a count */
    _Atomic uint64_t failed; /* relaxed: a count */
    atomic_bool wanted;      /* acq_rel: what was updated before the poke is in the file */
    atomic_bool stopping;    /* relaxed: the eventfd orders it */
    pthread_mutex_t writing; /* F1; protects the fields below */
    uint64_t number; /* of the next temporary file; begins with the clock: others may share the target */
    bool failing;    /* the last write failed, and was logged */
};

static bool options_check(const ifm_text_file_options *options, ifm_error *err)
{
    const char *name = options->name;
    if (name[0] == '\0' || strchr(name, '/') != NULL || strcmp(name, ".") == 0 || strcmp(name, "..") == 0) {
        return ifm_error_set(err, IFM_INVALID,
                             "text file name \"%.100s\" is no file name; hint: give the folder as directory",
                             name);
    }
    if (strlen(name) > NAME_BYTES_MAX) {
        return ifm_error_set(err, IFM_INVALID, "text file name \"%.100s...\" is longer than %d bytes", name,
                             NAME_BYTES_MAX);
    }
    if (!(options->every_seconds >= 0)) {
        return ifm_error_set(err, IFM_INVALID, "every_seconds %g of the text file is not 0 or more",
                             options->every_seconds);
    }
    return true;
}

/* An absolute path, so that the program may change its working directory; as it was given when that has no
 * path now. NULL when memory is out. */
static char *directory_resolve(const char *directory)
{
    char here[PATH_MAX];
    if (directory[0] == '/' || getcwd(here, sizeof here) == NULL) {
        return ifm_copy_text(directory);
    }
    if (strcmp(directory, ".") == 0) {
        return ifm_copy_text(here);
    }
    ifm_buf path;
    ifm_buf_init(&path, SIZE_MAX);
    ifm_buf_printf(&path, "%s/%s", here, directory);
    size_t size;
    ifm_error ignored; /* the caller sees NULL */
    char *text = ifm_buf_take(&path, &size, &ignored);
    ifm_buf_deinit(&path);
    return text;
}

/* Rounded up: however short, it is not 0, which means not by time. */
static int64_t interval_ns(double seconds)
{
    return (int64_t)ceil(fmin(seconds, seconds_max) * 1e9);
}

static bool failures_register(ifm_text_file *file, ifm_error *err)
{
    ifm_counter_options options = {
        .metric = {.name = "inferometer_text_file_failures", .help = "Writes of the text file that failed."}};
    return ifm_counter_register(file->registry, &options, &file->failures, err) ||
           ifm_error_wrap(err, "could not start the text file");
}

static void text_file_free(ifm_text_file *file)
{
    if (file->wake_fd >= 0) {
        close(file->wake_fd);
    }
    pthread_mutex_destroy(&file->writing);
    ifm_free(file->directory);
    ifm_free(file->name);
    ifm_free(file);
}

/* All but the thread. */
static ifm_text_file *text_file_new(ifm_registry *registry, const ifm_text_file_options *options,
                                    const ifm_os_files *files, ifm_error *err)
{
    ifm_text_file *file = ifm_alloc_zero(1, sizeof *file);
    if (file == NULL) {
        ifm_error_nomem(err);
        return NULL;
    }
    pthread_mutex_init(&file->writing, NULL);
    file->pid = getpid();
    file->registry = registry != NULL ? registry : ifm_registry_default();
    file->every_pokes = options->every_pokes;
    file->every_ns = interval_ns(options->every_seconds);
    file->number = (uint64_t)ifm_os_monotonic_ns();
    file->directory = directory_resolve(options->directory);
    file->name = ifm_copy_text(options->name);
    file->target = (ifm_os_replace_target){.files = files, .directory = file->directory, .name = file->name};
    file->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    bool ok = file->wake_fd >= 0 || ifm_error_errno(err, IFM_IO, errno, "could not start the text file");
    if (ok && (file->registry == NULL || file->directory == NULL || file->name == NULL)) {
        ok = ifm_error_nomem(err);
    }
    if (!ok || !failures_register(file, err)) {
        text_file_free(file);
        return NULL;
    }
    return file;
}

/* --- Writing --------------------------------------------------------------------------------------- */

static bool text_file_replace(ifm_text_file *file, ifm_error *err)
{
    char *text;
    size_t size;
    if (!ifm_registry_expose(file->registry, NULL, &text, &size, err)) {
        return ifm_error_wrap(err, "could not write the text file \"%.100s\"", file->name);
    }
    bool ok = ifm_os_replace(&file->target, file->number++, text, size, err);
    ifm_free(text);
    return ok;
}

bool ifm_text_file_write(ifm_text_file *file, ifm_error *err)
{
    if (file->pid != getpid()) { /* F2: `writing` may be held by a thread that is not there */
        return ifm_error_set(err, IFM_STATE,
                             "the text file \"%.100s\" belongs to process %d, which forked this one",
                             file->name, (int)file->pid);
    }
    pthread_mutex_lock(&file->writing);
    bool was_failing = file->failing;
    bool ok = text_file_replace(file, err);
    file->failing = !ok;
    pthread_mutex_unlock(&file->writing);
    /* The program's log function may call the library: no lock is held. */
    if (!ok) {
        atomic_fetch_add_explicit(&file->failed, 1, memory_order_relaxed);
        ifm_counter_inc(file->failures);
    }
    if (!ok && !was_failing) {
        ifm_log(IFM_LOG_WARNING, "could not write the text file \"%s/%s\": %s", file->directory, file->name,
                err->message);
    } else if (ok && was_failing) {
        ifm_log(IFM_LOG_INFO, "the text file \"%s/%s\" is written again", file->directory, file->name);
    }
    return ok;
}

/* --- The thread ------------------------------------------------------------------------------------ */

/* When the next write is due; INT64_MAX when only a poke can make it so. `last_ns` is when the last began. */
static int64_t writer_due_ns(ifm_text_file *file, int64_t last_ns)
{
    int64_t pause_ns = PAUSE_MS * NS_PER_MS;
    if (atomic_load_explicit(&file->wanted, memory_order_relaxed)) {
        return last_ns + pause_ns;
    }
    if (file->every_ns == 0) {
        return INT64_MAX;
    }
    return last_ns + (file->every_ns > pause_ns ? file->every_ns : pause_ns);
}

/* Sleeps until `due_ns` or until it is woken. */
static void writer_sleep(const ifm_text_file *file, int64_t due_ns)
{
    struct pollfd wait = {.fd = file->wake_fd, .events = POLLIN};
    int64_t left_ms = -1;
    if (due_ns != INT64_MAX) {
        left_ms = (due_ns - ifm_os_monotonic_ns()) / NS_PER_MS + 1;
        left_ms = left_ms < 0 ? 0 : left_ms > INT32_MAX ? INT32_MAX : left_ms;
    }
    eventfd_t ignored;
    if (poll(&wait, 1, (int)left_ms) > 0) {
        eventfd_read(file->wake_fd, &ignored);
    }
}

static void *writer_run(void *argument)
{
    ifm_text_file *file = argument;
    int64_t last_ns = ifm_os_monotonic_ns();
    while (!atomic_load_explicit(&file->stopping, memory_order_relaxed)) {
        int64_t due_ns = writer_due_ns(file, last_ns);
        int64_t now_ns = ifm_os_monotonic_ns();
        if (now_ns < due_ns) {
            writer_sleep(file, due_ns);
            continue;
        }
        atomic_exchange_explicit(&file->wanted, false, memory_order_acq_rel);
        last_ns = now_ns;
        ifm_error ignored; /* logged and counted */
        (void)!ifm_text_file_write(file, &ignored);
    }
    return NULL;
}

static void writer_wake(const ifm_text_file *file)
{
    int before = errno; /* a poke leaves the program's errno alone */
    eventfd_write(file->wake_fd, 1);
    errno = before;
}

/* --- The public functions -------------------------------------------------------------------------- */

ifm_text_file *ifm_text_file_start_with(ifm_registry *registry, const ifm_text_file_options *options,
                                        const ifm_os_files *files, ifm_error *err)
{
    ifm_text_file_options complete = {0};
    if (options != NULL) {
        complete = *options;
    }
    complete.directory =
        complete.directory == NULL || complete.directory[0] == '\0' ? "." : complete.directory;
    complete.name = complete.name == NULL ? "prometheus_logs.prom" : complete.name;
    ifm_text_file *file =
        options_check(&complete, err) ? text_file_new(registry, &complete, files, err) : NULL;
    if (file == NULL) {
        return NULL;
    }
    ifm_os_replace_clean(&file->target);
    if (!ifm_os_thread_start("ifm-text-file", writer_run, file, &file->thread, err)) {
        text_file_free(file);
        return NULL;
    }
    return file;
}

ifm_text_file *ifm_text_file_start(ifm_registry *registry, const ifm_text_file_options *options,
                                   ifm_error *err)
{
    return ifm_text_file_start_with(registry, options, &ifm_os_files_real, err);
}

void ifm_text_file_poke(ifm_text_file *file)
{
    uint64_t pokes = atomic_fetch_add_explicit(&file->pokes, 1, memory_order_relaxed) + 1;
    if (file->every_pokes == 0 || pokes % file->every_pokes != 0) {
        return;
    }
    if (!atomic_exchange_explicit(&file->wanted, true, memory_order_acq_rel) &&
        file->pid == getpid()) { /* F2 */
        writer_wake(file);
    }
}

uint64_t ifm_text_file_failures(const ifm_text_file *file)
{
    return atomic_load_explicit(&file->failed, memory_order_relaxed);
}

void ifm_text_file_stop(ifm_text_file *file)
{
    if (file == NULL) {
        return;
    }
    if (file->pid == getpid()) { /* F2 */
        atomic_store_explicit(&file->stopping, true, memory_order_relaxed);
        writer_wake(file);
        pthread_join(file->thread, NULL);
        ifm_error ignored; /* logged and counted */
        (void)!ifm_text_file_write(file, &ignored);
    }
    text_file_free(file);
}
