/* SPDX-License-Identifier: Apache-2.0 */
#include "stack/images.h"

#include "base/base.h"

#include <stdio.h>
#include <string.h>

/* Whether the name begins with a registry, as Docker decides it: a dot, a port, or localhost before the
 * slash. */
static bool has_registry(const char *image)
{
    size_t size = strcspn(image, "/");
    return image[size] == '/' && (memchr(image, '.', size) != NULL || memchr(image, ':', size) != NULL ||
                                  (size == 9 && strncmp(image, "localhost", 9) == 0));
}

static bool is_image(const char *image)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-/:@";
    size_t size = strlen(image);
    return size > 0 && size < STACK_IMAGE_SIZE - sizeof "docker.io/library/" && image[0] != '-' &&
           image[0] != '/' && strspn(image, allowed) == size;
}

bool stack_image_name(stack_engine engine, const char *image, char out[STACK_IMAGE_SIZE], ifm_error *err)
{
    if (!is_image(image)) {
        return ifm_error_set(err, IFM_INVALID,
                             "\"%.100s\" is no name of an image; hint: give it as " STACK_PROMETHEUS_IMAGE,
                             image);
    }
    bool complete = engine != STACK_ENGINE_PODMAN || has_registry(image);
    const char *before = complete ? "" : strchr(image, '/') != NULL ? "docker.io/" : "docker.io/library/";
    snprintf(out, STACK_IMAGE_SIZE, "%s%s", before, image);
    return true;
}
