/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"
#include "check.h"

#include <errno.h>
#include <inferometer/export.h>

static void error_set_fills_in_everything(void **state)
{
    (void)state;
    ifm_error err = {.code = IFM_IO, .offset = 9, .message = "old"};
    CHECK(!ifm_error_set(&err, IFM_INVALID, "name \"%s\" is too long by %d", "x", 3));
    CHECK_INT(err.code, IFM_INVALID);
    CHECK_INT(err.offset, 0);
    CHECK_TEXT(err.message, "name \"x\" is too long by 3");
    CHECK(!ifm_error_nomem(&err));
    CHECK_INT(err.code, IFM_NOMEM);
    CHECK_TEXT(err.message, "out of memory");
    check_end();
}

static void error_wrap_puts_context_in_front(void **state)
{
    (void)state;
    ifm_error err;
    ifm_error_set(&err, IFM_BUSY, "port is taken");
    err.offset = 12;
    CHECK(!ifm_error_wrap(&err, "could not listen on %s:%d", "127.0.0.1", 8000));
    CHECK(!ifm_error_wrap(&err, "could not open endpoint"));
    CHECK_TEXT(err.message, "could not open endpoint: could not listen on 127.0.0.1:8000: port is taken");
    CHECK_INT(err.code, IFM_BUSY);
    CHECK_INT(err.offset, 12);
    check_end();
}

static void error_errno_gives_the_reason(void **state)
{
    (void)state;
    ifm_error err;
    CHECK(!ifm_error_errno(&err, IFM_IO, ENOENT, "could not open \"%s\"", "/x"));
    CHECK_INT(err.code, IFM_IO);
    CHECK_TEXT(err.message, "could not open \"/x\": No such file or directory");
    ifm_error_errno(&err, IFM_IO, 99999, "could not");
    CHECK_CONTAINS(err.message, "99999");
    check_end();
}

/* A message of `size` bytes at the limit: 239 fit, more are cut. */
static void error_message_is_cut_only_when_too_long(void **state)
{
    (void)state;
    char text[IFM_ERROR_MESSAGE_SIZE + 2];
    for (size_t size = IFM_ERROR_MESSAGE_SIZE - 2; size <= IFM_ERROR_MESSAGE_SIZE + 1; size++) {
        ifm_error err;
        memset(text, 'x', size);
        text[size] = '\0';
        ifm_error_set(&err, IFM_IO, "%s", text);
        bool cut = size > IFM_ERROR_MESSAGE_SIZE - 1;
        CHECK_INT(strlen(err.message), cut ? IFM_ERROR_MESSAGE_SIZE - 1 : size);
        CHECK_INT(strstr(err.message, "...") != NULL, cut);
    }
    check_end();
}

static void error_message_is_cut_between_characters(void **state)
{
    (void)state;
    static const char *const characters[] = {"\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x98\x80"};
    for (size_t i = 0; i < IFM_COUNT_OF(characters); i++) {
        for (size_t shift = 0; shift < 4; shift++) {
            char text[600] = "abcd";
            size_t size = strlen(characters[i]);
            for (size_t j = 0; j < 120; j++) {
                memcpy(text + shift + j * size, characters[i], size + 1);
            }
            ifm_error err;
            ifm_error_set(&err, IFM_IO, "%s", text);
            size_t length = strlen(err.message);
            CHECK(length < sizeof err.message);
            CHECK(length >= sizeof err.message - 4); /* not more is lost than one character */
            CHECK_TEXT(err.message + length - 3, "...");
            CHECK(ifm_utf8_valid(err.message, length));
        }
    }
    check_end();
}

/* What to do, and the system's reason, are what a reader needs of a message that is too long. */
static void error_message_keeps_hint_and_reason(void **state)
{
    (void)state;
    static const char hint[] = "; hint: sudo usermod -aG docker alice";
    char path[400];
    memset(path, 'x', sizeof path - 1);
    path[sizeof path - 1] = '\0';
    ifm_error err;
    ifm_error_set(&err, IFM_IO, "could not open \"%s\"%s", path, hint);
    CHECK_INT(strlen(err.message), IFM_ERROR_MESSAGE_SIZE - 1);
    CHECK_TEXT(err.message + strlen(err.message) - strlen(hint), hint);
    CHECK_CONTAINS(err.message, "xxx...; hint: sudo");
    ifm_error_wrap(&err, "could not start");
    CHECK_CONTAINS(err.message, "could not start: could not open \"xxx");
    CHECK_TEXT(err.message + strlen(err.message) - strlen(hint), hint);
    ifm_error_errno(&err, IFM_IO, ENOENT, "could not open \"%s\"", path);
    CHECK_CONTAINS(err.message, "xxx...: No such file or directory");
    ifm_error_set(&err, IFM_IO, "short; hint: %s", path); /* the hint is cut at its end */
    CHECK_INT(strlen(err.message), IFM_ERROR_MESSAGE_SIZE - 1);
    CHECK(strncmp(err.message, "short; hint: xxx", 16) == 0);
    ifm_error_set(&err, IFM_IO, "%s; hint: %s", path, path);
    CHECK_INT(strlen(err.message), IFM_ERROR_MESSAGE_SIZE - 1);
    CHECK_CONTAINS(err.message, "xxx...; hint: xxx");
    check_end();
}

static void error_wrap_of_long_message_keeps_the_context(void **state)
{
    (void)state;
    ifm_error err;
    char text[400];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    ifm_error_set(&err, IFM_IO, "%s", text);
    ifm_error_wrap(&err, "context");
    CHECK(strncmp(err.message, "context: xxx", 12) == 0);
    CHECK_INT(strlen(err.message), IFM_ERROR_MESSAGE_SIZE - 1);
    check_end();
}

static void codes_have_names_and_statuses(void **state)
{
    (void)state;
    CHECK_TEXT(ifm_code_name(IFM_OK), "OK");
    CHECK_TEXT(ifm_code_name(IFM_STATE), "STATE");
    CHECK_INT(ifm_code_http_status(IFM_INVALID), 400);
    CHECK_INT(ifm_code_http_status(IFM_UNSUPPORTED), 406);
    CHECK_TEXT(ifm_code_error_type(IFM_INVALID), "bad_data");
    CHECK_TEXT(ifm_code_error_type(IFM_TIMEOUT), "timeout");
    static const int outside[] = {IFM_STATE + 1, 1000, -1};
    for (size_t i = 0; i < IFM_COUNT_OF(outside); i++) {
        CHECK_TEXT(ifm_code_name((ifm_code)outside[i]), "UNKNOWN");
        CHECK_INT(ifm_code_http_status((ifm_code)outside[i]), 500);
        CHECK_TEXT(ifm_code_error_type((ifm_code)outside[i]), "internal");
    }
    check_end();
}

static void version_is_that_of_the_header(void **state)
{
    (void)state;
    CHECK_TEXT(ifm_version(), IFM_VERSION);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(error_set_fills_in_everything),
        cmocka_unit_test(error_wrap_puts_context_in_front),
        cmocka_unit_test(error_errno_gives_the_reason),
        cmocka_unit_test(error_message_is_cut_only_when_too_long),
        cmocka_unit_test(error_message_is_cut_between_characters),
        cmocka_unit_test(error_message_keeps_hint_and_reason),
        cmocka_unit_test(error_wrap_of_long_message_keeps_the_context),
        cmocka_unit_test(codes_have_names_and_statuses),
        cmocka_unit_test(version_is_that_of_the_header),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
