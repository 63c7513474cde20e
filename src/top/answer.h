/* SPDX-License-Identifier: Apache-2.0
 *
 * Private to top: answers of Prometheus's HTTP API, into the model. They come from outside: what does not
 * have the form that the API promises is left out, or refused as a whole with a sentence.
 *
 * Thread-safety: one thread.
 */
#ifndef TOP_ANSWER_H
#define TOP_ANSWER_H

#include "top/model.h"

/* What was asked, as far as the answer depends on it. */
typedef struct top_asked {
    top_ask ask;
    top_frame frame; /* of range queries */
} top_asked;

/* The body of an answer with this status. Errors: IFM_INVALID (the server refuses the question, in its own
 * words), IFM_IO (it is no answer of this API, or it wants a password), IFM_NOMEM; the model is as it was. */
bool top_answer_take(top_model *model, const top_asked *asked, int status, const ifm_buf *body,
                     ifm_error *err);

/* "2026-11-25T18:00:00.123Z" or with "+01:00"; -1 when it is no time, or before 1970. */
int64_t top_answer_time(const char *text);

#endif
