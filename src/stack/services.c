/* SPDX-License-Identifier: Apache-2.0 */
#include "stack/services.h"

#include "stack/native.h"
#include "stack/services_native.h"

#include <stdio.h>
#include <string.h>

static bool is_native(const stack_services *services)
{
    return services->record->engine == STACK_ENGINE_NATIVE;
}

static void say_detail(void *context, const char *line)
{
    stack_tell(context, STACK_DETAIL, "%s", line);
}

stack_compose stack_services_compose(const stack_services *services)
{
    stack_session *session; /* the callback's context has no const */
    memcpy(&session, &services->session, sizeof session);
    return (stack_compose){
        .system = services->session->system,
        .engine = services->record->engine,
        .tool = services->record->tool,
        .folder = services->folder->path,
        .project = services->record->project,
        .deadline_ns = services->session->deadline_ns,
        .cancel_fd = services->session->cancel_fd,
        .say = say_detail,
        .context = session,
    };
}

static stack_native native_of(const stack_services *services, const char *service)
{
    return (stack_native){.folder = services->folder, .service = service};
}

/* --- State and images ----------------------------------------------------------------------------- */

bool stack_services_state(const stack_services *services, const char *service, char out[STACK_STATE_SIZE],
                          ifm_error *err)
{
    if (!is_native(services)) {
        stack_compose compose = stack_services_compose(services);
        return stack_compose_state(&compose, service, out, STACK_STATE_SIZE, err);
    }
    stack_native native = native_of(services, service);
    pid_t pid;
    bool ok = stack_native_pid(&native, &pid, err);
    snprintf(out, STACK_STATE_SIZE, "%s", ok && pid != 0 ? "running" : "");
    return ok;
}

bool stack_services_running(const stack_services *services, const char *service, bool *out, ifm_error *err)
{
    char state[STACK_STATE_SIZE];
    bool ok = stack_services_state(services, service, state, err);
    *out = ok && strcmp(state, "running") == 0;
    return ok;
}

static bool fetch(const stack_services *services, const char *image, bool offline, ifm_error *err)
{
    stack_compose compose = stack_services_compose(services);
    bool there;
    if (!stack_compose_has_image(&compose, image, &there, err)) {
        return false;
    }
    if (there) {
        return true;
    }
    const char *engine = services->record->engine == STACK_ENGINE_PODMAN ? "podman" : "docker";
    if (offline) {
        return ifm_error_set(
            err, IFM_NOT_FOUND,
            "the image %s is not on this machine, and --offline pulls none; hint: on another one: "
            "%s save %s | ssh HERE %s load",
            image, engine, image, engine);
    }
    stack_tell(services->session, STACK_STEP, "pulling %s", image);
    bool ok = stack_compose_pull(&compose, image, err);
    if (ok) {
        stack_tell(services->session, STACK_DONE, "pulled %s", image);
    }
    return ok;
}

bool stack_services_fetch(const stack_services *services, bool offline, ifm_error *err)
{
    return is_native(services) || (fetch(services, services->record->prometheus_image, offline, err) &&
                                   fetch(services, services->record->grafana_image, offline, err));
}

/* --- Both ----------------------------------------------------------------------------------------- */

bool stack_services_start(const stack_services *services, const stack_plan *plan,
                          const stack_files_change *change, ifm_error *err)
{
    if (is_native(services)) {
        return stack_services_native_start(services, plan, change, err);
    }
    stack_compose compose = stack_services_compose(services);
    return stack_compose_up(&compose, err);
}

bool stack_services_stop(const stack_services *services, bool volumes, ifm_error *err)
{
    if (!is_native(services)) {
        stack_compose compose = stack_services_compose(services);
        return stack_compose_down(&compose, volumes, err);
    }
    stack_native grafana = native_of(services, "grafana");
    stack_native prometheus = native_of(services, "prometheus");
    return stack_native_stop(&grafana, services->session, err) &&
           stack_native_stop(&prometheus, services->session, err) &&
           (!volumes || stack_services_native_remove(services, err));
}

bool stack_services_stop_unrecorded(const stack_session *session, const stack_folder *folder, bool *any,
                                    ifm_error *err)
{
    const stack_record record = {.engine = STACK_ENGINE_NATIVE};
    const stack_services services = {.session = session, .folder = folder, .record = &record};
    bool prometheus, grafana;
    *any = false;
    if (!stack_services_running(&services, "prometheus", &prometheus, err) ||
        !stack_services_running(&services, "grafana", &grafana, err)) {
        return false;
    }
    *any = prometheus || grafana;
    return !*any || stack_services_stop(&services, false, err);
}

bool stack_services_log(const stack_services *services, const char *service, int lines, char **out,
                        ifm_error *err)
{
    if (!is_native(services)) {
        stack_compose compose = stack_services_compose(services);
        return stack_compose_log(&compose, service, lines, out, err);
    }
    stack_native native = native_of(services, service);
    *out = stack_native_log(&native, lines, err);
    return *out != NULL;
}
