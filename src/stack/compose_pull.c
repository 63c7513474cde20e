/* SPDX-License-Identifier: Apache-2.0
 *
 * Without a terminal both engines write a line whenever a layer of the image changes its state:
 *
 *     docker                                   podman
 *     a480a496ba95: Pulling fs layer           Copying blob sha256:a480a496ba95..
 *     a480a496ba95: Download complete
 *     a480a496ba95: Pull complete              Copying blob a480a496ba95 done
 *     5e6c4d6a3ef9: Already exists             Copying blob 5e6c4d6a3ef9 skipped: already exists
 *
 * Of a hundred such lines a user wants to know how far it is.
 */
#include "stack/compose_impl.h"
#include "stack/images.h"
#include "stack/output.h"

#include <stdio.h>
#include <string.h>

enum {
    LAYERS_MAX = 128, /* of an image; overlay file systems allow no more */
    LAYER_BYTES = 12, /* of a layer's name, which Docker cuts so */
    SAY_EVERY_MS = 2000
};

typedef struct layer {
    char name[LAYER_BYTES + 1];
    bool done;
} layer;

typedef struct pull {
    const stack_compose *compose;
    const char *image;
    layer layers[LAYERS_MAX];
    int count, done;
    int said_count, said_done; /* when it was said last */
    int64_t said_ms;
} pull;

static void say(const stack_compose *compose, const char *line)
{
    if (compose->say != NULL) {
        compose->say(compose->context, line);
    }
}

/* The layer of that name, a new one if need be; NULL when there are too many. */
static layer *pull_layer(pull *at, const char *name)
{
    for (int i = 0; i < at->count; i++) {
        if (strncmp(at->layers[i].name, name, LAYER_BYTES) == 0) {
            return &at->layers[i];
        }
    }
    if (at->count == LAYERS_MAX) {
        return NULL;
    }
    layer *new = &at->layers[at->count++];
    memcpy(new->name, name, LAYER_BYTES);
    return new;
}

/* The name of the layer that a line is about; NULL when it is about none. */
static const char *layer_name(const char *line)
{
    static const char podman[] = "Copying blob ";
    bool is_podman = strncmp(line, podman, sizeof podman - 1) == 0;
    line += is_podman ? sizeof podman - 1 : 0;
    line += is_podman && strncmp(line, "sha256:", 7) == 0 ? 7 : 0;
    size_t size = strspn(line, "0123456789abcdef");
    bool ok = is_podman ? size >= LAYER_BYTES : size == LAYER_BYTES && line[size] == ':';
    return ok ? line : NULL;
}

static bool layer_is_done(const char *line)
{
    static const char *const ends[] = {"Pull complete", "Already exists", " done",
                                       " skipped: already exists"};
    for (size_t i = 0; i < IFM_COUNT_OF(ends); i++) {
        if (strstr(line, ends[i]) != NULL) {
            return true;
        }
    }
    return false;
}

/* A clock that was set back says something too often, never nothing more. */
static void pull_say(pull *at)
{
    const stack_system *system = at->compose->system;
    if (at->count == at->said_count && at->done == at->said_done) {
        return;
    }
    int64_t now_ms = system->wall_ms(system->context);
    if (now_ms >= at->said_ms && now_ms - at->said_ms < SAY_EVERY_MS) {
        return;
    }
    char line[512];
    if (at->done == 0) { /* podman may not say which are */
        snprintf(line, sizeof line, "pulling %s: %d layers", at->image, at->count);
    } else {
        snprintf(line, sizeof line, "pulling %s: %d of %d layers", at->image, at->done, at->count);
    }
    say(at->compose, line);
    at->said_count = at->count;
    at->said_done = at->done;
    at->said_ms = now_ms;
}

static void pull_line(void *context, const char *line)
{
    pull *at = context;
    const char *name = layer_name(line);
    layer *changed = name == NULL ? NULL : pull_layer(at, name);
    if (changed == NULL) {
        return;
    }
    if (!changed->done && layer_is_done(line)) {
        changed->done = true;
        at->done++;
    }
    pull_say(at);
}

bool stack_compose_pull(const stack_compose *compose, const char *image, ifm_error *err)
{
    char line[512], name[STACK_IMAGE_SIZE];
    if (!stack_image_name(compose->engine, image, name, err)) {
        return false;
    }
    snprintf(line, sizeof line, "pulling %s", image);
    say(compose, line);
    pull at = {
        .compose = compose, .image = image, .said_ms = compose->system->wall_ms(compose->system->context)};
    compose_command command = {.progress = pull_line, .context = &at};
    stack_command_add(&command, stack_compose_program(compose));
    stack_command_add(&command, "pull");
    stack_command_add(&command, name);
    ifm_os_command_result result;
    if (!stack_command_run(compose, &command, &result, err)) {
        return ifm_error_wrap(err, "could not pull \"%s\"", image);
    }
    bool ok = result.status == 0;
    if (ok) {
        snprintf(line, sizeof line, "pulled %s", image);
        say(compose, line);
    } else {
        say(compose, stack_output_last_line(result.err, line, sizeof line));
        stack_compose_fail(&result, err, "pull \"%s\"", image);
    }
    ifm_os_command_result_deinit(&result);
    return ok;
}
