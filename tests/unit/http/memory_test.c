/* SPDX-License-Identifier: Apache-2.0
 *
 * Failing allocations, without a server: its threads would allocate, too.
 */
#include "check.h"
#include "http/http.h"
#include "torture.h"

static void take(void *context, const http_response *response, const ifm_error *err)
{
    (void)context;
    (void)response;
    (void)err;
}

/* Starts a request and gives it up. */
static bool ask_tortured(void *context, ifm_error *err)
{
    char secret[] = "abc", pem[] = "no certificate, and not looked at: there is no TLS";
    const http_options options = {.authorization = secret, .ca = pem};
    ifm_buf body;
    (void)context;
    ifm_buf_init(&body, 4096);
    http_client *client = http_client_new("Test/1", err);
    const http_request request = {.url = "http://127.0.0.1:9/",
                                  .options = &options,
                                  .timeout_ms = 1000,
                                  .body_max = 4096,
                                  .out = &body,
                                  .done = take};
    bool ok = client != NULL && http_client_start(client, &request, err) != 0;
    http_client_free(client);
    ifm_buf_deinit(&body);
    return ok;
}

static void client_survives_failing_allocations(void **state)
{
    (void)state;
    CHECK(torture_allocations(ask_tortured, NULL, TORTURE_MUST_FAIL) >= 6);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(client_survives_failing_allocations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
