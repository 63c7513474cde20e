/* SPDX-License-Identifier: Apache-2.0
 *
 * B1 and B2 are the invariants of base/buf.h.
 */
#include "base/base.h"
#include "check.h"
#include "torture.h"

#include <inferometer/registry.h>

#define CHECK_CONTENTS(buf, want)                                                                            \
    do {                                                                                                     \
        CHECK_INT((buf).size, strlen(want));                                                                 \
        CHECK((buf).size == strlen(want) && memcmp((buf).data, want, (buf).size) == 0);                      \
        CHECK((buf).size <= (buf).capacity && (buf).capacity <= (buf).max); /* B1 */                         \
    } while (0)

static void buf_appends_in_order(void **state)
{
    (void)state;
    ifm_buf buf;
    ifm_buf_init(&buf, 1000);
    CHECK(buf.data == NULL);
    ifm_buf_append(&buf, "bytes", 5);
    ifm_buf_append_char(&buf, ' ');
    ifm_buf_append_text(&buf, "text ");
    ifm_buf_printf(&buf, "%d-%s", 42, "formatted");
    ifm_buf_append(&buf, "", 0);
    ifm_buf_append(&buf, NULL, 0);
    CHECK_CONTENTS(buf, "bytes text 42-formatted");
    ifm_buf_deinit(&buf);
    check_end();
}

static void buf_quotes_as_json_does(void **state)
{
    (void)state;
    static const struct {
        const char *text, *want;
    } rows[] = {
        {"", "\"\""},
        {"plain \xC3\xA9 $HOME: {x}", "\"plain \xC3\xA9 $HOME: {x}\""},
        {"a\"b\\c", "\"a\\\"b\\\\c\""},
        {"tab\tnew\nline\x1f", "\"tab\\u0009new\\u000aline\\u001f\""},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        ifm_buf buf;
        ifm_buf_init(&buf, 256);
        ifm_buf_append_json(&buf, rows[i].text);
        CHECK_CONTENTS(buf, rows[i].want);
        ifm_buf_deinit(&buf);
    }
    check_end();
}

static void buf_holds_exactly_its_maximum(void **state)
{
    (void)state;
    static const size_t limits[] = {1, 2, 255, 256, 257, 511, 512, 513, 1000, 5000};
    for (size_t i = 0; i < IFM_COUNT_OF(limits); i++) {
        size_t max = limits[i];
        for (size_t size = max - 1; size <= max + 1; size++) {
            ifm_buf buf;
            ifm_buf_init(&buf, max);
            for (size_t j = 0; j < size; j++) {
                ifm_buf_append_char(&buf, 'x');
            }
            CHECK_INT(buf.size, size > max ? max : size);
            CHECK_INT(buf.failed, size > max ? IFM_LIMIT : IFM_OK);
            CHECK(buf.capacity <= max); /* B1 */
            ifm_buf_deinit(&buf);
            ifm_buf_init(&buf, max);
            char *to = ifm_buf_reserve(&buf, size);
            CHECK((to != NULL) == (size <= max));
            ifm_buf_deinit(&buf);
        }
    }
    check_end();
}

static void buf_of_maximum_zero_takes_nothing(void **state)
{
    (void)state;
    ifm_buf buf;
    ifm_buf_init(&buf, 0);
    ifm_buf_append_char(&buf, 'x');
    CHECK_INT(buf.failed, IFM_LIMIT);
    CHECK_INT(buf.size, 0);
    ifm_buf_deinit(&buf);
    check_end();
}

static void buf_failure_sticks_and_keeps_what_was_there(void **state)
{
    (void)state;
    ifm_buf buf;
    ifm_error err;
    ifm_buf_init(&buf, 5);
    ifm_buf_append_text(&buf, "1234");
    ifm_buf_append_text(&buf, "56"); /* too long as a whole: nothing of it is appended */
    ifm_buf_append_char(&buf, '5');  /* would fit, but comes after a failure */
    ifm_buf_printf(&buf, "5");
    CHECK(ifm_buf_reserve(&buf, 0) == NULL);
    CHECK_CONTENTS(buf, "1234"); /* B2 */
    CHECK(!ifm_buf_check(&buf, &err));
    CHECK_INT(err.code, IFM_LIMIT);
    CHECK_CONTAINS(err.message, "5 bytes");
    ifm_buf_deinit(&buf);
    check_end();
}

static void buf_out_of_memory_sticks_until_cleared(void **state)
{
    (void)state;
    ifm_buf buf;
    ifm_error err;
    size_t size = 77;
    ifm_buf_init(&buf, 100000);
    ifm_buf_append_text(&buf, "kept");
    torture_arm(1, TORTURE_TRANSIENT);
    for (int i = 0; i < 1000; i++) {
        ifm_buf_append_char(&buf, 'x');
    }
    torture_disarm();
    CHECK_INT(buf.failed, IFM_NOMEM);
    CHECK(memcmp(buf.data, "kept", 4) == 0); /* B2 */
    CHECK(!ifm_buf_check(&buf, &err));
    CHECK_INT(err.code, IFM_NOMEM);
    CHECK(ifm_buf_take(&buf, &size, &err) == NULL);
    CHECK_INT(err.code, IFM_NOMEM);
    CHECK_INT(size, 77);
    ifm_buf_clear(&buf);
    ifm_buf_append_text(&buf, "works again");
    CHECK(ifm_buf_check(&buf, &err));
    CHECK_CONTENTS(buf, "works again");
    ifm_buf_deinit(&buf);
    check_end();
}

static void buf_clear_keeps_memory(void **state)
{
    (void)state;
    ifm_buf buf;
    ifm_buf_init(&buf, 1000);
    ifm_buf_append_text(&buf, "text");
    const char *before = buf.data;
    size_t allocations = torture_allocation_count();
    ifm_buf_clear(&buf);
    CHECK_INT(buf.size, 0);
    ifm_buf_append_text(&buf, "more");
    CHECK(buf.data == before);
    CHECK_INT(torture_allocation_count() - allocations, 0);
    ifm_buf_deinit(&buf);
    CHECK(buf.data == NULL && buf.size == 0 && buf.capacity == 0 && buf.max == 1000);
    check_end();
}

static void buf_printf_terminator_does_not_count(void **state)
{
    (void)state;
    ifm_buf buf;
    ifm_buf_init(&buf, 5);
    ifm_buf_printf(&buf, "%s", "1234");
    CHECK_CONTENTS(buf, "1234");
    CHECK_INT(buf.failed, IFM_OK);
    ifm_buf_deinit(&buf);
    check_end();
}

static bool take_text(void *context, ifm_error *err)
{
    (void)context;
    ifm_buf buf;
    ifm_buf_init(&buf, 10000);
    for (int i = 0; i < 100; i++) {
        ifm_buf_append_text(&buf, "0123456789");
    }
    size_t size = 0;
    char *taken = ifm_buf_take(&buf, &size, err);
    bool ok = taken != NULL && size == 1000 && taken[1000] == '\0' && strlen(taken) == 1000;
    CHECK(taken == NULL || (ok && buf.data == NULL && buf.size == 0));
    ifm_free(taken);
    ifm_buf_deinit(&buf);
    return ok;
}

static void buf_take_hands_over_terminated_contents(void **state)
{
    (void)state;
    CHECK_INT(torture_allocations(take_text, NULL, TORTURE_MUST_FAIL), 3); /* 256, 512, 1024 bytes */
    check_end();
}

static void buf_take_of_nothing_is_empty_text(void **state)
{
    (void)state;
    ifm_buf buf;
    ifm_error err;
    size_t size = 77;
    ifm_buf_init(&buf, 10);
    char *taken = ifm_buf_take(&buf, &size, &err);
    CHECK_TEXT(taken, "");
    CHECK_INT(size, 0);
    ifm_free(taken);
    ifm_buf_append(&buf, "0123456789", 10);
    CHECK(ifm_buf_take(&buf, &size, &err) == NULL); /* no room for the terminator */
    CHECK_INT(err.code, IFM_LIMIT);
    ifm_buf_deinit(&buf);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(buf_appends_in_order),
        cmocka_unit_test(buf_quotes_as_json_does),
        cmocka_unit_test(buf_holds_exactly_its_maximum),
        cmocka_unit_test(buf_of_maximum_zero_takes_nothing),
        cmocka_unit_test(buf_failure_sticks_and_keeps_what_was_there),
        cmocka_unit_test(buf_out_of_memory_sticks_until_cleared),
        cmocka_unit_test(buf_clear_keeps_memory),
        cmocka_unit_test(buf_printf_terminator_does_not_count),
        cmocka_unit_test(buf_take_hands_over_terminated_contents),
        cmocka_unit_test(buf_take_of_nothing_is_empty_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
