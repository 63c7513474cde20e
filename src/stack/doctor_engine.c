/* SPDX-License-Identifier: Apache-2.0
 *
 * D1 to D3 and D19: what the stack runs on. A fault counts as broken only when the stack cannot run for it:
 * whoever has podman need not have Docker.
 */
#include "stack/doctor_impl.h"
#include "stack/images.h"

#include "stack/text.h"

#include <stdio.h>
#include <string.h>

/* Whether `info` is an engine that the stack was started with, or the only hope that is left. */
static bool matters(doctor_state *state, const stack_engine_info *info)
{
    return state->record != NULL ? state->record->engine == info->engine : doctor_engine_used(state) == NULL;
}

/* "docker 20.10.24 answers". */
static void describe(const stack_engine_info *info, char *out, size_t size)
{
    if (info->engine == STACK_ENGINE_NATIVE) {
        snprintf(out, size, "Prometheus %s is installed", info->server_version);
    } else {
        snprintf(out, size, "%s %s answers%s%s", stack_engine_name(info->engine), info->server_version,
                 info->rootless ? " (rootless)" : "", info->desktop ? " (Desktop)" : "");
    }
}

/* --- D1 ------------------------------------------------------------------------------------------- */

static void d1_recorded(doctor_state *state)
{
    const stack_engine_info *info = doctor_engine(state, state->record->engine);
    char what[STACK_SENTENCE_SIZE];
    if (info->fault == STACK_FAULT_NO_PERMISSION) {
        doctor_skip(state, "%s does not let this user ask, see D2", stack_engine_name(info->engine));
    } else if (info->fault == STACK_FAULT_NONE || info->fault == STACK_FAULT_NO_COMPOSE) {
        describe(info, what, sizeof what);
        doctor_ok(state, "%s", what);
    } else {
        doctor_fail(state, info->fix, "%s", info->cause);
    }
}

/* What is there but does not work is worth a word: somebody wanted it. */
static void d1_broken_beside(doctor_state *state, const stack_engine_info *used)
{
    for (stack_engine engine = STACK_ENGINE_DOCKER; engine <= STACK_ENGINE_PODMAN; engine++) {
        const stack_engine_info *info = doctor_engine(state, engine);
        if (info->fault == STACK_FAULT_NOT_RUNNING || info->fault == STACK_FAULT_WRONG_CONTEXT ||
            info->fault == STACK_FAULT_OTHER) {
            doctor_warn(state, info->fix, "%s; the stack would use %s instead", info->cause,
                        stack_engine_name(used->engine));
        }
    }
}

/* What is installed but does not work is what to mend; that other things are not there is no news. */
static void d1_none(doctor_state *state)
{
    const stack_engine_info *refused = NULL, *toolless = NULL;
    for (stack_engine engine = STACK_ENGINE_DOCKER; engine <= STACK_ENGINE_NATIVE; engine++) {
        const stack_engine_info *info = doctor_engine(state, engine);
        if (info->fault == STACK_FAULT_NO_PERMISSION) {
            refused = info;
        } else if (info->fault == STACK_FAULT_NO_COMPOSE) {
            toolless = info;
        } else if (info->fault != STACK_FAULT_NOT_INSTALLED) {
            doctor_fail(state, info->fix, "%s", info->cause);
        }
    }
    if (state->lines > 0) {
        return;
    }
    if (refused != NULL) {
        doctor_skip(state, "%s does not let this user ask, see D2", stack_engine_name(refused->engine));
    } else if (toolless != NULL) {
        char what[STACK_SENTENCE_SIZE];
        describe(toolless, what, sizeof what);
        doctor_ok(state, "%s", what);
    } else {
        const stack_engine_info *docker = doctor_engine(state, STACK_ENGINE_DOCKER);
        doctor_fail(state, docker->fix, "%s; nor are podman and Prometheus installed", docker->cause);
    }
}

static void d1_any(doctor_state *state)
{
    const stack_engine_info *used = doctor_engine_used(state);
    if (used == NULL) {
        d1_none(state);
        return;
    }
    char what[STACK_SENTENCE_SIZE], missing[64] = "";
    describe(used, what, sizeof what);
    for (stack_engine engine = STACK_ENGINE_DOCKER; engine < used->engine; engine++) {
        if (doctor_engine(state, engine)->fault == STACK_FAULT_NOT_INSTALLED) {
            size_t size = strlen(missing);
            snprintf(missing + size, sizeof missing - size, "%s%s", size == 0 ? "" : " and ",
                     stack_engine_name(engine));
        }
    }
    doctor_ok(state, "%s%s%s%s", what, missing[0] == '\0' ? "" : "; without ", missing,
              missing[0] == '\0' ? "" : ", which is not needed");
    d1_broken_beside(state, used);
}

void doctor_d1_engine(doctor_state *state)
{
    if (state->record != NULL) {
        d1_recorded(state);
    } else {
        d1_any(state);
    }
}

/* --- D2 ------------------------------------------------------------------------------------------- */

void doctor_d2_socket(doctor_state *state)
{
    if (state->record != NULL && state->record->engine != STACK_ENGINE_DOCKER) {
        doctor_skip(state, "the stack does not run on docker");
        return;
    }
    const stack_engine_info *info = doctor_engine(state, STACK_ENGINE_DOCKER);
    switch (info->fault) {
    case STACK_FAULT_NO_PERMISSION:
        doctor_say(state, matters(state, info) ? STACK_DOCTOR_FAILED : STACK_DOCTOR_WARNING, info->fix, "%s",
                   info->cause);
        break;
    case STACK_FAULT_NOT_INSTALLED:
        doctor_skip(state, "docker is not installed");
        break;
    case STACK_FAULT_NONE:
    case STACK_FAULT_NO_COMPOSE:
        if (info->engine == STACK_ENGINE_PODMAN) {
            doctor_skip(state, "docker is podman here");
        } else {
            doctor_ok(state, "this user may use docker");
        }
        break;
    default:
        doctor_skip(state, "docker does not answer, see D1");
    }
}

/* --- D3 ------------------------------------------------------------------------------------------- */

static void d3_engine(doctor_state *state, const stack_engine_info *info)
{
    if (info->fault == STACK_FAULT_NO_COMPOSE) {
        doctor_say(state, matters(state, info) ? STACK_DOCTOR_FAILED : STACK_DOCTOR_WARNING, info->fix, "%s",
                   info->cause);
    } else if (info->fault != STACK_FAULT_NONE) {
        doctor_skip(state, "%s cannot be used, see D1 and D2", stack_engine_name(info->engine));
    } else if (info->note[0] != '\0') {
        doctor_warn(state,
                    "install the plugin: docker-compose-plugin of Docker's packages, or docker-compose-v2",
                    "%s", info->note);
    } else {
        doctor_ok(state, "%s %s", stack_tool_name(info->tool), info->tool_version);
    }
}

void doctor_d3_tool(doctor_state *state)
{
    if (doctor_is_native(state)) {
        doctor_skip(state, "the stack runs without containers");
        return;
    }
    if (state->record != NULL) {
        d3_engine(state, doctor_engine(state, state->record->engine));
        return;
    }
    const stack_engine_info *used = doctor_engine_used(state);
    for (stack_engine engine = STACK_ENGINE_DOCKER; engine <= STACK_ENGINE_PODMAN; engine++) {
        const stack_engine_info *info = doctor_engine(state, engine);
        if (info == used || info->fault == STACK_FAULT_NO_COMPOSE) {
            d3_engine(state, info);
        }
    }
    if (state->lines == 0) {
        doctor_skip(state, used == NULL ? "no container engine can be used, see D1 and D2"
                                        : "the stack would run without containers");
    }
}

/* --- D19 ------------------------------------------------------------------------------------------ */

/* "latest" is pulled again at each start, and is something else the next day. */
static bool is_pinned(const char *image)
{
    const char *slash = strrchr(image, '/');
    const char *tag = strrchr(slash == NULL ? image : slash, ':');
    return strchr(image, '@') != NULL || (tag != NULL && strcmp(tag, ":latest") != 0);
}

static bool d19_image(doctor_state *state, const stack_engine_info *info, const char *image)
{
    bool there;
    ifm_error err;
    char fix[STACK_SENTENCE_SIZE];
    const char *engine = stack_engine_name(info->engine);
    const stack_compose compose = {.system = state->system,
                                   .engine = info->engine,
                                   .deadline_ns =
                                       ifm_os_monotonic_ns() + DOCTOR_COMMAND_MS * INT64_C(1000000),
                                   .cancel_fd = state->doctor->cancel_fd};
    if (!stack_compose_has_image(&compose, image, &there, &err)) {
        doctor_skip(state, "could not see whether \"%s\" is here: %s", image, err.message);
        return false;
    }
    if (!there && state->record == NULL) {
        snprintf(fix, sizeof fix, "%s pull %s", engine, image);
        doctor_say(
            state, STACK_DOCTOR_OK, fix,
            "the image %s is not on this machine yet: stack up pulls it; for a machine without network, pull "
            "it elsewhere and use %s save and load",
            image, engine);
    } else if (!there) {
        snprintf(fix, sizeof fix, "%s pull %s", engine, image);
        doctor_warn(state, fix,
                    "the image %s is not on this machine any more: its container cannot be made anew without "
                    "network (else: %s save on another machine, %s load here)",
                    image, engine, engine);
    } else if (!is_pinned(image)) {
        doctor_warn(state, "inferometer stack up with images that have a version",
                    "the image %s has no version of its own: compose pulls it again at each start, and fails "
                    "without network",
                    image);
    }
    return there && is_pinned(image);
}

/* What was started, or would be. */
static bool images_of(const doctor_state *state, stack_engine engine, char prometheus[STACK_IMAGE_SIZE],
                      char grafana[STACK_IMAGE_SIZE])
{
    const stack_record *record = state->record;
    ifm_error ignored; /* a record without images is no record of containers */
    if (record != NULL && (record->prometheus_image == NULL || record->grafana_image == NULL)) {
        return false;
    }
    return stack_image_name(engine, record == NULL ? STACK_PROMETHEUS_IMAGE : record->prometheus_image,
                            prometheus, &ignored) &&
           stack_image_name(engine, record == NULL ? STACK_GRAFANA_IMAGE : record->grafana_image, grafana,
                            &ignored);
}

void doctor_d19_images(doctor_state *state)
{
    char prometheus[STACK_IMAGE_SIZE], grafana[STACK_IMAGE_SIZE];
    const stack_engine_info *info = doctor_engine_used(state);
    if (info != NULL && info->engine == STACK_ENGINE_NATIVE) {
        doctor_skip(state, "nothing needs an image: Prometheus is installed on this machine");
    } else if (info == NULL || info->fault != STACK_FAULT_NONE) {
        doctor_skip(state, "no container engine can be asked, see D1 to D3");
    } else if (!images_of(state, info->engine, prometheus, grafana)) {
        doctor_skip(state, "the images of the stack are not known");
    } else {
        bool both = d19_image(state, info, prometheus);
        both = d19_image(state, info, grafana) && both;
        if (both) {
            doctor_ok(state, "%s and %s are on this machine", prometheus, grafana);
        }
    }
}
