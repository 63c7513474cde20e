/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/resources.h"

#include "base/base.h"
#include "pipeline/limits.h"

#include <inferometer/collector.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    CPU_COLUMNS = 8, /* user nice system idle iowait irq softirq steal; guest time is part of user */
    CPU_IDLE = 3,
    CPU_IOWAIT = 4,
    RESOURCES_PATH_SIZE = 512
};

struct resources {
    ifm_resources_options options;
    ifm_ratio process_cpu;
    ifm_ratio host_cpu;
};

/* A place in a text, which moves on as it is read. */
struct cursor {
    const char *at;
    const char *end;
};

static void skip_blanks(struct cursor *cursor)
{
    while (cursor->at < cursor->end && (*cursor->at == ' ' || *cursor->at == '\t')) {
        cursor->at++;
    }
}

/* Blanks, then decimal digits; false when there are none or too many. */
static bool read_number(struct cursor *cursor, uint64_t *out)
{
    skip_blanks(cursor);
    const char *begin = cursor->at;
    uint64_t value = 0;
    for (; cursor->at < cursor->end && *cursor->at >= '0' && *cursor->at <= '9'; cursor->at++) {
        uint64_t digit = (uint64_t)(*cursor->at - '0');
        if (value > (UINT64_MAX - digit) / 10) {
            return false;
        }
        value = value * 10 + digit;
    }
    *out = value;
    return cursor->at > begin;
}

static bool read_literal(struct cursor *cursor, const char *literal)
{
    size_t size = strlen(literal);
    bool same = (size_t)(cursor->end - cursor->at) >= size && memcmp(cursor->at, literal, size) == 0;
    cursor->at += same ? size : 0;
    return same;
}

static void skip_line(struct cursor *cursor)
{
    const char *end = memchr(cursor->at, '\n', (size_t)(cursor->end - cursor->at));
    cursor->at = end == NULL ? cursor->end : end + 1;
}

bool ifm_host_cpu_parse(const char *text, size_t size, ifm_host_cpu *out)
{
    struct cursor cursor = {text, text + size};
    ifm_host_cpu cpu = {.cores = 0};
    if (!read_literal(&cursor, "cpu ")) {
        return false;
    }
    for (int column = 0; column < CPU_COLUMNS; column++) {
        uint64_t ticks;
        if (!read_number(&cursor, &ticks)) {
            return false;
        }
        cpu.total_ticks += ticks;
        cpu.busy_ticks += column == CPU_IDLE || column == CPU_IOWAIT ? 0 : ticks;
    }
    for (skip_line(&cursor); read_literal(&cursor, "cpu"); skip_line(&cursor)) {
        cpu.cores++;
    }
    if (cpu.cores == 0) {
        return false;
    }
    *out = cpu;
    return true;
}

bool ifm_meminfo_parse(const char *text, size_t size, const char *key, uint64_t *bytes)
{
    struct cursor cursor = {text, text + size};
    for (; cursor.at < cursor.end; skip_line(&cursor)) {
        uint64_t kibibytes;
        if (read_literal(&cursor, key) && read_literal(&cursor, ":") && read_number(&cursor, &kibibytes) &&
            read_literal(&cursor, " kB") && kibibytes <= UINT64_MAX / 1024) {
            *bytes = kibibytes * 1024;
            return true;
        }
    }
    return false;
}

bool ifm_proc_word_parse(const char *text, size_t size, size_t index, uint64_t *out)
{
    struct cursor cursor = {text, text + size};
    uint64_t value;
    for (size_t i = 0; i <= index; i++) {
        if (!read_number(&cursor, &value)) {
            return false;
        }
    }
    *out = value;
    return true;
}

bool ifm_loadavg_threads_parse(const char *text, size_t size, uint64_t *out)
{
    const char *slash = memchr(text, '/', size);
    if (slash == NULL) {
        return false;
    }
    return ifm_proc_word_parse(slash + 1, size - (size_t)(slash + 1 - text), 0, out);
}

double ifm_ratio_next(ifm_ratio *ratio, double used, double possible, int64_t now_ns)
{
    double more_possible = possible - ratio->possible;
    double now = more_possible > 0 ? fmax(0, (used - ratio->used) / more_possible) : NAN;
    bool whole = now_ns - ratio->at_ns >= IFM_RESOURCES_INTERVAL_NS;
    if (whole && !isnan(now)) {
        *ratio = (ifm_ratio){.used = used, .possible = possible, .at_ns = now_ns, .last = now};
    }
    return isnan(ratio->last) ? now : ratio->last;
}

static double process_cpu_seconds(void)
{
    struct timespec used;
    if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used) != 0) {
        return -1;
    }
    return (double)used.tv_sec + (double)used.tv_nsec / 1e9;
}

const ifm_resources_options ifm_resources_real = {"/proc", &ifm_os_clock_real, process_cpu_seconds};

/* Reads PROC/NAME into `text`, emptied before; false when the system does not have it. */
static bool read_proc(const struct resources *resources, const char *name, ifm_buf *text)
{
    ifm_error ignored; /* what is not told is left out */
    char path[RESOURCES_PATH_SIZE];
    snprintf(path, sizeof path, "%s/%s", resources->options.proc, name);
    ifm_buf_clear(text);
    return ifm_os_read_file(path, text, &ignored);
}

static void emit(ifm_collection *out, const char *name, const char *unit, const char *help, double value)
{
    const ifm_collected_family family = {
        .name = name, .help = help, .unit = unit, .type = IFM_COLLECTED_GAUGE};
    if (!isnan(value)) {
        ifm_collect_family(out, &family);
        ifm_collect_sample(out, NULL, value);
    }
}

static void collect_cpu(struct resources *resources, ifm_buf *text, ifm_collection *out)
{
    ifm_host_cpu host;
    if (!read_proc(resources, "stat", text) || !ifm_host_cpu_parse(text->data, text->size, &host)) {
        return;
    }
    int64_t now_ns = resources->options.clock->monotonic_ns();
    emit(out, "inferometer_host_cpu_ratio", "ratio",
         "Share of the time of all cores that they were not idle.",
         ifm_ratio_next(&resources->host_cpu, (double)host.busy_ticks, (double)host.total_ticks, now_ns));
    double seconds = resources->options.process_cpu_seconds();
    if (seconds >= 0) {
        double cores = ifm_ratio_next(&resources->process_cpu, seconds, (double)now_ns / 1e9, now_ns);
        emit(out, "inferometer_process_cpu_ratio", "ratio",
             "Share of the time of all cores that the process used.", cores / (double)host.cores);
    }
}

static void collect_memory(struct resources *resources, ifm_buf *text, ifm_collection *out)
{
    uint64_t total, available, pages;
    if (!read_proc(resources, "meminfo", text) ||
        !ifm_meminfo_parse(text->data, text->size, "MemTotal", &total) || total == 0) {
        return;
    }
    emit(out, "inferometer_host_memory_total_bytes", "bytes", "Memory of the host.", (double)total);
    if (ifm_meminfo_parse(text->data, text->size, "MemAvailable", &available)) {
        emit(out, "inferometer_host_memory_available_bytes", "bytes",
             "Memory that programs can still get without swapping.", (double)available);
        emit(out, "inferometer_host_memory_ratio", "ratio", "Share of the host's memory that is in use.",
             1 - (double)available / (double)total);
    }
    if (read_proc(resources, "self/statm", text) && ifm_proc_word_parse(text->data, text->size, 1, &pages)) {
        emit(out, "inferometer_process_memory_ratio", "ratio",
             "Share of the host's memory that the process has.",
             (double)pages * (double)sysconf(_SC_PAGESIZE) / (double)total);
    }
}

static bool resources_collect(void *context, ifm_collection *out, ifm_error *err)
{
    (void)err;
    struct resources *resources = context;
    uint64_t count;
    ifm_buf text;
    ifm_buf_init(&text, IFM_PROC_BYTES_MAX);
    collect_cpu(resources, &text, out);
    collect_memory(resources, &text, out);
    if (read_proc(resources, "loadavg", &text) && ifm_loadavg_threads_parse(text.data, text.size, &count)) {
        emit(out, "inferometer_host_threads", NULL, "Number of threads of the host.", (double)count);
    }
    if (read_proc(resources, "sys/fs/file-nr", &text) &&
        ifm_proc_word_parse(text.data, text.size, 0, &count)) {
        emit(out, "inferometer_host_open_files", NULL, "Number of open files of the host.", (double)count);
    }
    ifm_buf_deinit(&text);
    return true;
}

bool ifm_resources_register(ifm_registry *registry, const ifm_resources_options *options, ifm_error *err)
{
    struct resources *resources = ifm_alloc(sizeof *resources);
    if (resources == NULL) {
        return ifm_error_nomem(err);
    }
    int64_t now_ns = options->clock->monotonic_ns();
    *resources = (struct resources){
        .options = *options,
        .process_cpu = {options->process_cpu_seconds(), (double)now_ns / 1e9, now_ns, NAN},
        .host_cpu = {0, 0, now_ns, NAN}, /* ticks are counted since boot */
    };
    const ifm_collector_options collector = {.name = IFM_RESOURCES_COLLECTOR,
                                             .collect = resources_collect,
                                             .context = resources,
                                             .free_context = ifm_free};
    if (!ifm_collector_register(registry, &collector, err)) {
        ifm_free(resources);
        return false;
    }
    return true;
}
