/* SPDX-License-Identifier: Apache-2.0
 *
 * What the readers of other programs' answers accept at most.
 */
#ifndef STACK_API_LIMITS_H
#define STACK_API_LIMITS_H

enum {
    STACK_API_TARGETS_MAX = 10000,  /* one Prometheus rarely has more; a list past it is not for people */
    STACK_API_SERIES_MAX = 100000,  /* of one answer; ours are sums and counts */
    STACK_API_URL_MAX = 2048,       /* bytes of an address that we put together */
    STACK_YAML_BYTES_MAX = 1 << 20, /* of a configuration: Prometheus's own may be long */
    STACK_YAML_PATH_WORDS_MAX = 8,  /* of "datasources.0.jsonData.timeInterval" */
};

#endif
