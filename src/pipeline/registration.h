/* SPDX-License-Identifier: Apache-2.0
 *
 * A running logger's entry among the targets of this user on this host: a file in the format of Prometheus's
 * file_sd_configs, which is there as long as the logger is open (os/presence.h).
 *
 * Thread-safety: one thread.
 */
#ifndef IFM_PIPELINE_REGISTRATION_H
#define IFM_PIPELINE_REGISTRATION_H

#include "os/os.h"

#include <inferometer/error.h>
#include <stdbool.h>

enum {
    IFM_REGISTRATION_TARGET_SIZE = 128, /* of IFM_LISTEN_URL_SIZE, which is longer */
    IFM_REGISTRATION_PROCESS_BYTES_MAX =
        100 /* of the program's name: a label, and a part of the file's name */
};

/* An endpoint's URL as Prometheus writes a target: "127.0.0.1:8000", "[fe80::1%eth0]:8000". */
typedef struct ifm_registration_target {
    char address[IFM_REGISTRATION_TARGET_SIZE];
    bool tls;
} ifm_registration_target;

void ifm_registration_target_of(const char *url, ifm_registration_target *out);

/* Removes the entries of processes that are gone, and makes one for `url`. `process` is the program's name,
 * any bytes. The caller closes it with ifm_os_presence_close(). Errors: those of ifm_os_state_path(),
 * ifm_os_make_folders() and ifm_os_presence_open(); IFM_UNSUPPORTED in a program with raised privileges. */
ifm_os_presence *ifm_registration_open(const char *process, const char *url, ifm_error *err);

#endif
