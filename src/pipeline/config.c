/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/config.h"

#include "base/base.h"
#include "pipeline/config_file.h"
#include "pipeline/config_settings.h"

#include <math.h>

/* Settings come from one place, so that nobody has to know which of two would win. */
static bool check_only_file(const ifm_logger_options *options, ifm_error *err)
{
    for (ifm_setting setting = 0; setting < IFM_SETTING_COUNT; setting++) {
        if (ifm_setting_is_given(setting, options)) {
            return ifm_error_set(err, IFM_INVALID,
                                 "option \"%s\" is given beside config_file; hint: move it into the file",
                                 ifm_setting_key(setting));
        }
    }
    return true;
}

static bool config_load(ifm_config *config, const ifm_logger_options *options, ifm_error *err)
{
    if (!check_only_file(options, err)) {
        return false;
    }
    config->file = ifm_config_file_open(options->config_file, &config->settings, err);
    if (config->file == NULL) {
        return false;
    }
    if (options->stage_bounds != NULL && config->settings.stage_bounds != options->stage_bounds) {
        return ifm_error_set(err, IFM_INVALID,
                             "option \"stage_bounds\" is given in the options and in \"%s\"",
                             options->config_file);
    }
    return true;
}

static bool config_check(const ifm_logger_options *settings, ifm_error *err)
{
    if (settings->port < IFM_LOGGER_PORT_NONE || settings->port > 65535) {
        return ifm_error_set(err, IFM_INVALID,
                             "port %d cannot be used; accepted: 1 to 65535, IFM_ENDPOINT_PORT_ANY or "
                             "IFM_LOGGER_PORT_NONE",
                             settings->port);
    }
    if ((unsigned)settings->naming > IFM_NAMING_BOTH) {
        return ifm_error_set(err, IFM_INVALID, "naming %d cannot be used; accepted: those of ifm_naming",
                             (int)settings->naming);
    }
    if ((unsigned)settings->monitoring > IFM_MONITORING_AUTO) {
        return ifm_error_set(err, IFM_INVALID,
                             "monitoring %d cannot be used; accepted: those of ifm_monitoring",
                             (int)settings->monitoring);
    }
    if ((unsigned)settings->registration > IFM_REGISTRATION_OFF) {
        return ifm_error_set(err, IFM_INVALID,
                             "registration %d cannot be used; accepted: those of ifm_registration",
                             (int)settings->registration);
    }
    if (!isfinite(settings->text_seconds) || settings->text_seconds < 0) {
        return ifm_error_set(err, IFM_INVALID, "text_seconds %g cannot be used; accepted: %s",
                             settings->text_seconds, ifm_setting_accepted(IFM_SETTING_text_seconds));
    }
    if ((settings->stage_bounds == NULL) != (settings->stage_bound_count == 0)) {
        return ifm_error_set(err, IFM_INVALID, "stage_bounds and stage_bound_count must be given together");
    }
    return true;
}

static void config_defaults(ifm_logger_options *settings)
{
    if (settings->port == 0) {
        settings->port = IFM_ENDPOINT_PORT_DEFAULT;
    }
    if (settings->naming == IFM_NAMING_DEFAULT) {
        settings->naming = IFM_NAMING_INFEROMETER;
    }
    if (settings->text_every == 0 && settings->text_seconds == 0) {
        settings->text_every = IFM_TEXT_EVERY_DEFAULT;
    }
    if (settings->stage_bounds == NULL) {
        settings->stage_bounds = ifm_buckets_stage(&settings->stage_bound_count);
    }
}

bool ifm_config_init(ifm_config *config, const ifm_logger_options *options, ifm_environment_get get,
                     ifm_error *err)
{
    static const ifm_logger_options none = {.port = 0};
    options = options == NULL ? &none : options;
    *config = (ifm_config){.settings = *options};
    bool ok = options->config_file == NULL || config_load(config, options, err);
    if (!ok || !ifm_environment_apply(get, &config->settings, err) || !config_check(&config->settings, err)) {
        ifm_config_deinit(config);
        return false;
    }
    config_defaults(&config->settings);
    return true;
}

void ifm_config_deinit(ifm_config *config)
{
    ifm_config_file_close(config->file);
    *config = (ifm_config){.file = NULL};
}
