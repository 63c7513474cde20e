/* SPDX-License-Identifier: Apache-2.0
 *
 * inferometer monitor.
 */
#include "cmd/monitor.h"

#include "cmd/all.h"

static int monitor_run(const cmd_call *call, void *settings)
{
    return monitor_main(call, settings);
}

const cmd_command cmd_monitor = {
    .name = "monitor",
    .arguments = "",
    .summary = "Watches the pipelines of this machine, keeps what they say, and answers queries.",
    .description = "Scrapes, stores, and answers Prometheus's HTTP API, in one process; it stays until it is "
                   "told to end. "
                   "Loggers with monitoring \"embedded\" start it by themselves, one for all of yours. "
                   "SIGHUP makes it read its configuration again.",
    .options = monitor_options,
    .take = monitor_take,
    .settings_size = sizeof(monitor_settings),
    .run = monitor_run,
};
