/* SPDX-License-Identifier: Apache-2.0
 *
 * Telling and waiting.
 */
#include "stack/session.h"

#include "check.h"

#include <unistd.h>

static void keep(void *context, stack_news news, const char *text)
{
    CHECK_INT(news, STACK_DETAIL);
    snprintf(context, 2048, "%s", text);
}

static void what_is_told_is_one_plain_line(void **state)
{
    (void)state;
    char told[2048] = "", long_text[3000];
    const stack_session session = {.cancel_fd = -1, .tell = keep, .context = told};
    stack_tell(&session, STACK_DETAIL, "%s", "a\nb\033[2Jc \xC3\xA9 \xFF");
    CHECK_TEXT(told, "a b [2Jc \xC3\xA9 ?");
    for (size_t i = 0; i + 2 < sizeof long_text; i += 2) {
        memcpy(long_text + i, "\xC3\xA9", 3);
    }
    for (int shift = 0; shift < 2; shift++) {
        stack_tell(&session, STACK_DETAIL, "%s%s", shift == 0 ? "" : "x", long_text);
        size_t size = strlen(told);
        CHECK(size > 1000 && size < 1024);
        CHECK_TEXT(told + size - 3, "...");
        CHECK(ifm_utf8_valid(told, size));
    }
    stack_tell(&(stack_session){.cancel_fd = -1}, STACK_DONE, "nobody listens");
    check_end();
}

static void waiting_ends_with_the_session(void **state)
{
    (void)state;
    int ends[2];
    ifm_error err;
    assert_int_equal(pipe(ends), 0);
    stack_session session = {.cancel_fd = ends[0]};
    CHECK(stack_wait(&session, 1, &err));
    session.deadline_ns = ifm_os_monotonic_ns() - 1;
    CHECK(!stack_wait(&session, 100000, &err));
    CHECK_INT(err.code, IFM_TIMEOUT);
    CHECK_INT(stack_time_left_ns(&session, 1000), 1000000); /* 0 would be no limit */
    session.deadline_ns = 0;
    CHECK_INT(stack_time_left_ns(&session, 1000), 1000000000);
    CHECK_INT(write(ends[1], "x", 1), 1);
    CHECK(!stack_wait(&session, 100000, &err));
    CHECK_INT(err.code, IFM_CANCELED);
    close(ends[0]);
    close(ends[1]);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_told_is_one_plain_line),
        cmocka_unit_test(waiting_ends_with_the_session),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
