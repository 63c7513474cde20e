/* SPDX-License-Identifier: Apache-2.0
 *
 * Servers as a user names them, and forms.
 */
#include "cmd/ask.h"

#include "base/base.h"
#include "check.h"
#include "scratch.h"

#include <sys/stat.h>

static void server_is_taken_apart(void **state)
{
    (void)state;
    static const struct {
        const char *text, *url, *user, *password; /* url NULL: refused */
    } rows[] = {
        {NULL, "http://127.0.0.1:9090", NULL, NULL},
        {"http://a:1/", "http://a:1", NULL, NULL},
        {"https://a/prefix//", "https://a/prefix", NULL, NULL},
        {"http://me:s%20e%3Acret@a:1/x", "http://a:1/x", "me", "s e:cret"},
        {"http://me@a", "http://a", "me", ""},
        {"http://me:@a", "http://a", "me", ""},
        {"http://m%zz:p@q@a", "http://a", "m%zz", "p@q"},
        {"http://a/x@y", "http://a/x@y", NULL, NULL},
        {"a:9090", NULL, NULL, NULL},
        {"", NULL, NULL, NULL},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        cmd_server server;
        ifm_error err = {.code = IFM_OK};
        bool ok = cmd_server_init(&server, rows[i].text, &err);
        CHECK_INT(ok, rows[i].url != NULL);
        if (ok) {
            CHECK_TEXT(server.url, rows[i].url);
            CHECK_TEXT(server.options.user != NULL ? server.options.user : "-",
                       rows[i].user != NULL ? rows[i].user : "-");
            CHECK_TEXT(server.options.password != NULL ? server.options.password : "-",
                       rows[i].password != NULL ? rows[i].password : "-");
        }
        cmd_server_deinit(&server);
    }
    check_end();
}

static void passwords_are_not_shown(void **state)
{
    static const char *const wrong[] = {"me:geheim@a", "http://me:ge/heim@a", "http://me:geheim@127.0.0.1:1"};
    (void)state;
    for (size_t i = 0; i < IFM_COUNT_OF(wrong); i++) {
        cmd_server server;
        ifm_error err = {.code = IFM_OK};
        ifm_buf out;
        int status;
        ifm_buf_init(&out, 1000);
        CHECK(!cmd_server_init(&server, wrong[i], &err) || !cmd_ask(&server, "/", NULL, &out, &status, &err));
        CHECK(strlen(err.message) > 0);
        CHECK(strstr(err.message, "geheim") == NULL && strstr(err.message, "heim") == NULL);
        ifm_buf_deinit(&out);
        cmd_server_deinit(&server);
    }
    check_end();
}

/* Nothing listens on port 1. */
static void a_guess_that_fails_says_what_to_do(void **state)
{
    (void)state;
    for (int is_guess = 0; is_guess <= 1; is_guess++) {
        cmd_server server;
        ifm_error err = {.code = IFM_OK};
        ifm_buf out;
        int status;
        ifm_buf_init(&out, 1000);
        CHECK(cmd_server_init(&server, "http://127.0.0.1:1", &err));
        server.is_guess = is_guess != 0;
        CHECK(!cmd_ask(&server, "/", NULL, &out, &status, &err));
        CHECK(strstr(err.message, "could not ask http://127.0.0.1:1") == err.message);
        CHECK_INT(strstr(err.message, "; hint: no monitor of yours runs") != NULL, is_guess);
        cmd_server_deinit(&server);
        ifm_buf_deinit(&out);
    }
    check_end();
}

static void words_are_made_plain(void **state)
{
    static const char words[] = "a\x1b[2J\x7f\xc2\x9b"
                                "b\xc3\xa4\xff\n\t\0c";
    (void)state;
    ifm_buf out;
    ifm_buf_init(&out, 1000);
    cmd_plain_append(&out, (model_text){words, sizeof words - 1}, "");
    ifm_buf_append_char(&out, '|');
    cmd_plain_append(&out, (model_text){words, sizeof words - 1}, "\n\t");
    ifm_buf_append_char(&out, '\0');
    CHECK_TEXT(out.data, "a [2J  b\xc3\xa4?   c|a [2J  b\xc3\xa4?\n\t c");
    ifm_buf_deinit(&out);
    check_end();
}

static void form_is_encoded(void **state)
{
    (void)state;
    ifm_buf form;
    ifm_buf_init(&form, 1000);
    cmd_form_append(&form, "query", "a{b=\"\xc3\xa4 &\"}");
    cmd_form_append(&form, "match[]", "up");
    ifm_buf_append_char(&form, '\0');
    CHECK_TEXT(form.data, "query=a%7Bb%3D%22%C3%A4%20%26%22%7D&match[]=up");
    ifm_buf_deinit(&form);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(server_is_taken_apart),
        cmocka_unit_test(passwords_are_not_shown),
        cmocka_unit_test(a_guess_that_fails_says_what_to_do),
        cmocka_unit_test(words_are_made_plain),
        cmocka_unit_test(form_is_encoded),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
