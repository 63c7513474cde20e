/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/registration.h"

#include "base/base.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
    PRIVATE_MODE = 0700, /* of the state folder: passwords are kept in it */
    TARGETS_MODE =
        0755 /* of the targets: a Prometheus in a container, to which this folder is given, is another
                            user */
};

/* "http://127.0.0.1:8000/metrics" -> "127.0.0.1:8000"; what a URL writes as "%25", an address has as "%". */
void ifm_registration_target_of(const char *url, ifm_registration_target *out)
{
    static const char zone[] = "%25";
    const char *host = strstr(url, "://");
    host = host == NULL ? url : host + 3;
    int size = (int)strcspn(host, "/");
    out->tls = strncmp(url, "https:", 6) == 0;
    snprintf(out->address, sizeof out->address, "%.*s", size, host);
    char *percent = strstr(out->address, zone);
    if (percent != NULL) {
        memmove(percent + 1, percent + 3, strlen(percent + 3) + 1);
    }
}

/* A JSON string of any bytes. */
static void append_string(ifm_buf *out, const char *text)
{
    ifm_buf valid;
    ifm_buf_init(&valid, SIZE_MAX);
    ifm_utf8_repair(&valid, text, strlen(text), IFM_REGISTRATION_PROCESS_BYTES_MAX);
    ifm_buf_append_char(&valid, '\0');
    ifm_buf_append_json(out, valid.failed == IFM_OK ? valid.data : "");
    out->failed = out->failed == IFM_OK ? valid.failed : out->failed;
    ifm_buf_deinit(&valid);
}

/* The instance is the address, as everywhere; no process id, which would make new series at every start. */
static void append_entry(ifm_buf *out, const char *process, const ifm_registration_target *target)
{
    ifm_buf_printf(out, "[{\"targets\":[\"%s\"],\"labels\":{\"process\":", target->address);
    append_string(out, process);
    ifm_buf_append_text(out, target->tls ? ",\"__scheme__\":\"https\"}}]\n" : "}}]\n");
}

/* "PROCESS-PID-PORT", of characters that need no care in any shell. */
static void file_name(const char *process, const ifm_registration_target *target,
                      char out[IFM_OS_PRESENCE_NAME_MAX])
{
    static const char safe[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-";
    char name[IFM_REGISTRATION_PROCESS_BYTES_MAX + 1];
    snprintf(name, sizeof name, "%s", process);
    for (char *c = name; *c != '\0'; c++) {
        if (strchr(safe, *c) == NULL || (c == name && (*c == '.' || *c == '-'))) {
            *c = '_';
        }
    }
    const char *port = strrchr(target->address, ':');
    snprintf(out, IFM_OS_PRESENCE_NAME_MAX, "%s-%d-%s", name, (int)getpid(), port == NULL ? "0" : port + 1);
}

static char *targets_folder(ifm_error *err)
{
    char *state = ifm_os_state_path(NULL, err);
    char *targets = state == NULL ? NULL : ifm_os_state_path("targets", err);
    if (targets != NULL && (!ifm_os_make_folders(state, PRIVATE_MODE, err) ||
                            !ifm_os_make_folders(targets, TARGETS_MODE, err))) {
        ifm_free(targets);
        targets = NULL;
    }
    ifm_free(state);
    return targets;
}

ifm_os_presence *ifm_registration_open(const char *process, const char *url, ifm_error *err)
{
    if (ifm_os_is_privileged()) {
        ifm_error_set(err, IFM_UNSUPPORTED, "a program with raised privileges is not registered");
        return NULL;
    }
    ifm_registration_target target;
    char name[IFM_OS_PRESENCE_NAME_MAX];
    process = process[0] == '\0' ? "process" : process;
    ifm_registration_target_of(url, &target);
    file_name(process, &target, name);
    ifm_os_presence *presence = NULL;
    ifm_buf text;
    ifm_buf_init(&text, IFM_OS_PRESENCE_TEXT_MAX);
    append_entry(&text, process, &target);
    char *folder = ifm_buf_check(&text, err) ? targets_folder(err) : NULL;
    if (folder != NULL) {
        ifm_os_presence_sweep(folder);
        presence = ifm_os_presence_open(folder, name, text.data, text.size, err);
    }
    ifm_free(folder);
    ifm_buf_deinit(&text);
    return presence;
}
