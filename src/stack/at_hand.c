/* SPDX-License-Identifier: Apache-2.0
 *
 * Before stack up is chosen for somebody who did not ask for it: whether it would come up by itself.
 */
#include "stack/images.h"
#include "stack/services.h"
#include "stack/stack.h"

#include <stdio.h>

/* Runs: then no other is started beside it, whatever the engine has. */
static bool runs(const stack_session *session, const stack_folder *folder)
{
    stack_record record;
    ifm_error ignored; /* what cannot be seen does not run */
    bool there = false, running = false;
    if (stack_folder_record(folder, &record, &there, &ignored) && there) {
        const stack_services services = {.session = session, .folder = folder, .record = &record};
        if (!stack_services_running(&services, "prometheus", &running, &ignored)) {
            running = false;
        }
    }
    stack_record_deinit(&record);
    return running;
}

static bool has_image(const stack_compose *compose, const char *image, ifm_error *err)
{
    char name[STACK_IMAGE_SIZE];
    bool there;
    if (!stack_image_name(compose->engine, image, name, err) ||
        !stack_compose_has_image(compose, name, &there, err)) {
        return false;
    }
    return there || ifm_error_set(err, IFM_NOT_FOUND, "the image %s is not on this machine", name);
}

/* An engine that works, with both images. */
static bool engine_has_images(const stack_session *session, const stack_folder *folder,
                              const stack_options *options, stack_engine engine, ifm_error *err)
{
    stack_engine_info info;
    stack_engine_probe(session->system, engine, session->cancel_fd, &info);
    if (info.fault != STACK_FAULT_NONE) {
        const char *cause = info.fault == STACK_FAULT_NOT_INSTALLED ? "not installed" : info.cause;
        return ifm_error_set(err, IFM_NOT_FOUND, "%s", cause);
    }
    const stack_record record = {.engine = info.engine, .tool = info.tool};
    const stack_services services = {.session = session, .folder = folder, .record = &record};
    const stack_compose compose = stack_services_compose(&services);
    const char *prometheus = options->prometheus_image, *grafana = options->grafana_image;
    return has_image(&compose, prometheus != NULL ? prometheus : STACK_PROMETHEUS_IMAGE, err) &&
           has_image(&compose, grafana != NULL ? grafana : STACK_GRAFANA_IMAGE, err);
}

bool stack_is_at_hand(const stack_session *session, const stack_options *options, ifm_error *err)
{
    stack_folder folder;
    if (!stack_folder_open(&folder, false, err)) {
        return false;
    }
    bool ok = runs(session, &folder);
    if (!ok) {
        ifm_error docker, podman;
        ok = engine_has_images(session, &folder, options, STACK_ENGINE_DOCKER, &docker) ||
             engine_has_images(session, &folder, options, STACK_ENGINE_PODMAN, &podman) ||
             ifm_error_set(err, IFM_NOT_FOUND, "docker: %.100s; podman: %.100s", docker.message,
                           podman.message);
    }
    stack_folder_close(&folder);
    return ok && stack_wait(session, 0, err);
}
