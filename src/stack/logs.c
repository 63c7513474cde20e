/* SPDX-License-Identifier: Apache-2.0
 *
 * stack logs.
 */
#include "stack/native.h"
#include "stack/services.h"
#include "stack/stack.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { FOLLOW_MS = 250, PATH_BYTES = 4096, CHUNK_BYTES = 16384 };

static bool show_last(const stack_services *services, const char *service, int lines, bool named,
                      ifm_error *err)
{
    stack_native native = {.folder = services->folder, .service = service};
    char *text = stack_native_log(&native, lines, err);
    if (text == NULL) {
        return false;
    }
    if (named) {
        printf("==> %s <==\n", service);
    }
    fputs(text, stdout);
    ifm_free(text);
    return true;
}

/* Prints what is added to the log until the session is cancelled. A log that was begun anew is read anew. */
static bool follow(const stack_services *services, const char *service, ifm_error *err)
{
    char path[PATH_BYTES], bytes[CHUNK_BYTES];
    snprintf(path, sizeof path, "%s/native/logs/%s.log", services->folder->path, service);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return ifm_error_set(err, IFM_NOT_FOUND, "there is no log of %s yet", service);
    }
    lseek(fd, 0, SEEK_END);
    ifm_error over;
    do {
        for (ssize_t size = 1; size > 0;) {
            size = read(fd, bytes, sizeof bytes);
            fwrite(bytes, 1, size > 0 ? (size_t)size : 0, stdout);
        }
        fflush(stdout);
    } while (!ferror(stdout) && stack_wait(services->session, FOLLOW_MS, &over));
    close(fd);
    return true;
}

static bool show_native(const stack_services *services, const char *service, int lines, bool following,
                        ifm_error *err)
{
    bool all = service == NULL && services->record->grafana;
    service = service == NULL && !all ? "prometheus" : service;
    return (!(all || strcmp(service, "prometheus") == 0) ||
            show_last(services, "prometheus", lines, all, err)) &&
           (!(all || strcmp(service, "grafana") == 0) || show_last(services, "grafana", lines, all, err)) &&
           (!following || follow(services, all ? "prometheus" : service, err));
}

static bool show(const stack_services *services, const char *service, int lines, bool following,
                 ifm_error *err)
{
    if (services->record->engine == STACK_ENGINE_NATIVE) {
        return show_native(services, service, lines, following, err);
    }
    stack_compose compose = stack_services_compose(services);
    return stack_compose_show_logs(&compose, service, lines, following, err);
}

bool stack_logs(const stack_session *session, const char *service, int lines, bool following, ifm_error *err)
{
    if (service != NULL && strcmp(service, "prometheus") != 0 && strcmp(service, "grafana") != 0) {
        return ifm_error_set(err, IFM_INVALID, "\"%.60s\" is neither prometheus nor grafana", service);
    }
    stack_folder folder;
    stack_record record;
    bool recorded;
    if (!stack_folder_open(&folder, false, err)) {
        return false;
    }
    bool ok = stack_folder_record(&folder, &record, &recorded, err);
    if (ok && !recorded) {
        ok = ifm_error_set(err, IFM_NOT_FOUND, "nothing was started; hint: inferometer stack up");
    }
    if (ok) {
        stack_services services = {.session = session, .folder = &folder, .record = &record};
        ok = show(&services, service, lines, following, err);
    }
    stack_record_deinit(&record);
    stack_folder_close(&folder);
    return ok;
}
