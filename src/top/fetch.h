/* SPDX-License-Identifier: Apache-2.0
 *
 * Private to top: asks the server what the page needs, again and again, without waiting: each question by
 * itself, and none a second time before its answer came. A server that does not answer is asked one
 * question until it does; then all.
 *
 * Thread-safety: one thread.
 * F1  of each kind at most one question is under way; when what is asked has changed meanwhile (the range,
 *     the pipeline), it is given up and asked anew.
 */
#ifndef TOP_FETCH_H
#define TOP_FETCH_H

#include "top/state.h"

typedef struct top_fetch top_fetch;

/* `options` and `model` stay in use until top_fetch_free(). */
top_fetch *top_fetch_new(const top_options *options, top_model *model, ifm_error *err);
void top_fetch_free(top_fetch *fetch);

/* How wide lines are drawn, in points. */
void top_fetch_set_points(top_fetch *fetch, int points);

/* Starts what is due. False only when there is no memory. */
bool top_fetch_step(top_fetch *fetch, const top_state *state, int64_t now_ms, ifm_error *err);

/* Waits for answers, at most so long, and less when one of `fds` can be read. */
void top_fetch_run(top_fetch *fetch, int64_t wait_ms, const int *fds, size_t count);

/* Everything is asked again at the next step. */
void top_fetch_refresh(top_fetch *fetch);

/* Asks everything once and no more. */
void top_fetch_once(top_fetch *fetch);

/* How many questions are under way. */
int top_fetch_count(const top_fetch *fetch);

/* Why the server could not be asked at all; false when it could. */
bool top_fetch_failed(const top_fetch *fetch, ifm_error *err);

#endif
