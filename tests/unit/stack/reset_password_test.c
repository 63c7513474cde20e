/* SPDX-License-Identifier: Apache-2.0
 *
 * stack reset-password: whatever goes wrong, a password that Grafana has is in a file, and the stored one is
 * one that Grafana has.
 */
#include "stack/stack.h"

#include "check.h"
#include "fake_system.h"
#include "stack/folder.h"
#include "stack/password.h"

#define PS      "docker ps --all --no-trunc *"
#define INSPECT "docker inspect *"
#define EXEC    "docker exec --interactive abc grafana cli admin reset-admin-password --password-from-stdin"

static stack_record record = {
    .engine = STACK_ENGINE_DOCKER,
    .tool = STACK_TOOL_DOCKER_PLUGIN,
    .network = STACK_NETWORK_HOST,
    .project = (char[]){"p"},
    .address = (char[]){"127.0.0.1"},
    .prometheus_port = 9090,
    .grafana_port = 3000,
    .scrape_interval_s = 5,
    .grafana = true,
};

static const fake_answer accepts[] = {
    {.words = PS, .out = "abc\n"}, {.words = INSPECT, .out = "running 0\n"}, {.words = EXEC}, {0}};
static const fake_answer refuses[] = {{.words = PS, .out = "abc\n"},
                                      {.words = INSPECT, .out = "running 0\n"},
                                      {.words = EXEC, .status = 1, .err = "too weak\n"},
                                      {0}};
static const fake_answer hangs[] = {{.words = PS, .out = "abc\n"},
                                    {.words = INSPECT, .out = "running 0\n"},
                                    {.words = EXEC, .code = IFM_TIMEOUT},
                                    {0}};

static char asked[256]; /* the last URL, and who asked */

static bool reload(void *context, const stack_request *request, stack_response *response, ifm_error *err)
{
    (void)context;
    snprintf(asked, sizeof asked, "%s %s:%s%s", request->url, request->user, request->password,
             request->body == NULL ? "" : " POST");
    *response = (stack_response){.status = 200, .body = ifm_copy_text("{}"), .date_ms = -1};
    return response->body != NULL || ifm_error_nomem(err);
}

/* A stack with the password "old password", which is to become "new password". */
static bool reset(const fake_answer *answers, fake_system *fake, stack_folder *folder, ifm_error *err)
{
    fake_init(fake, answers, NULL);
    fake->system.http = reload;
    asked[0] = '\0';
    char state[2 * FAKE_PATH_SIZE];
    snprintf(state, sizeof state, "%s/state", fake->root);
    setenv("XDG_STATE_HOME", state, 1);
    assert_true(stack_folder_open(folder, true, err) && stack_folder_make(folder, "prometheus", err) &&
                stack_password_store(folder, "old password", err) && stack_folder_save(folder, &record, err));
    const stack_session session = {.system = &fake->system, .cancel_fd = -1};
    return stack_reset_password(&session, "new password", err);
}

static bool has(const stack_folder *folder, const char *name, const char *want)
{
    ifm_buf text;
    ifm_error err;
    bool there = false;
    ifm_buf_init(&text, 1 << 16);
    CHECK(stack_folder_read(folder, name, &text, &there, &err));
    bool same =
        want == NULL ? !there : there && text.size == strlen(want) && memcmp(text.data, want, text.size) == 0;
    ifm_buf_deinit(&text);
    return same;
}

static void password_is_stored_once_grafana_has_it(void **state)
{
    (void)state;
    static const struct {
        const fake_answer *answers;
        ifm_code code;
        const char *stored, *prepared;
    } rows[] = {
        {accepts, IFM_OK, "new password", NULL},
        {refuses, IFM_IO, "old password", NULL},
        {hangs, IFM_TIMEOUT, "old password", "new password"}, /* nobody knows which one it has */
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        fake_system fake;
        stack_folder folder;
        ifm_error err = {.code = IFM_OK};
        CHECK(reset(rows[i].answers, &fake, &folder, &err) == (rows[i].code == IFM_OK));
        CHECK_INT(err.code, rows[i].code);
        CHECK(has(&folder, STACK_PASSWORD_FILE, rows[i].stored));
        CHECK(has(&folder, STACK_PASSWORD_PREPARED, rows[i].prepared));
        CHECK_TEXT(asked, "");
        CHECK(strstr(fake_log(&fake), "new password") == NULL); /* a command line is for all to see */
        stack_folder_close(&folder);
        fake_deinit(&fake);
    }
    check_end();
}

/* Nothing is told to Grafana that could not be written down. */
static void grafana_is_not_told_what_cannot_be_stored(void **state)
{
    (void)state;
    fake_system fake;
    stack_folder folder;
    ifm_error err;
    CHECK(reset(accepts, &fake, &folder, &err));
    CHECK(stack_folder_make(&folder, STACK_PASSWORD_PREPARED "/in/the/way", &err));
    ifm_buf_clear(&fake.log);
    const stack_session session = {.system = &fake.system, .cancel_fd = -1};
    CHECK(!stack_reset_password(&session, "another one", &err));
    CHECK_CONTAINS(err.message, "is a folder where a file belongs");
    CHECK(strstr(fake_log(&fake), "docker exec") == NULL);
    CHECK(has(&folder, STACK_PASSWORD_FILE, "new password"));
    stack_folder_close(&folder);
    fake_deinit(&fake);
    check_end();
}

static void exposed_data_source_gets_it_too(void **state)
{
    (void)state;
    fake_system fake;
    stack_folder folder;
    ifm_error err;
    record.exposed = true;
    CHECK(reset(accepts, &fake, &folder, &err));
    record.exposed = false;
    CHECK_TEXT(asked,
               "http://127.0.0.1:3000/api/admin/provisioning/datasources/reload admin:new password POST");
    stack_folder_close(&folder);
    fake_deinit(&fake);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(password_is_stored_once_grafana_has_it),
        cmocka_unit_test(grafana_is_not_told_what_cannot_be_stored),
        cmocka_unit_test(exposed_data_source_gets_it_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
