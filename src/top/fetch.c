/* SPDX-License-Identifier: Apache-2.0 */
#include "top/fetch.h"

#include "os/os.h"
#include "top/answer.h"
#include "top/question.h"

#include <inferometer/registry.h>
#include <stdio.h>

enum {
    SLOW_LIST_MS = 10000, /* of what changes rarely, or is only counted */
    SLOW_LINE_MS = 15000,
    SKEW_OF_INTEREST_MS = 2000,
    NS_PER_MS = 1000000
};

typedef struct fetch_slot {
    top_fetch *fetch;
    top_asked asked;
    uint64_t id;  /* of the request; 0: none is under way */
    uint64_t key; /* of what was asked last; 0: nothing */
    char *url, *form;
    ifm_buf body;
    int64_t started_ns, started_ms;
    bool is_post;
    bool was_live; /* about now, by the server's own clock */
} fetch_slot;

struct top_fetch {
    const top_options *options;
    top_model *model;
    http_client *client;
    fetch_slot slots[TOP_ASK_COUNT];
    bool takes_no_post;
    bool is_once;
    bool has_failed;
    int points;
    ifm_error failure;
};

top_fetch *top_fetch_new(const top_options *options, top_model *model, ifm_error *err)
{
    char agent[64];
    snprintf(agent, sizeof agent, "inferometer/%s", ifm_version());
    top_fetch *fetch = ifm_alloc_zero(1, sizeof *fetch);
    if (fetch == NULL) {
        ifm_error_nomem(err);
        return NULL;
    }
    fetch->options = options;
    fetch->model = model;
    fetch->points = TOP_SPARK_POINTS;
    for (int i = 0; i < TOP_ASK_COUNT; i++) {
        fetch->slots[i].fetch = fetch;
        fetch->slots[i].asked.ask = (top_ask)i;
        ifm_buf_init(&fetch->slots[i].body, TOP_ANSWER_BYTES_MAX);
    }
    fetch->client = http_client_new(agent, err);
    if (fetch->client == NULL) {
        top_fetch_free(fetch);
        return NULL;
    }
    return fetch;
}

static void slot_free_texts(fetch_slot *slot)
{
    ifm_free(slot->url);
    ifm_free(slot->form);
    slot->url = slot->form = NULL;
}

void top_fetch_free(top_fetch *fetch)
{
    if (fetch == NULL) {
        return;
    }
    http_client_free(fetch->client);
    for (int i = 0; i < TOP_ASK_COUNT; i++) {
        slot_free_texts(&fetch->slots[i]);
        ifm_buf_deinit(&fetch->slots[i].body);
    }
    ifm_free(fetch);
}

void top_fetch_set_points(top_fetch *fetch, int points)
{
    fetch->points = points;
}

void top_fetch_once(top_fetch *fetch)
{
    fetch->is_once = true;
}

void top_fetch_refresh(top_fetch *fetch)
{
    for (int i = 0; i < TOP_ASK_COUNT; i++) {
        fetch->slots[i].key = 0;
    }
}

int top_fetch_count(const top_fetch *fetch)
{
    int count = 0;
    for (int i = 0; i < TOP_ASK_COUNT; i++) {
        count += fetch->slots[i].id != 0;
    }
    return count;
}

bool top_fetch_failed(const top_fetch *fetch, ifm_error *err)
{
    if (fetch->has_failed) {
        *err = fetch->failure;
    }
    return fetch->has_failed;
}

/* --- Answers --------------------------------------------------------------------------------------- */

/* What to do, where an option is for it. */
static void add_hint(const top_fetch *fetch, ifm_error *err)
{
    const http_options *http = fetch->options->http;
    bool has_own = http != NULL && (http->ca_file != NULL || http->ca != NULL);
    const char *hint = err->code == IFM_TIMEOUT ? "--timeout waits longer"
                       : !has_own && strstr(err->message, "certificate") != NULL
                           ? "--ca-file names the certificates to trust"
                           : NULL;
    if (hint != NULL && strstr(err->message, "; hint: ") == NULL) {
        ifm_error plain = *err;
        ifm_error_set(err, plain.code, "%s; hint: %s", plain.message, hint);
    }
}

static void fall_silent(top_fetch *fetch, const ifm_error *err, int64_t now_ms)
{
    top_model *model = fetch->model;
    if (model->silent_since_ms < 0) {
        model->silent_since_ms = now_ms;
    }
    fetch->failure = *err;
    add_hint(fetch, &fetch->failure);
    top_copy(model->silent_why, sizeof model->silent_why, fetch->failure.message);
    fetch->has_failed = true;
}

static void speak(fetch_slot *slot, int64_t now_ms)
{
    top_fetch *fetch = slot->fetch;
    top_model *model = fetch->model;
    if (model->silent_since_ms >= 0) {
        top_fetch_refresh(fetch); /* all of it is old */
    }
    model->silent_since_ms = -1;
    model->last_answer_ms = now_ms;
    fetch->has_failed = false;
    if (slot->was_live && model->answered_at_ms >= 0) {
        int64_t skew_ms = model->answered_at_ms - slot->started_ms;
        model->skew_ms = skew_ms > -SKEW_OF_INTEREST_MS && skew_ms < SKEW_OF_INTEREST_MS ? 0 : skew_ms;
    }
}

static void take_answer(fetch_slot *slot, int status)
{
    top_fetch *fetch = slot->fetch;
    top_model *model = fetch->model;
    char *complaint = model->complaints[slot->asked.ask];
    int64_t now_ms = ifm_os_clock_real.wall_ms();
    ifm_error err;
    if ((status == 405 || status == 501) && slot->is_post) { /* several may have been under way */
        fetch->takes_no_post = true;
        slot->key = 0;
        return;
    }
    model->answered_at_ms = -1;
    if (top_answer_take(model, &slot->asked, status, &slot->body, &err)) {
        complaint[0] = '\0';
        speak(slot, now_ms);
    } else if (err.code == IFM_INVALID) {
        top_copy(complaint, IFM_ERROR_MESSAGE_SIZE, err.message);
        speak(slot, now_ms);
    } else {
        fall_silent(fetch, &err, now_ms);
    }
}

static void slot_done(void *context, const http_response *response, const ifm_error *err)
{
    fetch_slot *slot = context;
    slot->id = 0;
    if (err == NULL) {
        take_answer(slot, response->status);
    } else if (err->code == IFM_LIMIT) { /* this one is too large; others may do */
        top_copy(slot->fetch->model->complaints[slot->asked.ask], IFM_ERROR_MESSAGE_SIZE, err->message);
    } else {
        fall_silent(slot->fetch, err, ifm_os_clock_real.wall_ms());
    }
    ifm_buf_deinit(&slot->body);
    ifm_buf_init(&slot->body, TOP_ANSWER_BYTES_MAX);
}

/* --- Questions ------------------------------------------------------------------------------------- */

/* FNV-1a; never 0. */
static uint64_t hash(uint64_t from, const void *bytes, size_t size)
{
    const unsigned char *at = bytes;
    for (size_t i = 0; i < size; i++) {
        from = (from ^ at[i]) * UINT64_C(0x100000001B3);
    }
    return from != 0 ? from : 1;
}

static bool is_wanted(const top_fetch *fetch, const top_state *state, top_ask ask)
{
    const top_model *model = fetch->model;
    if (model->silent_since_ms >= 0 && !fetch->is_once) {
        return ask == TOP_ASK_IN_FLIGHT;
    }
    if (ask == TOP_ASK_TARGETS || ask == TOP_ASK_ALERTS) {
        return true;
    }
    if (ask == TOP_ASK_NAMES) { /* which are compared with the pipelines that are known */
        return model->answered[TOP_ASK_PLACES] || model->complaints[TOP_ASK_PLACES][0] != '\0';
    }
    if (state->page == TOP_PAGE_PIPELINE) {
        return ask != TOP_ASK_REQUESTS_LINE && ask != TOP_ASK_P95_LINE;
    }
    return ask < TOP_ASK_STAGE_NAMES && (state->page == TOP_PAGE_OVERVIEW || ask == TOP_ASK_PLACES);
}

static int64_t pause_after(const top_fetch *fetch, const top_state *state, top_ask ask, int64_t step_ms)
{
    int64_t interval_ms = fetch->options->interval_ms, slow_ms = 0;
    if ((ask == TOP_ASK_TARGETS && state->page != TOP_PAGE_TARGETS) || ask == TOP_ASK_NAMES ||
        (ask == TOP_ASK_ALERTS && state->page != TOP_PAGE_ALERTS)) {
        slow_ms = SLOW_LIST_MS;
    } else if (top_question_is_range(ask)) {
        slow_ms = step_ms < SLOW_LINE_MS ? step_ms : SLOW_LINE_MS;
    }
    return slow_ms > interval_ms ? slow_ms : interval_ms;
}

static top_frame frame_of(const top_fetch *fetch, const top_state *state, top_ask ask, int64_t end_ms)
{
    int max = ask == TOP_ASK_HEAT          ? TOP_HEAT_COLUMNS_MAX
              : ask >= TOP_ASK_STAGE_NAMES ? TOP_POINTS_MAX
                                           : TOP_SPARK_POINTS;
    int points = ask == TOP_ASK_HEAT ? fetch->points / 2 : fetch->points;
    int64_t step_ms = top_question_step(state->range_ms, points, max);
    end_ms = end_ms / step_ms * step_ms;
    int64_t count = state->range_ms / step_ms + 1;
    count = count > max ? max : count;
    return (top_frame){.start_ms = end_ms - (count - 1) * step_ms, .step_ms = step_ms, .count = (int)count};
}

static void append_time(ifm_buf *form, const char *name, int64_t ms)
{
    char text[40];
    snprintf(text, sizeof text, "%lld.%03lld", (long long)(ms / 1000), (long long)(ms % 1000));
    top_form_append(form, name, text);
}

/* The form of a query; nothing when there is nothing to ask. */
static bool make_form(fetch_slot *slot, const char *expression, int64_t at_ms, ifm_error *err)
{
    const top_frame *frame = &slot->asked.frame;
    ifm_buf form;
    size_t size;
    ifm_buf_init(&form, 4 * TOP_QUESTION_BYTES_MAX);
    top_form_append(&form, "query", expression);
    if (top_question_is_range(slot->asked.ask)) {
        append_time(&form, "start", frame->start_ms);
        append_time(&form, "end", frame->start_ms + (frame->count - 1) * frame->step_ms);
        append_time(&form, "step", frame->step_ms);
    } else if (!slot->was_live) {
        append_time(&form, "time", at_ms);
    }
    slot->form = ifm_buf_take(&form, &size, err);
    ifm_buf_deinit(&form);
    return slot->form != NULL;
}

static bool make_url(fetch_slot *slot, ifm_error *err)
{
    const top_fetch *fetch = slot->fetch;
    const char *path = top_question_path(slot->asked.ask);
    bool is_get = slot->form != NULL && fetch->takes_no_post;
    ifm_buf url;
    size_t size;
    ifm_buf_init(&url, 8 * TOP_QUESTION_BYTES_MAX);
    ifm_buf_printf(&url, "%s%s%s", fetch->options->url,
                   path != NULL                             ? path
                   : top_question_is_range(slot->asked.ask) ? "/api/v1/query_range"
                                                            : "/api/v1/query",
                   is_get ? "?" : "");
    ifm_buf_append_text(&url, is_get ? slot->form : "");
    slot->url = ifm_buf_take(&url, &size, err);
    ifm_buf_deinit(&url);
    return slot->url != NULL;
}

static bool slot_send(fetch_slot *slot, int64_t now_ms, ifm_error *err)
{
    static const char *const headers[] = {"Content-Type: application/x-www-form-urlencoded", NULL};
    top_fetch *fetch = slot->fetch;
    bool is_post = slot->form != NULL && !fetch->takes_no_post;
    slot->is_post = is_post;
    const http_request request = {
        .url = slot->url,
        .headers = is_post ? headers : NULL,
        .options = fetch->options->http,
        .body = is_post ? slot->form : NULL,
        .body_size = is_post ? strlen(slot->form) : 0,
        .timeout_ms = fetch->options->timeout_ms,
        .body_max = TOP_ANSWER_BYTES_MAX,
        .out = &slot->body,
        .done = slot_done,
        .context = slot,
    };
    slot->id = http_client_start(fetch->client, &request, err);
    if (slot->id == 0 && err->code != IFM_NOMEM) {
        fall_silent(fetch, err, now_ms); /* a file of certificates may come back */
        return true;
    }
    return slot->id != 0;
}

/* What a slot would ask now, and whether that is due. */
static bool is_due(const fetch_slot *slot, const top_state *state, uint64_t key, int64_t pause_ms)
{
    if (slot->key != key) {
        return true;
    }
    bool rests = slot->id != 0 || slot->fetch->is_once || state->paused_at_ms >= 0;
    int64_t now_ns = ifm_os_monotonic_ns();
    return !rests && now_ns - slot->started_ns >= pause_ms * NS_PER_MS;
}

static bool slot_start(fetch_slot *slot, const char *expression, int64_t at_ms, int64_t now_ms,
                       ifm_error *err)
{
    http_client_cancel(slot->fetch->client, slot->id); /* F1 */
    slot->id = 0;
    slot_free_texts(slot);
    slot->started_ns = ifm_os_monotonic_ns();
    slot->started_ms = now_ms;
    return (top_question_path(slot->asked.ask) != NULL || make_form(slot, expression, at_ms, err)) &&
           make_url(slot, err) && slot_send(slot, now_ms, err);
}

static bool slot_step(fetch_slot *slot, const top_state *state, int64_t now_ms, ifm_error *err)
{
    top_fetch *fetch = slot->fetch;
    top_ask ask = slot->asked.ask;
    int64_t end_ms = top_state_end(state, now_ms) + fetch->model->skew_ms; /* a pause is by our clock */
    top_frame frame = frame_of(fetch, state, ask, end_ms);
    const top_scope scope = {.range_ms = state->range_ms,
                             .step_ms = top_question_is_range(ask) ? frame.step_ms : 0,
                             .objective_s = fetch->options->objective_s};
    ifm_buf text;
    size_t size;
    ifm_buf_init(&text, TOP_QUESTION_BYTES_MAX);
    top_question_append(fetch->model, ask, &scope, &text);
    bool is_nothing = text.size == 0 && text.failed == IFM_OK && top_question_path(ask) == NULL;
    bool ok = true;
    if (is_nothing) {
        http_client_cancel(fetch->client, slot->id); /* of another pipeline */
        slot->id = 0;
    } else {
        bool is_live = state->paused_at_ms < 0 && state->pan_ms == 0;
        int64_t seen[] = {state->pan_ms, state->paused_at_ms, frame.step_ms, state->range_ms};
        char *expression = ifm_buf_take(&text, &size, err);
        ok = expression != NULL;
        uint64_t key = ok ? hash(UINT64_C(0xCBF29CE484222325), expression, size) : 0;
        key = hash(key, seen, top_question_path(ask) != NULL ? 0 : sizeof seen);
        if (ok && is_due(slot, state, key, pause_after(fetch, state, ask, frame.step_ms))) {
            slot->key = key;
            slot->was_live = is_live && !top_question_is_range(ask) && top_question_path(ask) == NULL;
            slot->asked.frame = frame;
            ok = slot_start(slot, expression, end_ms, now_ms, err);
        }
        ifm_free(expression);
    }
    ifm_buf_deinit(&text);
    return ok;
}

bool top_fetch_step(top_fetch *fetch, const top_state *state, int64_t now_ms, ifm_error *err)
{
    top_model *model = fetch->model;
    top_model_open(model, state->page == TOP_PAGE_PIPELINE ? state->pipeline : model->detail.pipeline);
    model->waiting_since_ms = -1;
    for (int i = 0; i < TOP_ASK_COUNT; i++) {
        fetch_slot *slot = &fetch->slots[i];
        if (is_wanted(fetch, state, (top_ask)i) && !slot_step(slot, state, now_ms, err)) {
            return false;
        }
        if (slot->id != 0 && (model->waiting_since_ms < 0 || slot->started_ms < model->waiting_since_ms)) {
            model->waiting_since_ms = slot->started_ms;
        }
    }
    return true;
}

void top_fetch_run(top_fetch *fetch, int64_t wait_ms, const int *fds, size_t count)
{
    http_client_run_beside(fetch->client, wait_ms, fds, count);
}
