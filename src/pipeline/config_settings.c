/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/config_settings.h"

#include "base/base.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

/* A value that has a name, as "any" or "both". */
struct choice {
    const char *text;
    int value;
};

static const struct choice port_choices[] = {
    {"any", IFM_ENDPOINT_PORT_ANY},
    {"off", IFM_LOGGER_PORT_NONE},
    {NULL, 0},
};

static const struct choice naming_choices[] = {
    {"inferometer", IFM_NAMING_INFEROMETER},
    {"deepsparse", IFM_NAMING_DEEPSPARSE},
    {"both", IFM_NAMING_BOTH},
    {NULL, 0},
};

static const struct choice monitoring_choices[] = {
    {"none", IFM_MONITORING_NONE},
    {"stack", IFM_MONITORING_STACK},
    {"embedded", IFM_MONITORING_EMBEDDED},
    {"auto", IFM_MONITORING_AUTO},
    {NULL, 0},
};

static const struct choice registration_choices[] = {
    {"on", IFM_REGISTRATION_ON},
    {"off", IFM_REGISTRATION_OFF},
    {NULL, 0},
};

static bool read_choice(const struct choice *choices, const char *text, int *out)
{
    for (; choices->text != NULL; choices++) {
        if (strcmp(choices->text, text) == 0) {
            *out = choices->value;
            return true;
        }
    }
    return false;
}

/* Decimal digits alone, at most `max`. */
static bool read_whole(const char *text, uint64_t max, uint64_t *out)
{
    uint64_t value = 0;
    for (const char *c = text; *c != '\0'; c++) {
        uint64_t digit = (uint64_t)(unsigned char)*c - '0';
        if (digit > 9 || digit > max || value > (max - digit) / 10) {
            return false;
        }
        value = value * 10 + digit;
    }
    *out = value;
    return *text != '\0';
}

static bool apply_port(const char *text, ifm_logger_options *settings)
{
    uint64_t port;
    if (read_whole(text, 65535, &port) && port > 0) {
        settings->port = (int)port;
        return true;
    }
    return read_choice(port_choices, text, &settings->port);
}

static bool apply_naming(const char *text, ifm_logger_options *settings)
{
    int naming;
    bool ok = read_choice(naming_choices, text, &naming);
    if (ok) {
        settings->naming = (ifm_naming)naming;
    }
    return ok;
}

static bool apply_monitoring(const char *text, ifm_logger_options *settings)
{
    int monitoring;
    bool ok = read_choice(monitoring_choices, text, &monitoring);
    if (ok) {
        settings->monitoring = (ifm_monitoring)monitoring;
    }
    return ok;
}

static bool apply_registration(const char *text, ifm_logger_options *settings)
{
    int registration;
    bool ok = read_choice(registration_choices, text, &registration);
    if (ok) {
        settings->registration = (ifm_registration)registration;
    }
    return ok;
}

static bool apply_text_every(const char *text, ifm_logger_options *settings)
{
    return read_whole(text, UINT64_MAX, &settings->text_every);
}

static bool apply_text_seconds(const char *text, ifm_logger_options *settings)
{
    double seconds;
    bool ok = ifm_number_read(text, strlen(text), &seconds) && isfinite(seconds) && seconds >= 0;
    if (ok) {
        settings->text_seconds = seconds;
    }
    return ok;
}

static bool apply_text(const char *text, const char **field)
{
    if (*text != '\0') {
        *field = text;
    }
    return *text != '\0';
}

const char *ifm_setting_key(ifm_setting setting)
{
    static const char *const keys[] = {
#define SETTING_KEY(name) #name,
        IFM_SETTING_MAP(SETTING_KEY)
#undef SETTING_KEY
    };
    return keys[setting];
}

const char *ifm_setting_accepted(ifm_setting setting)
{
    switch (setting) {
    case IFM_SETTING_port:
        return "1 to 65535, \"any\" or \"off\"";
    case IFM_SETTING_naming:
        return "\"inferometer\", \"deepsparse\" or \"both\"";
    case IFM_SETTING_text_every:
        return "a whole number of inferences";
    case IFM_SETTING_text_seconds:
        return "a number of seconds from 0";
    case IFM_SETTING_monitoring:
        return "\"none\", \"stack\", \"embedded\" or \"auto\"";
    case IFM_SETTING_registration:
        return "\"on\" or \"off\"";
    default:
        return "a text that is not empty";
    }
}

bool ifm_setting_apply(ifm_setting setting, const char *text, ifm_logger_options *settings)
{
    switch (setting) {
    case IFM_SETTING_port:
        return apply_port(text, settings);
    case IFM_SETTING_address:
        return apply_text(text, &settings->address);
    case IFM_SETTING_user:
        return apply_text(text, &settings->user);
    case IFM_SETTING_password_hash:
        return apply_text(text, &settings->password_hash);
    case IFM_SETTING_tls_cert_file:
        return apply_text(text, &settings->tls_cert_file);
    case IFM_SETTING_tls_key_file:
        return apply_text(text, &settings->tls_key_file);
    case IFM_SETTING_naming:
        return apply_naming(text, settings);
    case IFM_SETTING_text_directory:
        return apply_text(text, &settings->text_directory);
    case IFM_SETTING_text_name:
        return apply_text(text, &settings->text_name);
    case IFM_SETTING_text_every:
        return apply_text_every(text, settings);
    case IFM_SETTING_text_seconds:
        return apply_text_seconds(text, settings);
    case IFM_SETTING_monitoring:
        return apply_monitoring(text, settings);
    case IFM_SETTING_registration:
        return apply_registration(text, settings);
    case IFM_SETTING_COUNT:
        break;
    }
    return false;
}

bool ifm_setting_is_given(ifm_setting setting, const ifm_logger_options *settings)
{
    switch (setting) {
#define SETTING_IS_GIVEN(name)                                                                               \
    case IFM_SETTING_##name:                                                                                 \
        return settings->name != 0;
        IFM_SETTING_MAP(SETTING_IS_GIVEN)
#undef SETTING_IS_GIVEN
    case IFM_SETTING_COUNT:
        break;
    }
    return false;
}
