/* SPDX-License-Identifier: Apache-2.0
 *
 * A monitor from its start to its end:
 *
 *     lock -> configuration -> listen (answers "starting") -> store -> scrape, rules -> READY -> signal
 *
 * M1  signals are read from a descriptor, but while we wait for another monitor, while the store opens and
 *     while we stop: then a signal ends the process at once. The store bears that as it bears kill -9. The
 *     status is 0 for one that comes before we are ready, and tells of the signal when the end is cut short.
 * M2  the record says where we answer only while we are ready.
 */
#include "cmd/monitor.h"

#include "cmd/monitor_memory.h"
#include "cmd/monitor_notify.h"

#include <errno.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    ARENA_BYTES_MAX = 1 << 20,
    LISTEN_SIZE = 64,
    KEPT_PIECE_BYTES = 32 * 1024 * 1024, /* larger ones are the system's: the most that glibc lets us say */
    KEPT_BYTES = 64 * 1024 * 1024,       /* of freed memory at the end of a heap */
    KEPT_TOP_BYTES = 1024 * 1024,        /* by which a heap grows */
    RETURN_MEMORY_MS = 10 * 1000,
    SAME_SIGNAL_MS = 100
};

/* --- Signals --------------------------------------------------------------------------------------- */

static void signal_set(sigset_t *set)
{
    sigemptyset(set);
    sigaddset(set, SIGINT);
    sigaddset(set, SIGTERM);
}

static void end_stop(int number)
{
    static const char text[] = "inferometer: ended at once\n";
    ssize_t ignored = write(STDERR_FILENO, text, sizeof text - 1);
    (void)ignored;
    _exit(128 + number);
}

static void end_start(int number)
{
    static const char text[] = "inferometer: ended before it was ready\n";
    ssize_t ignored = write(STDERR_FILENO, text, sizeof text - 1);
    (void)ignored;
    (void)number;
    _exit(CMD_OK);
}

/* From now on a signal ends us at once (M1). One that is waiting already does, too. */
static void signals_end_us(void (*how)(int number))
{
    sigset_t set;
    signal_set(&set);
    struct sigaction action = {.sa_handler = how};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

/* From now on signals wait until they are read. */
static void signals_wait(void)
{
    sigset_t set;
    signal_set(&set);
    pthread_sigmask(SIG_BLOCK, &set, NULL); /* first: the handler stays until none can come */
    struct sigaction action = {.sa_handler = SIG_DFL};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

/* Also SIGHUP of a program that was started with nohup: here it means something. */
static int signals_open(void)
{
    sigset_t set;
    signal_set(&set);
    sigaddset(&set, SIGHUP);
    struct sigaction action = {.sa_handler = SIG_DFL};
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    sigaction(SIGHUP, &action, NULL);
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* --- Starting -------------------------------------------------------------------------------------- */

/* As many files as we may: connections, targets and blocks need one each. */
static void raise_file_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

/* Queries take much memory for a moment, and the next needs it again: a page that comes from the system
 * costs more than many a function of it. So freed memory stays until no query came for a while, when run()
 * lets it go. */
static void keep_memory(void)
{
    mallopt(M_ARENA_MAX, 2);
    mallopt(M_MMAP_THRESHOLD, KEPT_PIECE_BYTES);
    mallopt(M_TRIM_THRESHOLD, KEPT_BYTES);
    mallopt(M_TOP_PAD, KEPT_TOP_BYTES);
}

/* False always. A sentence that says already what to do stays as it is. */
static bool add_hint(ifm_error *err, const char *hint)
{
    ifm_error plain = *err;
    if (strstr(err->message, "; hint: ") != NULL) {
        return false;
    }
    return ifm_error_set(err, plain.code, "%s; hint: %s", plain.message, hint);
}

static bool lock_by_hand(struct monitor *monitor, ifm_error *err)
{
    bool held;
    monitor_record record;
    if (!monitor_place_lock(&monitor->place, &held, err)) {
        return false;
    }
    if (held) {
        return true;
    }
    if (!monitor_place_read(&monitor->place, &record)) {
        return ifm_error_set(
            err, IFM_BUSY,
            "another monitor of yours is starting or stopping; hint: try again, or give this "
            "one another --storage.tsdb.path");
    }
    return ifm_error_set(err, IFM_BUSY,
                         "a monitor of yours runs already at %.100s (process %d); hint: inferometer monitor "
                         "stop, or another --storage.tsdb.path",
                         record.url, (int)record.pid);
}

/* Finds its place. False with an empty error: it is over, *status says how. */
static bool take_place(struct monitor *monitor, int *status, ifm_error *err)
{
    monitor_settings *settings = monitor->settings;
    monitor->in_place = settings->store.folder == NULL;
    if (!monitor->in_place) {
        ifm_error ignored; /* then it does not look for loggers */
        if (!monitor_place_init(&monitor->place, false, &ignored)) {
            monitor_place_deinit(&monitor->place);
        }
        monitor->data = settings->store.folder;
        return true;
    }
    if (!monitor_place_init(&monitor->place, true, err)) {
        return err->code == IFM_IO && add_hint(err, "XDG_STATE_HOME names another folder for all of it");
    }
    monitor->data = monitor->place.data;
    if (settings->report_fd == 0) {
        return lock_by_hand(monitor, err);
    }
    signals_end_us(end_start);
    bool ours = monitor_embedded_begin(settings, &monitor->place, status);
    signals_wait();
    if (!ours) {
        err->code = IFM_OK;
        return false;
    }
    settings->log.path = monitor->place.log;
    return monitor_log_open(monitor->place.log, err);
}

/* What was given in files is checked before anything is started, its rules too. */
static bool read_files(struct monitor *monitor, ifm_error *err)
{
    const monitor_settings *settings = monitor->settings;
    if (settings->given[MONITOR_CONFIG_FILE] != NULL) {
        if (settings->target_count > 0 || settings->given[MONITOR_SCRAPE_INTERVAL] != NULL) {
            return ifm_error_set(
                err, IFM_INVALID,
                "--target and --scrape.interval do not go with --config.file; hint: write them "
                "into the file");
        }
        monitor->config = monitor_config_read(monitor, err);
        rules_set *rules = monitor->config != NULL ? monitor_rules_load(monitor, monitor->config, err) : NULL;
        rules_set_free(rules);
        if (rules == NULL) {
            return false;
        }
    }
    if (settings->given[MONITOR_WEB_CONFIG] != NULL) {
        monitor->web_config = config_web_load(settings->given[MONITOR_WEB_CONFIG], err);
        return monitor->web_config != NULL;
    }
    return true;
}

static const config_file *config_now(void *context)
{
    return monitor_config_now(context);
}

static bool reload(void *context, ifm_error *err)
{
    return monitor_reload(context, err);
}

static void quit(void *context)
{
    const struct monitor *monitor = context;
    eventfd_write(monitor->wake_fd, 1);
}

/* Where it was told to; a logger's takes the next free port. */
static bool listen_somewhere(struct monitor *monitor, web_options *options, ifm_error *err)
{
    char listen[LISTEN_SIZE];
    bool chosen = options->listen != NULL;
    int tries = chosen || monitor->settings->report_fd == 0 ? 1 : MONITOR_PORT_TRIES;
    for (int i = 0; i < tries; i++) {
        snprintf(listen, sizeof listen, MONITOR_ADDRESS ":%d", MONITOR_PORT + i);
        if (!chosen) {
            options->listen = listen;
        }
        monitor->web = web_server_start(options, err);
        if (monitor->web != NULL || err->code != IFM_BUSY) {
            break;
        }
        if (i + 1 < tries) {
            ifm_log(IFM_LOG_INFO, "%s: the next port is tried", err->message);
        }
    }
    if (monitor->web == NULL && err->code == IFM_BUSY) {
        add_hint(err, "another port with --web.listen-address");
    }
    return monitor->web != NULL;
}

/* The folder is read at each request, so it may come later: a slip of the hand is said all the same. */
static void warn_of_dashboards(const char *folder)
{
    if (folder != NULL && access(folder, R_OK | X_OK) != 0) {
        ifm_log(IFM_LOG_WARNING,
                "could not read the folder \"%s\" of --dashboards.path: %s; hint: until it is there, the "
                "pages have "
                "the built-in dashboards only",
                folder, strerror(errno));
    }
}

static bool start_web(struct monitor *monitor, ifm_error *err)
{
    const monitor_settings *settings = monitor->settings;
    web_options options = settings->web;
    warn_of_dashboards(options.dashboards);
    options.flags = monitor_settings_flags(settings, monitor->data, &monitor->arena, &options.flag_count);
    if (options.flags == NULL) {
        return ifm_error_nomem(err);
    }
    monitor->registry = ifm_registry_new(NULL, err);
    options.web = monitor->web_config;
    options.registry = monitor->registry;
    options.config_path = settings->given[MONITOR_CONFIG_FILE];
    options.config = config_now;
    options.reload = reload;
    options.quit = quit;
    options.context = monitor;
    return monitor->registry != NULL && listen_somewhere(monitor, &options, err);
}

static bool open_store(struct monitor *monitor, ifm_error *err)
{
    tsdb_options options = monitor->settings->store;
    const config_file *config = monitor->config;
    options.folder = monitor->data;
    if (config != NULL) { /* the file has the last word, as in Prometheus */
        options.retention_ms = config->retention_ms != 0 ? config->retention_ms : options.retention_ms;
        options.retention_bytes =
            config->retention_bytes != 0 ? config->retention_bytes : options.retention_bytes;
        options.exemplars_max =
            (uint32_t)(config->exemplars_max < UINT32_MAX ? config->exemplars_max : UINT32_MAX);
    }
    signals_end_us(end_start);
    bool ok = tsdb_open(&options, &monitor->db, err);
    signals_wait();
    if (ok || (err->code != IFM_BUSY && err->code != IFM_IO)) {
        return ok;
    }
    return add_hint(err, err->code == IFM_BUSY ? "stop that one, or another --storage.tsdb.path"
                                               : "--storage.tsdb.path names another folder");
}

static bool start_what_is_configured(struct monitor *monitor, ifm_error *err)
{
    const config_file *config = monitor->config != NULL ? monitor->config : monitor_config_read(monitor, err);
    if (config == NULL) {
        return false;
    }
    rules_set *rules = monitor_rules_load(monitor, config, err);
    pthread_mutex_lock(&monitor->lock);
    monitor->config = config;
    monitor->reload_ok = true;
    monitor->reload_ms = ifm_os_clock_real.wall_ms();
    pthread_mutex_unlock(&monitor->lock);
    if (rules == NULL) {
        return false;
    }
    monitor_config_warn(config);
    if (!scrape_manager_apply(monitor->scrape, config, err)) {
        rules_set_free(rules);
        return false;
    }
    return monitor_rules_start(monitor, rules, err);
}

static bool start_work(struct monitor *monitor, ifm_error *err)
{
    char agent[64];
    snprintf(agent, sizeof agent, "inferometer/%s", ifm_version());
    const scrape_options options = {.db = monitor->db, .user_agent = agent};
    if (monitor->place.registered != NULL) {
        ifm_os_presence_sweep(monitor->place.registered); /* loggers that were killed */
    }
    pthread_mutex_lock(&monitor->reload_lock); /* somebody may ask for a reload over HTTP already */
    monitor->scrape = scrape_manager_new(&options, err);
    bool ok = monitor->scrape != NULL && start_what_is_configured(monitor, err);
    pthread_mutex_unlock(&monitor->reload_lock);
    return ok;
}

static bool write_record(const struct monitor *monitor, ifm_error *err)
{
    monitor_record record = {
        .pid = getpid(),
        .started_ms = ifm_os_clock_real.wall_ms(),
        .finds_loggers = monitor->settings->given[MONITOR_CONFIG_FILE] == NULL,
    };
    snprintf(record.url, sizeof record.url, "%s", web_server_url(monitor->web));
    snprintf(record.version, sizeof record.version, "%s", ifm_version());
    return !monitor->in_place || monitor_place_write(&monitor->place, &record, err);
}

static bool start(struct monitor *monitor, ifm_error *err)
{
    ifm_log(IFM_LOG_INFO, "inferometer %s starts; the data is in %s", ifm_version(), monitor->data);
    if (!start_web(monitor, err)) {
        return false;
    }
    ifm_log(IFM_LOG_INFO, "listening at %s", web_server_url(monitor->web));
    if (!open_store(monitor, err) || !start_work(monitor, err) || !monitor_metrics_register(monitor, err) ||
        !monitor_rules_metrics_register(monitor, err)) {
        return false;
    }
    web_server_set_ready(monitor->web, monitor->db, monitor->scrape);
    return write_record(monitor, err); // M2
}

/* --- Running --------------------------------------------------------------------------------------- */

static void reload_now(struct monitor *monitor)
{
    char text[96];
    ifm_error err; /* which was logged */
    snprintf(text, sizeof text, "RELOADING=1\nMONOTONIC_USEC=%lld",
             (long long)(ifm_os_monotonic_ns() / 1000));
    monitor_notify(text);
    (void)!monitor_reload(monitor, &err);
    monitor_notify("READY=1");
}

/* Gives back what queries left. Returns how many there were; with `seen` of them already there is nothing. */
static uint64_t return_memory(const struct monitor *monitor, uint64_t seen)
{
    web_stats stats;
    web_stats_now(monitor->web, &stats);
    if (stats.requests != seen && stats.queries_active == 0) {
        ifm_alloc_trim();
        return stats.requests;
    }
    return seen;
}

/* timeout(1) and others send a signal to the process and to its group: that is one wish to end, not a second
 * one that cannot wait. */
static void take_double(struct pollfd *signals)
{
    struct signalfd_siginfo info;
    poll(signals, 1, SAME_SIGNAL_MS);
    while (read(signals->fd, &info, sizeof info) == sizeof info) {
        ;
    }
}

/* Until somebody wants it to end. */
static void run(struct monitor *monitor, int signal_fd)
{
    struct pollfd waits[] = {{.fd = signal_fd, .events = POLLIN}, {.fd = monitor->wake_fd, .events = POLLIN}};
    uint64_t requests = 0;
    for (;;) {
        struct signalfd_siginfo info;
        int found = poll(waits, IFM_COUNT_OF(waits), RETURN_MEMORY_MS);
        if (found <= 0) { /* or EINTR */
            requests = return_memory(monitor, requests);
            continue;
        }
        if (waits[1].revents != 0) {
            ifm_log(IFM_LOG_INFO, "ending, as asked for over HTTP");
            return;
        }
        if (read(signal_fd, &info, sizeof info) != sizeof info) {
            continue;
        }
        if (info.ssi_signo != SIGHUP) {
            ifm_log(IFM_LOG_INFO, "ending, because of signal %s",
                    info.ssi_signo == SIGINT ? "SIGINT" : "SIGTERM");
            take_double(&waits[0]);
            return;
        }
        reload_now(monitor);
    }
}

static void ready(const struct monitor *monitor)
{
    const char *url = web_server_url(monitor->web);
    ifm_log(IFM_LOG_INFO, "ready at %s", url);
    if (monitor->settings->report_fd == 0) {
        printf("serving %s\n", url);
        fflush(stdout);
    }
    monitor_report_ok(monitor->settings->report_fd, url, monitor_settings_note(monitor->settings));
    monitor_notify("READY=1");
}

static void stop(struct monitor *monitor)
{
    if (monitor->in_place && monitor->place.lock_fd >= 0) {
        monitor_place_forget(&monitor->place); // M2
    }
    rules_manager_cancel(monitor->rules); /* a reload over HTTP waits until it has given up */
    web_server_stop(monitor->web);
    rules_manager_free(monitor->rules);
    scrape_manager_free(monitor->scrape);
    tsdb_close(monitor->db);
    ifm_registry_free(monitor->registry);
    config_release(monitor->config);
    config_web_free(monitor->web_config);
    monitor_place_deinit(&monitor->place);
    ifm_bump_deinit(&monitor->arena);
    if (monitor->wake_fd >= 0) {
        close(monitor->wake_fd);
    }
    pthread_mutex_destroy(&monitor->lock);
    pthread_mutex_destroy(&monitor->reload_lock);
}

static int fail(const monitor_settings *settings, const ifm_error *err)
{
    monitor_report_error(settings->report_fd, err);
    if (settings->report_fd != 0) {
        ifm_log(IFM_LOG_ERROR, "%s", err->message);
        return CMD_TROUBLE;
    }
    return cmd_fail(err);
}

/* Everything between a process that has begun and one that ends. */
static int begin(struct monitor *monitor, int signal_fd)
{
    ifm_error err = {.code = IFM_OK};
    int status = CMD_OK;
    if (!take_place(monitor, &status, &err)) {
        return err.code == IFM_OK ? status : fail(monitor->settings, &err);
    }
    if (!read_files(monitor, &err) || !start(monitor, &err)) {
        return fail(monitor->settings, &err);
    }
    monitor->is_ready = true;
    ifm_alloc_trim(); /* what reading the log left */
    monitor_memory_release();
    ready(monitor);
    run(monitor, signal_fd);
    return CMD_OK;
}

int monitor_main(const cmd_call *call, monitor_settings *settings)
{
    struct monitor monitor = {.settings = settings, .place = {.lock_fd = -1}};
    (void)call; /* its descriptor does not hear of SIGHUP under nohup */
    umask(077);
    raise_file_limit();
    keep_memory();
    monitor_settings_complete(settings);
    ifm_log_set(monitor_log_say, &settings->log);
    ifm_bump_init(&monitor.arena, ARENA_BYTES_MAX);
    pthread_mutex_init(&monitor.lock, NULL);
    pthread_mutex_init(&monitor.reload_lock, NULL);
    monitor.wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    int signal_fd = signals_open();
    int status = begin(&monitor, signal_fd);
    monitor_notify("STOPPING=1");
    signals_end_us(end_stop); // M1: the second one does not wait
    stop(&monitor);
    if (monitor.is_ready) {
        ifm_log(IFM_LOG_INFO, "ended");
    }
    ifm_log_set(NULL, NULL);
    close(signal_fd);
    return status;
}
