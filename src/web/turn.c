/* SPDX-License-Identifier: Apache-2.0
 *
 * Taking turns: what reads the store waits for its place, and gives up at its deadline, or when nobody is
 * there any more to read the answer.
 */
#include "web/impl.h"

#include <poll.h>

#define NS_PER_MS INT64_C(1000000)

static bool client_is_gone(const web_request *request)
{
    struct pollfd wait = {.fd = request->fd, .events = POLLRDHUP};
    return poll(&wait, 1, 0) > 0 && (wait.revents & (POLLRDHUP | POLLHUP | POLLERR | POLLNVAL)) != 0;
}

ifm_code web_deadline_passed(void *context)
{
    web_deadline *deadline = context;
    int64_t now_ns = ifm_os_monotonic_ns();
    if (now_ns >= deadline->end_ns) {
        return IFM_TIMEOUT;
    }
    if (now_ns < deadline->look_ns) {
        return IFM_OK;
    }
    deadline->look_ns = now_ns + WEB_LOOK_MS * NS_PER_MS;
    bool stopping = atomic_load_explicit(&deadline->request->server->stopping, memory_order_relaxed);
    return stopping || client_is_gone(deadline->request) ? IFM_CANCELED : IFM_OK;
}

void web_answer_interrupted(web_request *request, ifm_code code, const char *place)
{
    if (code == IFM_TIMEOUT) {
        web_answer_error(request, WEB_TIMEOUT, "query timed out in %s", place);
    } else {
        web_answer_error(request, WEB_CANCELED, "query was canceled in %s", place);
    }
}

bool web_turn_begin(web_request *request, int64_t timeout_ms, web_deadline *deadline)
{
    web_server *server = request->server;
    if (atomic_load_explicit(&server->unread_bytes, memory_order_relaxed) > WEB_UNREAD_BYTES_MAX) {
        web_answer_error(request, WEB_TIMEOUT, "too much of earlier answers is not read yet");
        return false;
    }
    int64_t now_ns = ifm_os_monotonic_ns();
    int64_t timeout_ns = timeout_ms > INT64_MAX / NS_PER_MS / 2 ? INT64_MAX / 2 : timeout_ms * NS_PER_MS;
    *deadline = (web_deadline){request, now_ns + timeout_ns, now_ns + WEB_LOOK_MS * NS_PER_MS};
    ifm_code code = web_gate_enter(&server->gate, web_deadline_passed, deadline);
    if (code == IFM_BUSY) {
        web_answer_error(request, WEB_TIMEOUT, "too many queries wait already; hint: try again later");
        web_answer_header(request, "Retry-After", "1");
    } else if (code != IFM_OK) {
        web_answer_interrupted(request, code, "query queue");
    }
    return code == IFM_OK;
}

void web_turn_end(web_request *request, ifm_code result)
{
    web_gate_leave(&request->server->gate, result);
}
