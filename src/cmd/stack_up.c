/* SPDX-License-Identifier: Apache-2.0
 *
 * inferometer stack up.
 */
#include "cmd/all.h"
#include "cmd/session.h"
#include "cmd/stack_or_monitor.h"
#include "cmd/values.h"

#include "base/base.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
    UP_ENGINE,
    UP_NETWORK,
    UP_PROMETHEUS_PORT,
    UP_GRAFANA_PORT,
    UP_TARGET,
    UP_SCRAPE_INTERVAL,
    UP_EXPOSE,
    UP_PASSWORD_FILE,
    UP_PROMETHEUS_IMAGE,
    UP_GRAFANA_IMAGE,
    UP_OFFLINE,
    UP_TIMEOUT,
    UP_OR_MONITOR,
    UP_REPORT_FD
};

static const cmd_option up_options[] = {
    {UP_ENGINE, "engine", "ENGINE", "auto docker podman native",
     "What runs them: docker, podman, or the prometheus and grafana-server on PATH as processes (native). "
     "auto "
     "takes the first that works, in this order (auto)."},
    {UP_PROMETHEUS_PORT, "prometheus-port", "PORT", NULL, "Must be free (9090, or the next free one)."},
    {UP_GRAFANA_PORT, "grafana-port", "PORT", NULL, "Must be free (3000, or the next free one)."},
    {UP_TARGET, "target", "HOST:PORT", NULL,
     "Also watch this, or the URL of a metrics page; can be repeated, and is kept until it is given again. "
     "Programs "
     "on this machine that opened a logger are found without it."},
    {UP_SCRAPE_INTERVAL, "scrape-interval", "SECONDS", NULL, "How often targets are read (5)."},
    {UP_EXPOSE, "expose", "ADDRESS", NULL,
     "Listen on this address instead of 127.0.0.1. Needs --password-file: then both ask for user admin with "
     "this "
     "password, and nobody gets in without. There is no TLS."},
    {UP_PASSWORD_FILE, "password-file", "FILE", NULL,
     "The admin's password is the first line of this file, which only you may read (one is generated)."},
    {UP_PROMETHEUS_IMAGE, "prometheus-image", "IMAGE", NULL, "Instead of the version that was tried."},
    {UP_GRAFANA_IMAGE, "grafana-image", "IMAGE", NULL, "Instead of the version that was tried."},
    {UP_OFFLINE, "offline", NULL, NULL, "Pull no image: they must be there."},
    {UP_NETWORK, "network", "NETWORK", "auto host bridge",
     "Containers share this machine's network (host) or have one of their own (bridge) (auto)."},
    {UP_TIMEOUT, "timeout", "SECONDS", NULL, "Give up, and take back what was started, after so long (600)."},
    {UP_OR_MONITOR, "or-monitor", NULL, NULL,
     "Be the monitor of Inferometer instead when no container engine works and has the images, or when it "
     "runs already: what loggers with monitoring \"auto\" start."},
    {UP_REPORT_FD, "report-fd", "N", NULL,
     "For programs: the result is written to this descriptor as one line, \"OK URL\" or \"CODE SENTENCE\"."},
    {0},
};

typedef struct up_settings {
    stack_options stack;
    const char *targets[STACK_TARGETS_MAX];
    char *password;
    int timeout_s;
    int report_fd; /* 0: none */
    bool or_monitor;
} up_settings;

/* The index of a choice: cmd_run() has checked that it is one. */
static int choice(const char *value, const char *const *names)
{
    int i = 0;
    while (strcmp(names[i], value) != 0) {
        i++;
    }
    return i;
}

static bool take_target(up_settings *up, const char *value, ifm_error *err)
{
    up->stack.targets = up->targets;
    if (strcmp(value, "none") == 0) {
        up->stack.target_count = 0;
        return true;
    }
    if (up->stack.target_count == STACK_TARGETS_MAX) {
        return ifm_error_set(err, IFM_LIMIT, "there are more than %d targets; hint: a file below %s",
                             STACK_TARGETS_MAX, "prometheus/targets of the state folder takes any number");
    }
    up->targets[up->stack.target_count++] = value;
    return true;
}

static bool take_password(up_settings *up, const char *value, ifm_error *err)
{
    ifm_free(up->password);
    up->password = NULL;
    bool ok = cmd_secret_file(value, &up->password, err);
    up->stack.password = up->password;
    return ok;
}

static bool up_take(void *settings, int id, const char *value, ifm_error *err)
{
    static const char *const engines[] = {"auto", "docker", "podman", "native"};
    static const char *const networks[] = {"auto", "host", "bridge"};
    up_settings *up = settings;
    stack_options *stack = &up->stack;
    switch (id) {
    case UP_ENGINE:
        stack->engine = (stack_engine)choice(value, engines);
        return true;
    case UP_NETWORK:
        stack->network = (stack_network)choice(value, networks);
        return true;
    case UP_PROMETHEUS_PORT:
        return cmd_whole(value, 1, 65535, &stack->prometheus_port, err);
    case UP_GRAFANA_PORT:
        return cmd_whole(value, 1, 65535, &stack->grafana_port, err);
    case UP_TARGET:
        return take_target(up, value, err);
    case UP_SCRAPE_INTERVAL:
        return cmd_seconds(value, 1, 3600, &stack->scrape_interval_s, err);
    case UP_EXPOSE:
        stack->expose = value;
        return true;
    case UP_PASSWORD_FILE:
        return take_password(up, value, err);
    case UP_PROMETHEUS_IMAGE:
        stack->prometheus_image = value;
        return true;
    case UP_GRAFANA_IMAGE:
        stack->grafana_image = value;
        return true;
    case UP_OFFLINE:
        stack->offline = true;
        return true;
    case UP_TIMEOUT:
        return cmd_seconds(value, 1, 86400, &up->timeout_s, err);
    case UP_OR_MONITOR:
        up->or_monitor = true;
        return true;
    case UP_REPORT_FD:
        return cmd_whole(value, 3, 1023, &up->report_fd, err);
    default:
        return false;
    }
}

/* Whoever reads it may be gone: that is no trouble of ours (SIGPIPE is ignored). */
static void report(int fd, bool ok, const stack_result *result, const ifm_error *err)
{
    char text[sizeof result->complaint + STACK_URL_SIZE];
    int size;
    if (fd == 0) {
        return;
    }
    if (!ok) {
        size = snprintf(text, sizeof text, "%s %s\n", ifm_code_name(err->code), err->message);
    } else if (result->targets_down > 0) {
        size = snprintf(text, sizeof text, "%s %s\n", ifm_code_name(IFM_NOT_FOUND), result->complaint);
    } else {
        size = snprintf(text, sizeof text, "OK %s\n",
                        result->grafana_url[0] != '\0' ? result->grafana_url : result->prometheus_url);
    }
    ssize_t ignored = write(fd, text, (size_t)size);
    (void)ignored;
}

static void print_result(const stack_result *result)
{
    putchar('\n');
    if (result->grafana_url[0] != '\0') {
        printf("  dashboards  %s\n", result->grafana_url);
    }
    printf("  Prometheus  %s\n", result->prometheus_url);
    if (result->grafana_url[0] != '\0') {
        printf("  password    of user admin, in %s\n", result->password_file);
    }
    if (result->ssh_command[0] != '\0') {
        printf("  from there  %s\n", result->ssh_command);
    }
    puts("  to stop     inferometer stack down\n");
}

/* False with `err`: it could not be. */
static bool start(const stack_session *session, const up_settings *up, stack_result *result, ifm_error *err)
{
    char why[CMD_WHY_SIZE];
    *result = (stack_result){.targets_up = 0};
    if (up->or_monitor && cmd_prefers_monitor(session, &up->stack, why, err)) {
        cmd_become_monitor(&up->stack, why, up->report_fd, err); /* which does not return */
        return false;
    }
    return (!up->or_monitor || err->code == IFM_OK) && stack_up(session, &up->stack, result, err);
}

static int up_run(const cmd_call *call, void *settings)
{
    up_settings *up = settings;
    cmd_progress progress;
    stack_session session =
        cmd_session(call, &progress, up->timeout_s != 0 ? up->timeout_s : STACK_TIMEOUT_S);
    if (up->report_fd != 0) {
        fcntl(up->report_fd, F_SETFD, FD_CLOEXEC); /* what we start must not hold it open */
    }
    stack_result result;
    ifm_error err;
    bool ok = start(&session, up, &result, &err);
    cmd_progress_end(&progress);
    if (ok) {
        print_result(&result);
    }
    report(up->report_fd, ok, &result, &err);
    ifm_free(up->password);
    int status = cmd_session_end(&progress, ok, &err);
    return status == CMD_OK && result.targets_down > 0 ? CMD_TROUBLE : status;
}

const cmd_command cmd_stack_up = {
    .name = "stack up",
    .arguments = "",
    .summary = "Starts Prometheus and Grafana, set up for the pipelines of this machine.",
    .description = "When it ends, both answer, the dashboards are there, and each target is up; otherwise it "
                   "says what to do. "
                   "It can be given again at any time: what runs already stays, what differs is changed.",
    .options = up_options,
    .take = up_take,
    .settings_size = sizeof(up_settings),
    .run = up_run,
};
