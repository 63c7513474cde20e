/* SPDX-License-Identifier: Apache-2.0
 *
 * --target: what is taken, and what Prometheus gets to read.
 */
#include "stack/targets.h"

#include "check.h"
#include "stack/stack.h"

static void targets_become_a_file(void **state)
{
    (void)state;
    static const struct {
        const char *target, *want; /* want NULL: refused */
    } rows[] = {
        {"localhost:8000", "[{\"targets\": [\"localhost:8000\"]}]\n"},
        {"10.0.0.7:65535", "[{\"targets\": [\"10.0.0.7:65535\"]}]\n"},
        {"[::1]:8000", "[{\"targets\": [\"[::1]:8000\"]}]\n"},
        {"http://gpu-1.lan:8000/", "[{\"targets\": [\"gpu-1.lan:8000\"]}]\n"},
        {"https://gpu-1:8000/m/x", "[{\"targets\": [\"gpu-1:8000\"], \"labels\": {\"__scheme__\": \"https\", "
                                   "\"__metrics_path__\": \"/m/x\"}}]\n"},
        {"http://a:1/\"", "[{\"targets\": [\"a:1\"], \"labels\": {\"__metrics_path__\": \"/\\\"\"}}]\n"},
        {"localhost", NULL},
        {"localhost:", NULL},
        {":8000", NULL},
        {"localhost:0", NULL},
        {"localhost:65536", NULL},
        {"localhost:99999999999999999999", NULL},
        {"a b:8000", NULL},
        {"a\":8000", NULL},
        {"user@host:8000", NULL}, /* a password would stand in a file for Prometheus's page to show */
        {"http://a:1/?x=1", NULL},
        {"ftp://a:1", NULL},
        {"", NULL},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        ifm_buf out;
        ifm_error err;
        ifm_buf_init(&out, 4096);
        bool ok = stack_targets_render(&rows[i].target, 1, &out, &err);
        CHECK_INT(ok, rows[i].want != NULL);
        ifm_buf_append_char(&out, '\0');
        if (ok && rows[i].want != NULL) {
            CHECK_TEXT(out.data, rows[i].want);
        } else if (!ok) {
            CHECK_CONTAINS(err.message, "is no target; hint: ");
        }
        ifm_buf_deinit(&out);
    }
    check_end();
}

/* Prometheus has one target of both. */
static void targets_are_named_once(void **state)
{
    (void)state;
    static const char *const targets[] = {"a:1",         "http://a:1/metrics", "b:1",
                                          "http://a:1/", "https://a:1",        "a:1"};
    ifm_buf out;
    ifm_error err;
    ifm_buf_init(&out, 4096);
    CHECK(stack_targets_render(targets, IFM_COUNT_OF(targets), &out, &err));
    ifm_buf_append_char(&out, '\0');
    CHECK_TEXT(out.data, "[{\"targets\": [\"a:1\"]},\n {\"targets\": [\"b:1\"]},\n {\"targets\": [\"a:1\"], "
                         "\"labels\": {\"__scheme__\": \"https\"}}]\n");
    ifm_buf_deinit(&out);
    check_end();
}

static void targets_are_counted(void **state)
{
    (void)state;
    static const char *targets[STACK_TARGETS_MAX + 1];
    for (size_t i = 0; i <= STACK_TARGETS_MAX; i++) {
        targets[i] = "a:1";
    }
    for (size_t count = STACK_TARGETS_MAX - 1; count <= STACK_TARGETS_MAX + 1; count++) {
        ifm_buf out;
        ifm_error err;
        ifm_buf_init(&out, 1 << 20);
        CHECK_INT(stack_targets_render(targets, count, &out, &err), count <= STACK_TARGETS_MAX);
        ifm_buf_deinit(&out);
    }
    ifm_buf out;
    ifm_error err;
    ifm_buf_init(&out, 16);
    CHECK(stack_targets_render(NULL, 0, &out, &err));
    ifm_buf_append_char(&out, '\0');
    CHECK_TEXT(out.data, "[]\n");
    ifm_buf_deinit(&out);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(targets_become_a_file),
        cmocka_unit_test(targets_are_named_once),
        cmocka_unit_test(targets_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
