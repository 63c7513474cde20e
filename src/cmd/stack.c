/* SPDX-License-Identifier: Apache-2.0
 *
 * inferometer stack down, status, logs, reset-password; up is in stack_up.c.
 */
#include "cmd/all.h"
#include "cmd/progress.h"
#include "cmd/session.h"
#include "cmd/values.h"

#include "base/base.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* --- down ----------------------------------------------------------------------------------------- */

typedef struct down_settings {
    bool volumes, yes;
} down_settings;

enum { DOWN_VOLUMES, DOWN_YES };

static const cmd_option down_options[] = {
    {DOWN_VOLUMES, "volumes", NULL, NULL,
     "Also remove the stored metrics and Grafana's settings; asks first."},
    {DOWN_YES, "yes", NULL, NULL, "Do not ask."},
    {0},
};

static bool down_take(void *settings, int id, const char *value, ifm_error *err)
{
    (void)value;
    (void)err;
    down_settings *down = settings;
    *(id == DOWN_VOLUMES ? &down->volumes : &down->yes) = true;
    return true;
}

/* Ctrl-C while it asks is a no. */
static bool ask(const cmd_call *call)
{
    char answer[16] = "";
    fputs("This removes all metrics that were stored, and Grafana's settings. Go on? [y/N] ", stderr);
    if (!cmd_wait_for_input(call)) {
        fputc('\n', stderr);
        return false;
    }
    ssize_t size = read(STDIN_FILENO, answer, sizeof answer - 1);
    return size > 0 && (answer[0] == 'y' || answer[0] == 'Y');
}

static int down_run(const cmd_call *call, void *settings)
{
    const down_settings *down = settings;
    if (down->volumes && !down->yes) {
        if (isatty(STDIN_FILENO) != 1) {
            fputs("inferometer: --volumes removes data and cannot ask here; hint: add --yes\n", stderr);
            return CMD_USAGE;
        }
        if (!ask(call)) {
            fputs("nothing was changed\n", stderr);
            return CMD_TROUBLE;
        }
    }
    cmd_progress progress;
    stack_session session = cmd_session(call, &progress, CMD_STOP_S);
    ifm_error err;
    bool ok = stack_down(&session, down->volumes, &err);
    return cmd_session_end(&progress, ok, &err);
}

const cmd_command cmd_stack_down = {
    .name = "stack down",
    .arguments = "",
    .summary = "Stops Prometheus and Grafana; their data stays.",
    .description = "",
    .options = down_options,
    .take = down_take,
    .settings_size = sizeof(down_settings),
    .run = down_run,
};

/* --- status --------------------------------------------------------------------------------------- */

static void print_line(void *context, stack_news news, const char *text)
{
    (void)context;
    if (news == STACK_DONE || news == STACK_WARN) {
        puts(text);
    }
}

static int status_run(const cmd_call *call, void *settings)
{
    (void)settings;
    cmd_progress progress;
    stack_session session = cmd_session(call, &progress, CMD_STOP_S);
    session.tell = print_line;
    bool running;
    ifm_error err;
    if (!stack_status(&session, &running, &err)) {
        return cmd_session_end(&progress, false, &err);
    }
    return running ? CMD_OK : CMD_TROUBLE;
}

static const cmd_option no_options[] = {{0}};

const cmd_command cmd_stack_status = {
    .name = "stack status",
    .arguments = "",
    .summary = "Says what runs, where, and which targets are up; ends with 1 when something is not well.",
    .description = "",
    .options = no_options,
    .run = status_run,
};

/* --- logs ----------------------------------------------------------------------------------------- */

typedef struct logs_settings {
    int lines;
    bool follow;
} logs_settings;

enum { LOGS_LINES, LOGS_FOLLOW };

static const cmd_option logs_options[] = {
    {LOGS_LINES, "lines", "N", NULL, "How many of the last lines to show (100)."},
    {LOGS_FOLLOW, "follow", NULL, NULL, "Go on with what is added, until Ctrl-C."},
    {0},
};

static bool logs_take(void *settings, int id, const char *value, ifm_error *err)
{
    logs_settings *logs = settings;
    if (id == LOGS_LINES) {
        return cmd_whole(value, 1, 1000000, &logs->lines, err);
    }
    logs->follow = true;
    return true;
}

static int logs_run(const cmd_call *call, void *settings)
{
    const logs_settings *logs = settings;
    cmd_progress progress;
    stack_session session = cmd_session(call, &progress, 0);
    ifm_error err;
    const char *service = call->argument_count > 0 ? call->arguments[0] : NULL;
    if (service != NULL && strcmp(service, "prometheus") != 0 && strcmp(service, "grafana") != 0) {
        fprintf(stderr, "inferometer stack logs: \"%s\" is neither prometheus nor grafana\n", service);
        return CMD_USAGE;
    }
    bool ok = stack_logs(&session, service, logs->lines != 0 ? logs->lines : 100, logs->follow, &err);
    return cmd_session_end(&progress, ok, &err);
}

const cmd_command cmd_stack_logs = {
    .name = "stack logs",
    .arguments = "[prometheus|grafana]",
    .summary = "Shows what Prometheus and Grafana wrote to their logs.",
    .description = "",
    .options = logs_options,
    .take = logs_take,
    .settings_size = sizeof(logs_settings),
    .run = logs_run,
    .arguments_max = 1,
};

/* --- reset-password ------------------------------------------------------------------------------- */

typedef struct reset_settings {
    char *password;
} reset_settings;

static const cmd_option reset_options[] = {
    {0, "password-file", "FILE", NULL,
     "The new password is the file's first line, \"-\" for the standard input (a generated one)."},
    {0},
};

static bool reset_take(void *settings, int id, const char *value, ifm_error *err)
{
    (void)id;
    reset_settings *reset = settings;
    ifm_free(reset->password);
    reset->password = NULL;
    return cmd_secret_file(value, &reset->password, err);
}

static int reset_run(const cmd_call *call, void *settings)
{
    reset_settings *reset = settings;
    cmd_progress progress;
    stack_session session = cmd_session(call, &progress, CMD_STOP_S);
    ifm_error err;
    bool ok = stack_reset_password(&session, reset->password, &err);
    ifm_free(reset->password);
    return cmd_session_end(&progress, ok, &err);
}

const cmd_command cmd_stack_reset_password = {
    .name = "stack reset-password",
    .arguments = "",
    .summary = "Gives Grafana's admin a new password, when the stored one is not accepted any more.",
    .description = "",
    .options = reset_options,
    .take = reset_take,
    .settings_size = sizeof(reset_settings),
    .run = reset_run,
};
