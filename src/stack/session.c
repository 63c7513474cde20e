/* SPDX-License-Identifier: Apache-2.0 */
#include "stack/session.h"

#include "stack/text.h"

#include <poll.h>
#include <stdarg.h>
#include <stdio.h>

#define NS_PER_MS INT64_C(1000000)

enum { TOLD_BYTES = 1024 };

void stack_tell(const stack_session *session, stack_news news, const char *format, ...)
{
    if (session->tell == NULL) {
        return;
    }
    char made[2 * TOLD_BYTES], text[TOLD_BYTES];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(made, sizeof made, format, arguments);
    va_end(arguments);
    stack_text_copy(text, sizeof text, made); /* much of it is what other programs say */
    session->tell(session->context, news, text);
}

static bool is_over(const stack_session *session)
{
    return session->deadline_ns != 0 && ifm_os_monotonic_ns() >= session->deadline_ns;
}

int64_t stack_time_left_ns(const stack_session *session, int64_t most_ms)
{
    int64_t most = most_ms * NS_PER_MS;
    if (session->deadline_ns == 0) {
        return most;
    }
    int64_t left = session->deadline_ns - ifm_os_monotonic_ns();
    left = left < NS_PER_MS ? NS_PER_MS : left; /* 0 would mean no limit */
    return left < most ? left : most;
}

bool stack_wait(const stack_session *session, int ms, ifm_error *err)
{
    struct pollfd cancel = {.fd = session->cancel_fd, .events = POLLIN};
    int wait_ms = (int)(stack_time_left_ns(session, ms) / NS_PER_MS);
    if (is_over(session)) {
        return ifm_error_set(err, IFM_TIMEOUT,
                             "the time limit is over; hint: --timeout=SECONDS sets another");
    }
    if (poll(&cancel, 1, wait_ms) > 0) {
        return ifm_error_set(err, IFM_CANCELED, "interrupted");
    }
    return true;
}
