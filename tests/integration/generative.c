/* SPDX-License-Identifier: Apache-2.0
 *
 * An imagined model that produces tokens, for dashboards_test.sh: it reports everything that a pipeline can
 * report (queue, batch, tokens, first token, model, failures, cancelled requests), so that no panel has an
 * excuse for being empty. Serves on a free port, says where, and goes on until a signal comes.
 */
#include "common/stop.h"

#include <inferometer/inferometer.h>
#include <stdio.h>

enum { REQUEST_TOKENS = 10, FAIL_EVERY = 7, CANCEL_EVERY = 11 };

static const double first_token_seconds = 0.02;
static const double token_seconds = 0.004;

/* One request; true when a signal came in the middle. The n-th has a prompt and a queue of its own, all
 * within bounds that the buckets resolve. */
static bool answer(ifm_pipeline *chat, uint64_t n, const sigset_t *signals)
{
    ifm_inference run = ifm_inference_begin(chat);
    ifm_inference_queue_time(&run, 0.001 * (double)(1 + n % 10));
    ifm_inference_batch_size(&run, 1 + n % 4);
    ifm_inference_tokens(&run, IFM_TOKENS_INPUT, 50 + n % 100);
    ifm_inference_stage(&run, IFM_PRE_PROCESS);
    bool stop = stop_wait(signals, token_seconds);
    ifm_inference_stage(&run, IFM_ENGINE_FORWARD);
    stop = stop || stop_wait(signals, first_token_seconds);
    ifm_inference_first_token(&run);
    for (int i = 0; i < REQUEST_TOKENS && !stop; i++) {
        ifm_inference_tokens(&run, IFM_TOKENS_OUTPUT, 1);
        stop = stop_wait(signals, token_seconds);
    }
    ifm_inference_stage(&run, IFM_POST_PROCESS);
    if (n % FAIL_EVERY == 0) {
        ifm_inference_fail(&run, "out_of_memory");
    } else {
        ifm_inference_end(&run, stop || n % CANCEL_EVERY == 0 ? IFM_CANCELLED : IFM_SUCCESS);
    }
    return stop;
}

int main(void)
{
    sigset_t signals;
    stop_block(&signals); /* before the logger starts its threads */
    ifm_error err;
    ifm_logger *logger = ifm_logger_open(&(ifm_logger_options){.port = IFM_ENDPOINT_PORT_ANY}, &err);
    ifm_pipeline *chat = logger == NULL ? NULL : ifm_logger_pipeline(logger, "chat", &err);
    if (chat == NULL) {
        fprintf(stderr, "generative: %s\n", err.message);
        ifm_logger_close(logger);
        return 1;
    }
    ifm_pipeline_model(chat, "imagined", "1", "none");
    printf("serving %s; Ctrl-C ends\n", ifm_logger_url(logger));
    fflush(stdout);
    uint64_t n = 1;
    while (!answer(chat, n, &signals)) {
        n++;
    }
    ifm_logger_close(logger);
    return 0;
}
