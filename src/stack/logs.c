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
#include <sys/stat.h>
#include <unistd.h>

enum { SERVICES_MAX = 2, FOLLOW_MS = 250, PATH_BYTES = 4096, CHUNK_BYTES = 16384 };

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

/* A log that is being followed. */
typedef struct follower {
    const char *service;
    char path[PATH_BYTES];
    int fd; /* -1: there is none yet */
} follower;

static void follower_open(follower *of, const stack_services *services, const char *service)
{
    *of = (follower){.service = service};
    snprintf(of->path, sizeof of->path, "%s/native/logs/%s.log", services->folder->path, service);
    of->fd = open(of->path, O_RDONLY | O_CLOEXEC);
    if (of->fd >= 0) {
        lseek(of->fd, 0, SEEK_END);
    }
}

/* Prints what was added. `last` is whose lines were printed last, when there are several. */
static void follower_print(const follower *of, const char **last)
{
    char bytes[CHUNK_BYTES];
    for (ssize_t size = read(of->fd, bytes, sizeof bytes); size > 0;
         size = read(of->fd, bytes, sizeof bytes)) {
        if (last != NULL && *last != of->service) {
            printf("\n==> %s <==\n", of->service);
            *last = of->service;
        }
        fwrite(bytes, 1, (size_t)size, stdout);
    }
}

/* A log that was begun anew is another file, to which nobody changes before the old one is complete. */
static void follower_renew(follower *of, const char **last)
{
    struct stat named, opened;
    if (stat(of->path, &named) != 0 || (of->fd >= 0 && fstat(of->fd, &opened) == 0 &&
                                        named.st_dev == opened.st_dev && named.st_ino == opened.st_ino)) {
        return;
    }
    if (of->fd >= 0) {
        follower_print(of, last);
        close(of->fd);
    }
    of->fd = open(of->path, O_RDONLY | O_CLOEXEC);
}

/* Until the session is over, or nobody reads any more. */
static void follow(const stack_services *services, const char *const *names, size_t count)
{
    follower followers[SERVICES_MAX];
    const char *shown = names[count - 1]; /* its end was, before */
    const char **last = count > 1 ? &shown : NULL;
    ifm_error over;
    for (size_t i = 0; i < count; i++) {
        follower_open(&followers[i], services, names[i]);
    }
    do {
        for (size_t i = 0; i < count; i++) {
            follower_print(&followers[i], last);
            follower_renew(&followers[i], last);
        }
        fflush(stdout);
    } while (!ferror(stdout) && stack_wait(services->session, FOLLOW_MS, &over));
    for (size_t i = 0; i < count; i++) {
        if (followers[i].fd >= 0) {
            close(followers[i].fd);
        }
    }
}

static bool show_native(const stack_services *services, const char *service, int lines, bool following,
                        ifm_error *err)
{
    if (service != NULL && strcmp(service, "grafana") == 0 && !services->record->grafana) {
        return ifm_error_set(err, IFM_NOT_FOUND,
                             "this stack has no Grafana: grafana-server is not installed");
    }
    const char *names[SERVICES_MAX] = {service != NULL ? service : "prometheus", "grafana"};
    size_t count = service == NULL && services->record->grafana ? 2 : 1;
    bool ok = true;
    for (size_t i = 0; ok && i < count; i++) {
        ok = show_last(services, names[i], lines, count > 1, err);
    }
    if (ok && following) {
        follow(services, names, count);
    }
    return ok;
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
