/* SPDX-License-Identifier: Apache-2.0
 *
 * One value out of a YAML text, by its path: "global.scrape_interval", "datasources.0.uid". For
 * configuration whose schema belongs to somebody else, of which one or two values matter.
 *
 * Thread-safety: any thread; no state.
 */
#ifndef STACK_YAML_VALUE_H
#define STACK_YAML_VALUE_H

#include "base/base.h"

/* A text that is loaded once; opaque, so that libyaml's header stays in one file. */
typedef struct stack_yaml stack_yaml;

/* Loads the first document. Freed with stack_yaml_free(). NULL with `err`: IFM_INVALID (with the line),
 * IFM_LIMIT, IFM_NOMEM. */
stack_yaml *stack_yaml_new(const char *text, ifm_error *err);
stack_yaml *stack_yaml_read_file(const char *path, ifm_error *err); /* and IFM_IO */
void stack_yaml_free(stack_yaml *yaml);

/* The scalar at `path`; NULL when there is none. Valid as long as `yaml`. */
const char *stack_yaml_text(const stack_yaml *yaml, const char *path);

/* How many items the sequence or mapping at `path` has; 0 when there is none. "" is the whole document. */
size_t stack_yaml_count(const stack_yaml *yaml, const char *path);

/* The key of the item-th entry of the mapping at `path`; NULL when there is none. */
const char *stack_yaml_key(const stack_yaml *yaml, const char *path, size_t item);

/* "1m30s", "500ms" as Prometheus and Grafana write it, in milliseconds. False when it is no duration. */
bool stack_duration_read(const char *text, int64_t *out_ms);

#endif
