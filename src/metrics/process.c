/* SPDX-License-Identifier: Apache-2.0
 *
 * The process_* metrics, by the names that all of Prometheus's client libraries share. What the system
 * does not tell is left out.
 *
 * Thread-safety: the collector runs once at a time for one registry, and keeps its state per registry.
 */
#include "metrics/process.h"

#include "base/base.h"
#include "os/os.h"

#include <dirent.h>
#include <inferometer/collector.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum {
    PROC_BYTES_MAX = 1 << 20, /* /proc/stat of 1000 cores has 200 KiB */
    PROC_PATH_SIZE = 512
};

/* Numbers of fields of /proc/PID/stat, as proc(5) counts them; the first after the name is 3. */
enum {
    FIELD_FIRST = 3,
    FIELD_USER_TIME = 14,
    FIELD_SYSTEM_TIME = 15,
    FIELD_THREADS = 20,
    FIELD_START_TIME = 22,
    FIELD_VIRTUAL_SIZE = 23,
    FIELD_RESIDENT = 24,
    FIELD_BREAK_START = 47 /* since Linux 3.3; 0 when the reader may not know */
};

struct process_context {
    const char *proc;
    pid_t pid;            /* whose start_seconds it is: another one after fork() */
    double start_seconds; /* negative: not known */
};

static uint64_t *stat_field(ifm_process_stat *stat, int field)
{
    switch (field) {
    case FIELD_USER_TIME:
        return &stat->user_ticks;
    case FIELD_SYSTEM_TIME:
        return &stat->system_ticks;
    case FIELD_THREADS:
        return &stat->threads;
    case FIELD_START_TIME:
        return &stat->start_ticks;
    case FIELD_VIRTUAL_SIZE:
        return &stat->virtual_bytes;
    case FIELD_RESIDENT:
        return &stat->resident_pages;
    case FIELD_BREAK_START:
        return &stat->break_start;
    default:
        return NULL;
    }
}

/* Reads decimal digits up to `end`; false when there are none, another character, or too many. */
static bool read_u64(const char *text, const char *end, uint64_t *out)
{
    uint64_t value = 0;
    for (const char *c = text; c < end; c++) {
        if (*c < '0' || *c > '9' || value > (UINT64_MAX - (uint64_t)(*c - '0')) / 10) {
            return false;
        }
        value = value * 10 + (uint64_t)(*c - '0');
    }
    *out = value;
    return text < end;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\n';
}

bool ifm_process_stat_parse(const char *text, size_t size, ifm_process_stat *out)
{
    ifm_process_stat stat = {.break_start = 0};
    /* The last parenthesis: the name before it may hold others. */
    const char *c = memrchr(text, ')', size);
    const char *end = text + size;
    int field = FIELD_FIRST - 1;
    for (c = c == NULL ? end : c + 1; c < end;) {
        while (c < end && is_space(*c)) {
            c++;
        }
        const char *begin = c;
        while (c < end && !is_space(*c)) {
            c++;
        }
        uint64_t *wanted = begin < c ? stat_field(&stat, ++field) : NULL;
        if (wanted != NULL && !read_u64(begin, c, wanted)) {
            return false;
        }
    }
    if (field < FIELD_RESIDENT) {
        return false;
    }
    *out = stat;
    return true;
}

bool ifm_process_boot_time_parse(const char *text, size_t size, uint64_t *seconds)
{
    static const char key[] = "btime ";
    const char *end = text + size;
    for (const char *line = text; line < end;) {
        const char *line_end = memchr(line, '\n', (size_t)(end - line));
        line_end = line_end == NULL ? end : line_end;
        if ((size_t)(line_end - line) > sizeof key - 1 && memcmp(line, key, sizeof key - 1) == 0) {
            return read_u64(line + sizeof key - 1, line_end, seconds);
        }
        line = line_end < end ? line_end + 1 : end;
    }
    return false;
}

/* Reads PROC/NAME; false when the system does not have it. */
static bool read_proc(const struct process_context *context, const char *name, ifm_buf *out)
{
    ifm_error ignored; /* what is not told is left out */
    char path[PROC_PATH_SIZE];
    snprintf(path, sizeof path, "%s/%s", context->proc, name);
    return ifm_os_read_file(path, out, &ignored);
}

static void emit(ifm_collection *out, ifm_collected_type type, const char *name, const char *unit,
                 const char *help, double value)
{
    const ifm_collected_family family = {.name = name, .help = help, .unit = unit, .type = type};
    ifm_collect_family(out, &family);
    ifm_collect_sample(out, NULL, value);
}

/* Finds out once per process: the kernel moves "btime" by a second now and then, as the clock is set. */
static void find_start(struct process_context *context, const ifm_process_stat *stat)
{
    if (context->pid == getpid()) {
        return;
    }
    uint64_t boot_seconds;
    ifm_buf text;
    ifm_buf_init(&text, PROC_BYTES_MAX);
    bool known =
        read_proc(context, "stat", &text) && ifm_process_boot_time_parse(text.data, text.size, &boot_seconds);
    ifm_buf_deinit(&text);
    double ticks_per_second = (double)sysconf(_SC_CLK_TCK);
    context->start_seconds =
        known ? (double)boot_seconds + (double)stat->start_ticks / ticks_per_second : -1.0;
    context->pid = getpid();
}

static void collect_stat(struct process_context *context, ifm_collection *out)
{
    ifm_process_stat stat;
    ifm_buf text;
    ifm_buf_init(&text, PROC_BYTES_MAX);
    bool known =
        read_proc(context, "self/stat", &text) && ifm_process_stat_parse(text.data, text.size, &stat);
    ifm_buf_deinit(&text);
    if (!known) {
        return;
    }
    emit(out, IFM_COLLECTED_COUNTER, "process_cpu_seconds", "seconds",
         "CPU time that the process used, in user and system mode.",
         (double)(stat.user_ticks + stat.system_ticks) / (double)sysconf(_SC_CLK_TCK));
    emit(out, IFM_COLLECTED_GAUGE, "process_virtual_memory_bytes", "bytes",
         "Size of the address space in use.", (double)stat.virtual_bytes);
    emit(out, IFM_COLLECTED_GAUGE, "process_resident_memory_bytes", "bytes", "Memory that is in RAM.",
         (double)stat.resident_pages * (double)sysconf(_SC_PAGESIZE));
    emit(out, IFM_COLLECTED_GAUGE, "process_threads", NULL, "Number of threads.", (double)stat.threads);
    /* The heap in the old sense: what lies between the program's end and its break. Large blocks, which
     * malloc() maps, are not in it; asking malloc() itself would take its locks and walk its lists. */
    uintptr_t break_end = (uintptr_t)sbrk(0);
    if (stat.break_start != 0 && break_end >= stat.break_start) {
        emit(out, IFM_COLLECTED_GAUGE, "process_heap_bytes", "bytes",
             "Size of the heap below the program break; blocks that are mapped apart are not included.",
             (double)(break_end - stat.break_start));
    }
    find_start(context, &stat);
    if (context->start_seconds >= 0) {
        emit(out, IFM_COLLECTED_GAUGE, "process_start_time_seconds", "seconds",
             "When the process was started, in seconds since 1970.", context->start_seconds);
    }
}

/* No limit is RLIM_INFINITY, 2^64 - 1, which is also what client_golang exposes. */
static void collect_limit(ifm_collection *out, int resource, const char *name, const char *unit,
                          const char *help)
{
    struct rlimit limit;
    if (getrlimit(resource, &limit) == 0) {
        emit(out, IFM_COLLECTED_GAUGE, name, unit, help, (double)limit.rlim_cur);
    }
}

static void collect_open_fds(const struct process_context *context, ifm_collection *out)
{
    char path[PROC_PATH_SIZE];
    snprintf(path, sizeof path, "%s/self/fd", context->proc);
    DIR *folder = opendir(path);
    if (folder == NULL) {
        return;
    }
    size_t count = 0;
    for (const struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        count += entry->d_name[0] != '.';
    }
    closedir(folder);
    /* One of them was the folder itself. */
    emit(out, IFM_COLLECTED_GAUGE, "process_open_fds", NULL, "Number of open file descriptors.",
         (double)(count == 0 ? 0 : count - 1));
}

static bool process_collect(void *context, ifm_collection *out, ifm_error *err)
{
    (void)err;
    collect_stat(context, out);
    collect_open_fds(context, out);
    collect_limit(out, RLIMIT_NOFILE, "process_max_fds", NULL, "Limit of open file descriptors.");
    collect_limit(out, RLIMIT_AS, "process_virtual_memory_max_bytes", "bytes", "Limit of the address space.");
    return true;
}

bool ifm_process_collector_register_at(ifm_registry *registry, const char *proc, ifm_error *err)
{
    struct process_context *context = ifm_alloc(sizeof *context);
    if (context == NULL) {
        return ifm_error_nomem(err);
    }
    *context = (struct process_context){.proc = proc, .pid = 0, .start_seconds = -1};
    const ifm_collector_options options = {
        .name = "process", .collect = process_collect, .context = context, .free_context = ifm_free};
    if (!ifm_collector_register(registry, &options, err)) {
        ifm_free(context);
        return false;
    }
    return true;
}

bool ifm_process_collector_register(ifm_registry *registry, ifm_error *err)
{
    return ifm_process_collector_register_at(registry, "/proc", err);
}
