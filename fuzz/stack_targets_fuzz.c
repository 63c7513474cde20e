/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as Prometheus's list of targets and as the answer to a query: what is taken can be used, what is
 * refused has a sentence. Each target's error is explained, as doctor does.
 */
#include "stack/explain.h"
#include "stack/prometheus.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void use_targets(const stack_targets *targets)
{
    static const stack_reach reaches[] = {
        {.network = STACK_NETWORK_HOST, .engine = STACK_ENGINE_NATIVE},
        {.network = STACK_NETWORK_BRIDGE, .engine = STACK_ENGINE_DOCKER},
    };
    for (size_t i = 0; i < targets->count; i++) {
        char cause[STACK_SENTENCE_SIZE], fix[STACK_SENTENCE_SIZE];
        stack_explain_target_error(targets->items[i].last_error, targets->items[i].scrape_url,
                                   &reaches[i % IFM_COUNT_OF(reaches)], cause, fix);
        if (cause[0] == '\0' || memchr(cause, '\0', sizeof cause) == NULL ||
            memchr(fix, '\0', sizeof fix) == NULL || !ifm_utf8_valid(cause, strlen(cause)) ||
            targets->items[i].last_scrape_ms < -1) {
            abort();
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = ifm_copy_bytes(data, size);
    if (text == NULL) {
        abort();
    }
    ifm_error err = {.code = IFM_OK};
    stack_targets targets;
    if (stack_prometheus_targets_parse(text, &targets, &err)) {
        use_targets(&targets);
        stack_targets_deinit(&targets);
    } else if (err.code == IFM_OK || err.message[0] == '\0') {
        abort();
    }
    stack_query_result result;
    err = (ifm_error){.code = IFM_OK};
    if (stack_prometheus_query_parse(text, &result, &err)) {
        stack_query_result_deinit(&result);
    } else if (err.code == IFM_OK || err.message[0] == '\0') {
        abort();
    }
    ifm_free(text);
    return 0;
}
