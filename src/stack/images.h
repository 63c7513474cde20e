/* SPDX-License-Identifier: Apache-2.0
 *
 * The one place with the versions of what the stack runs. Pinned: "latest" would be pulled again at each
 * start, and be something else the next day. To change one: try the dashboards with it, then change it
 * here alone.
 *
 * Thread-safety: any thread; no state.
 */
#ifndef STACK_IMAGES_H
#define STACK_IMAGES_H

#include "stack/stack.h"

/* Versions of 2026-09. Not grafana/grafana-oss: it ended with 12.4. */
#define STACK_PROMETHEUS_IMAGE "prom/prometheus:v3.14.0"
#define STACK_GRAFANA_IMAGE    "grafana/grafana:13.2.1"

enum { STACK_IMAGE_SIZE = 300 };

/* The name by which the engine finds the image: podman asks which registry a short name means, and gets
 * the one that Docker takes without asking. False with IFM_INVALID when it is no name of an image. */
bool stack_image_name(stack_engine engine, const char *image, char out[STACK_IMAGE_SIZE], ifm_error *err);

#endif
