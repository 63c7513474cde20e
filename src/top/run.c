/* SPDX-License-Identifier: Apache-2.0
 *
 * The two ways to look: a loop of questions, keys and frames; and one frame.
 */
#include "os/os.h"
#include "top/fetch.h"
#include "top/terminal.h"
#include "top/top.h"
#include "top/view.h"

#include <poll.h>
#include <unistd.h>

enum { FRAME_MS = 1000, POINTS_MIN = 40 };

/* All that one run has. */
typedef struct top_session {
    const top_options *options;
    top_model model;
    top_state state;
    top_screen screen;
    top_fetch *fetch;
} top_session;

static bool session_init(top_session *session, const top_options *options, ifm_error *err)
{
    *session = (top_session){.options = options};
    top_model_init(&session->model);
    top_state_init(&session->state, options);
    top_screen_init(&session->screen, options->is_utf8);
    session->fetch = top_fetch_new(options, &session->model, err);
    return session->fetch != NULL;
}

static void session_deinit(top_session *session)
{
    top_fetch_free(session->fetch); /* before what answers go into */
    top_model_deinit(&session->model);
    top_screen_deinit(&session->screen);
}

static top_view view_of(top_session *session)
{
    return (top_view){.screen = &session->screen,
                      .model = &session->model,
                      .state = &session->state,
                      .options = session->options,
                      .now_ms = ifm_os_clock_real.wall_ms()};
}

static bool is_cancelled(const top_options *options, ifm_error *err)
{
    struct pollfd cancel = {.fd = options->cancel_fd, .events = POLLIN};
    if (options->cancel_fd >= 0 && poll(&cancel, 1, 0) > 0) {
        ifm_error_set(err, IFM_CANCELED, "interrupted");
        return true;
    }
    return false;
}

static void set_points(top_session *session, int width)
{
    top_fetch_set_points(session->fetch, width > POINTS_MIN ? width : POINTS_MIN);
}

/* --- In a terminal --------------------------------------------------------------------------------- */

static bool show(top_session *session, top_terminal *terminal, ifm_error *err)
{
    int width, height;
    top_terminal_size(terminal, &width, &height);
    set_points(session, width);
    if (!top_fetch_step(session->fetch, &session->state, ifm_os_clock_real.wall_ms(), err) ||
        !top_screen_resize(&session->screen, width, height, err)) {
        return false;
    }
    top_view view = view_of(session);
    if (!top_view_draw(&view, err)) {
        return false;
    }
    top_terminal_paint(terminal, &session->screen, session->state.has_colour);
    return true;
}

static void take_keys(top_session *session, top_terminal *terminal)
{
    uint32_t key;
    while (!session->state.wants_end && top_terminal_key(terminal, &key)) {
        if (key != 0) {
            top_view view = view_of(session);
            top_list list = top_view_list(&view);
            top_state_key(&session->state, &session->model, key, &list, view.now_ms);
        }
    }
    if (session->state.wants_refresh) {
        session->state.wants_refresh = false;
        top_fetch_refresh(session->fetch);
    }
}

static bool loop(top_session *session, top_terminal *terminal, ifm_error *err)
{
    const int fds[] = {STDIN_FILENO, session->options->cancel_fd};
    size_t count = session->options->cancel_fd >= 0 ? 2 : 1;
    while (!session->state.wants_end) {
        if (!show(session, terminal, err)) {
            return false;
        }
        /* Until the next second of the clock that is shown. */
        int64_t wait_ms = FRAME_MS - ifm_os_clock_real.wall_ms() % FRAME_MS;
        if (wait_ms > session->options->interval_ms) {
            wait_ms = session->options->interval_ms;
        }
        top_fetch_run(session->fetch, wait_ms, fds, count);
        if (is_cancelled(session->options, err)) {
            return false;
        }
        take_keys(session, terminal);
        if (top_terminal_is_gone(terminal)) {
            return ifm_error_set(err, IFM_IO, "the terminal went away");
        }
    }
    return true;
}

bool top_run(const top_options *options, ifm_error *err)
{
    top_session session;
    top_terminal *terminal = NULL;
    bool ok = session_init(&session, options, err);
    if (ok) {
        terminal = top_terminal_open(err);
        ok = terminal != NULL && loop(&session, terminal, err);
    }
    top_terminal_close(terminal);
    session_deinit(&session);
    return ok;
}

/* --- One frame ------------------------------------------------------------------------------------- */

static bool ask_all(top_session *session, ifm_error *err)
{
    const top_options *options = session->options;
    top_fetch_once(session->fetch);
    for (;;) {
        if (!top_fetch_step(session->fetch, &session->state, ifm_os_clock_real.wall_ms(), err)) {
            return false;
        }
        if (top_fetch_count(session->fetch) == 0) {
            return !top_fetch_failed(session->fetch, err);
        }
        top_fetch_run(session->fetch, FRAME_MS, &options->cancel_fd, options->cancel_fd >= 0 ? 1 : 0);
        if (is_cancelled(options, err)) {
            return false;
        }
    }
}

static bool has_page(const top_session *session, ifm_error *err)
{
    const top_model *model = &session->model;
    top_ask ask = session->state.page == TOP_PAGE_TARGETS  ? TOP_ASK_TARGETS
                  : session->state.page == TOP_PAGE_ALERTS ? TOP_ASK_ALERTS
                                                           : TOP_ASK_PLACES;
    if (model->complaints[ask][0] != '\0') {
        return ifm_error_set(err, IFM_INVALID, "%s", model->complaints[ask]);
    }
    if (session->state.page == TOP_PAGE_PIPELINE && top_model_find(model, session->state.pipeline) == NULL) {
        return ifm_error_set(
            err, IFM_NOT_FOUND,
            "there is no pipeline \"%.60s\" within the range; hint: without --pipeline all are "
            "listed",
            session->state.pipeline);
    }
    return true;
}

static bool print_frame(top_session *session, ifm_buf *out, ifm_error *err)
{
    top_view view = view_of(session);
    view.is_once = true;
    int wanted = top_view_lines_wanted(&view), height = session->options->height;
    if (!top_screen_resize(&session->screen, session->options->width, wanted > height ? wanted : height,
                           err) ||
        !top_view_draw(&view, err)) {
        return false;
    }
    top_screen_print(&session->screen, out);
    return ifm_buf_check(out, err);
}

bool top_once(const top_options *options, ifm_buf *out, ifm_error *err)
{
    top_session session;
    bool ok = session_init(&session, options, err);
    if (ok) {
        set_points(&session, options->width);
        ok = ask_all(&session, err) && has_page(&session, err) && print_frame(&session, out, err);
    }
    session_deinit(&session);
    return ok;
}
