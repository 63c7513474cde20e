/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as a logger's YAML file: either all settings can be used, or there is an error with a sentence.
 */
#include "pipeline/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *no_environment(const char *name)
{
    (void)name;
    return NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static int fd = -1;
    if (fd < 0) {
        fd = memfd_create("config", MFD_CLOEXEC);
    }
    if (fd < 0 || ftruncate(fd, 0) != 0 || pwrite(fd, data, size, 0) != (ssize_t)size) {
        abort();
    }
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    const ifm_logger_options options = {.config_file = path};
    ifm_config config;
    ifm_error err = {.code = IFM_OK};
    if (!ifm_config_init(&config, &options, no_environment, &err)) {
        if (err.code == IFM_OK || err.message[0] == '\0') {
            abort();
        }
        return 0;
    }
    const ifm_logger_options *settings = &config.settings;
    if (settings->port < IFM_LOGGER_PORT_NONE || settings->port == 0 || settings->port > 65535 ||
        settings->naming == IFM_NAMING_DEFAULT || !(settings->text_seconds >= 0)) {
        abort();
    }
    ifm_config_deinit(&config);
    return 0;
}
