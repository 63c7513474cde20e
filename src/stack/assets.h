/* SPDX-License-Identifier: Apache-2.0
 *
 * Files of the source tree that the program carries: the dashboards of dashboards/ and the rules of
 * deploy/rules/.
 */
#ifndef STACK_ASSETS_H
#define STACK_ASSETS_H

#include <stddef.h>

typedef struct stack_asset {
    const char *place; /* below the stack's folder: "grafana/dashboards/inferometer-overview.json" */
    const char *bytes;
    size_t size;
} stack_asset;

extern const stack_asset stack_assets[]; /* ends with a zeroed one */

#endif
