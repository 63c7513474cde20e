/* SPDX-License-Identifier: Apache-2.0
 *
 * The settings of a logger that can be written as text, in a YAML file or in the environment.
 *
 * Thread-safety: any thread; no state.
 */
#ifndef IFM_PIPELINE_CONFIG_SETTINGS_H
#define IFM_PIPELINE_CONFIG_SETTINGS_H

#include <inferometer/logger.h>
#include <stdbool.h>
#include <stddef.h>

/* XX(name): the key in YAML, and the field of ifm_logger_options. */
#define IFM_SETTING_MAP(XX)                                                                                  \
    XX(port)                                                                                                 \
    XX(address)                                                                                              \
    XX(user)                                                                                                 \
    XX(password_hash)                                                                                        \
    XX(tls_cert_file)                                                                                        \
    XX(tls_key_file)                                                                                         \
    XX(naming)                                                                                               \
    XX(text_directory)                                                                                       \
    XX(text_name)                                                                                            \
    XX(text_every)                                                                                           \
    XX(text_seconds)                                                                                         \
    XX(monitoring)                                                                                           \
    XX(registration)

typedef enum ifm_setting {
#define IFM_SETTING_ENUM(name) IFM_SETTING_##name,
    IFM_SETTING_MAP(IFM_SETTING_ENUM)
#undef IFM_SETTING_ENUM
        IFM_SETTING_COUNT
} ifm_setting;

/* The key, "port". */
const char *ifm_setting_key(ifm_setting setting);

/* What a value may be, to be read after "accepted: ". */
const char *ifm_setting_accepted(ifm_setting setting);

/* Puts `text` into its field of `settings`, which borrows it. False when it cannot be used. */
bool ifm_setting_apply(ifm_setting setting, const char *text, ifm_logger_options *settings);

/* Whether the field is something else than zero. */
bool ifm_setting_is_given(ifm_setting setting, const ifm_logger_options *settings);

#endif
