/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/environment.h"

#include "base/base.h"
#include "pipeline/config_settings.h"

#include <stdlib.h>

/* Not every setting: the environment of a process can be read by others, so hashes and keys are not
 * taken from it. */
static const struct variable {
    const char *name;
    ifm_setting setting;
} variables[] = {
    {"INFEROMETER_PORT", IFM_SETTING_port},
    {"INFEROMETER_ADDRESS", IFM_SETTING_address},
    {"INFEROMETER_NAMING", IFM_SETTING_naming},
    {"INFEROMETER_TEXT_DIRECTORY", IFM_SETTING_text_directory},
    {"INFEROMETER_TEXT_NAME", IFM_SETTING_text_name},
    {"INFEROMETER_TEXT_EVERY", IFM_SETTING_text_every},
    {"INFEROMETER_TEXT_SECONDS", IFM_SETTING_text_seconds},
    {"INFEROMETER_MONITORING", IFM_SETTING_monitoring},
    {"INFEROMETER_REGISTRATION", IFM_SETTING_registration},
};

const char *ifm_environment_real(const char *name)
{
    return getenv(name);
}

bool ifm_environment_apply(ifm_environment_get get, ifm_logger_options *settings, ifm_error *err)
{
    for (size_t i = 0; i < IFM_COUNT_OF(variables); i++) {
        const char *text = get(variables[i].name);
        if (text == NULL || *text == '\0') {
            continue; /* "VARIABLE=" is how compose files and service units spell "not set" */
        }
        if (!ifm_setting_apply(variables[i].setting, text, settings)) {
            return ifm_error_set(err, IFM_INVALID,
                                 "environment variable %s=\"%.64s\" cannot be used; accepted: %s",
                                 variables[i].name, text, ifm_setting_accepted(variables[i].setting));
        }
    }
    return true;
}
