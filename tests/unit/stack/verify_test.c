/* SPDX-License-Identifier: Apache-2.0
 *
 * Waiting for targets, with answers that come late, or not at all.
 */
#include "stack/verify.h"

#include "check.h"
#include "stack/folder.h"

#define TARGETS(health)                                                                                      \
    "{\"status\":\"success\",\"data\":{\"activeTargets\":[{\"labels\":{\"job\":\"inferometer\","             \
    "\"instance\":\"127.0.0.1:8000\"},\"scrapeUrl\":\"http://127.0.0.1:8000/metrics\",\"health\":\"" health  \
    "\",\"lastError\":\"\"}]}}"

/* What the n-th question is answered with; NULL: nothing. */
typedef struct answers {
    const char *bodies[4];
    ifm_code code; /* of no answer */
    size_t asked;
} answers;

static bool answer(void *context, const stack_request *request, stack_response *response, ifm_error *err)
{
    answers *of = context;
    size_t i = of->asked < IFM_COUNT_OF(of->bodies) ? of->asked : IFM_COUNT_OF(of->bodies) - 1;
    of->asked++;
    if (of->bodies[i] == NULL) {
        return ifm_error_set(err, of->code, "could not reach \"%s\"", request->url);
    }
    *response = (stack_response){.status = 200, .body = ifm_copy_text(of->bodies[i]), .date_ms = -1};
    return response->body != NULL || ifm_error_nomem(err);
}

#define FLAGS(title) "{\"status\":\"success\",\"data\":{\"web.page-title\":\"" title "\"}}"

static stack_record record = {.engine = STACK_ENGINE_NATIVE,
                              .address = (char[]){"127.0.0.1"},
                              .prometheus_port = 9090,
                              .scrape_interval_s = 1};

static bool verify(answers *of, int64_t deadline_ns, stack_result *result, ifm_error *err)
{
    const stack_system system = {.context = of, .http = answer, .root = ""};
    const stack_session session = {.system = &system, .cancel_fd = -1, .deadline_ns = deadline_ns};
    const stack_folder folder = {.path = (char[]){"/nonexistent"}, .targets = (char[]){"/nonexistent"}};
    const stack_services services = {.session = &session, .folder = &folder, .record = &record};
    *result = (stack_result){.targets_up = 0};
    return stack_verify_targets(&services, NULL, &(stack_reach){.engine = STACK_ENGINE_NATIVE}, result, err);
}

static void question_without_an_answer_is_asked_again(void **state)
{
    (void)state;
    answers late = {.bodies = {NULL, TARGETS("unknown"), NULL, TARGETS("up")}, .code = IFM_TIMEOUT};
    stack_result result;
    ifm_error err = {.message = ""};
    CHECK(verify(&late, 0, &result, &err));
    CHECK_INT(late.asked, 4);
    CHECK_INT(result.targets_up, 1);
    CHECK_INT(result.targets_down, 0);
    check_end();
}

static void waiting_ends_with_the_session(void **state)
{
    (void)state;
    answers never = {.code = IFM_IO}, cancelled = {.code = IFM_CANCELED};
    stack_result result;
    ifm_error err;
    CHECK(!verify(&never, ifm_os_monotonic_ns() + 1000000, &result, &err));
    CHECK_INT(err.code, IFM_TIMEOUT);
    CHECK(!verify(&cancelled, 0, &result, &err));
    CHECK_INT(err.code, IFM_CANCELED);
    CHECK_INT(cancelled.asked, 1);
    check_end();
}

/* The answers of a stack of containers: ready, then its flags. */
static bool run_nothing(void *context, const ifm_os_command *command, ifm_os_command_result *result,
                        ifm_error *err)
{
    (void)context;
    (void)command;
    *result = (ifm_os_command_result){.out = ifm_copy_text("running\n"), .err = ifm_copy_text("")};
    return (result->out != NULL && result->err != NULL) || ifm_error_nomem(err);
}

static void prometheus_of_somebody_else_is_not_taken_for_ours(void **state)
{
    (void)state;
    static const struct {
        const char *flags;
        bool ours;
    } rows[] = {{FLAGS("Prometheus (inferometer-1)"), true},
                {FLAGS("Prometheus (inferometer-2)"), false},
                {FLAGS("Prometheus Time Series Collection and Processing Server"), false}};
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        stack_record docker = record;
        docker.engine = STACK_ENGINE_DOCKER;
        docker.tool = STACK_TOOL_DOCKER_COMPOSE;
        docker.project = (char[]){"inferometer-1"};
        answers of = {.bodies = {"ready", rows[i].flags}};
        stack_system system = {.context = &of, .http = answer, .run = run_nothing};
        stack_session session = {.system = &system, .cancel_fd = -1};
        stack_folder folder = {.path = (char[]){"/nonexistent"}, .lock_fd = -1};
        stack_services services = {.session = &session, .folder = &folder, .record = &docker};
        ifm_error err = {.message = ""};
        CHECK_INT(stack_verify_ready(&services, NULL, &err), rows[i].ours);
        CHECK_INT(err.code, rows[i].ours ? IFM_OK : IFM_BUSY);
        CHECK_CONTAINS(err.message,
                       rows[i].ours ? "" : "port 9090 is in use by another Prometheus, \"Prometheus");
    }
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(question_without_an_answer_is_asked_again),
        cmocka_unit_test(waiting_ends_with_the_session),
        cmocka_unit_test(prometheus_of_somebody_else_is_not_taken_for_ours),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
