/* SPDX-License-Identifier: Apache-2.0
 *
 * D8: what the services complain of in their logs, when they do not run: a folder for data that they may
 * not write to, or that is full.
 */
#include "stack/doctor_impl.h"

#include "stack/text.h"

#include <stdio.h>
#include <string.h>

typedef enum data_fault { FAULT_DENIED, FAULT_FULL, FAULT_LOCKED } data_fault;

static const struct {
    const char *part; /* of a line of the log */
    data_fault fault;
} signs[] = {
    {"GF_PATHS_DATA", FAULT_DENIED}, /* ='/var/lib/grafana' is not writable */
    {"can't create directory '/var/lib/grafana", FAULT_DENIED},
    {"attempt to write a readonly database", FAULT_DENIED},
    {"queries.active", FAULT_DENIED},
    {"Unable to create mmap-ed active query log", FAULT_DENIED},
    {"no space left on device", FAULT_FULL},
    {"database or disk is full", FAULT_FULL},
    {"lock DB directory", FAULT_LOCKED},
    {"database is locked", FAULT_LOCKED},
};

/* Opening the storage fails for many reasons; only some of them are of the folder. */
static bool find_sign(const char *line, data_fault *out)
{
    for (size_t i = 0; i < IFM_COUNT_OF(signs); i++) {
        if (strstr(line, signs[i].part) != NULL) {
            *out = signs[i].fault;
            return true;
        }
    }
    if (strcasestr(line, "permission denied") != NULL &&
        (strstr(line, "storage") != NULL || strstr(line, "/prometheus") != NULL ||
         strstr(line, "/var/lib/grafana") != NULL || strstr(line, "-data") != NULL)) {
        *out = FAULT_DENIED;
        return true;
    }
    return false;
}

/* The last line with a sign. */
static bool scan(const char *log, data_fault *fault, char *out, size_t size)
{
    bool found = false;
    while (log != NULL && *log != '\0') {
        size_t length = strcspn(log, "\n");
        char line[1024];
        data_fault here;
        stack_text_format(line, sizeof line, "%.*s", (int)length, log);
        if (find_sign(line, &here)) {
            found = true;
            *fault = here;
            stack_text_copy(out, size, line);
        }
        log += length + (log[length] == '\n');
    }
    return found;
}

/* Gives the folder back to the user that the image runs as; the data stays. */
static void denied_fix(doctor_state *state, const char *service, char *out, size_t size)
{
    char path[DOCTOR_PATH_SIZE], quoted[DOCTOR_PATH_SIZE];
    bool grafana = strcmp(service, "grafana") == 0;
    if (doctor_is_native(state)) {
        char name[64];
        snprintf(name, sizeof name, "native/%s-data", service);
        snprintf(out, size, "sudo chown -R \"$(id -u)\" %.600s",
                 doctor_quote(doctor_path(state, name, path), quoted));
        return;
    }
    const char *image = grafana ? state->record->grafana_image : state->record->prometheus_image;
    snprintf(out, size,
             "%s run --rm --user root -v %.60s_%s-data:/data --entrypoint chown %.160s -R %s /data",
             stack_engine_name(state->record->engine), state->record->project, service,
             image == NULL ? "IMAGE" : image, grafana ? "472:0" : "65534:65534");
}

static void d8_service(doctor_state *state, const char *service, bool answers)
{
    data_fault fault;
    char line[STACK_SENTENCE_SIZE], fix[STACK_DOCTOR_TEXT_SIZE];
    if (answers) {
        return; /* whatever the log says is of an earlier start */
    }
    char *log = doctor_log(state, service);
    bool found = scan(log, &fault, line, sizeof line);
    ifm_free(log);
    if (!found) {
        return;
    }
    switch (fault) {
    case FAULT_DENIED:
        denied_fix(state, service, fix, sizeof fix);
        doctor_fail(state, fix, "%s may not write to its folder for data: %s", service, line);
        break;
    case FAULT_FULL:
        doctor_fail(state, "df -h", "the disk that %s keeps its data on is full: %s", service, line);
        break;
    case FAULT_LOCKED:
        doctor_fail(state, "inferometer stack down && inferometer stack up",
                    "another %s uses the same folder for data: %s", service, line);
        break;
    }
}

void doctor_d8_data(doctor_state *state)
{
    if (doctor_skip_without_stack(state)) {
        return;
    }
    bool prometheus = doctor_ask_prometheus(state)->ok;
    bool grafana = !state->record->grafana || doctor_ask_grafana(state)->ok;
    d8_service(state, "prometheus", prometheus);
    if (state->record->grafana) {
        d8_service(state, "grafana", grafana);
    }
    if (state->lines == 0) {
        doctor_ok(state, prometheus && grafana ? "data can be written"
                                               : "the logs have no complaint of the folders for data");
    }
}
