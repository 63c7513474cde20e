/* SPDX-License-Identifier: Apache-2.0 */
#include "common/dashboard.h"

void dashboard_tell(const ifm_logger *logger, struct console *console, FILE *stream, bool *told)
{
    const char *url = *told ? NULL : ifm_logger_monitoring_url(logger);
    if (url != NULL) {
        console_say(console, stream, "dashboard %s", url);
        *told = true;
    }
}
