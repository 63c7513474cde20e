/* SPDX-License-Identifier: Apache-2.0
 *
 * stack up, on machines that answer as recorded. That it works where there is an engine is shown in
 * tests/integration.
 */
#include "stack/stack.h"

#include "check.h"
#include "fake_system.h"
#include "recorded.h"
#include "stack/folder.h"
#include "stack/password.h"
#include "torture.h"

#define NO_NETWORK  "dial tcp: lookup registry on 127.0.0.1:53: Temporary failure in name resolution\n"
#define INFO_PODMAN PODMAN_INFO_JSON("true", "false", "")

static const char *const no_path[] = {"PATH=/nonexistent", NULL};

/* One call in a folder of its own; false, with its error. */
static bool up(const fake_answer *answers, stack_engine engine, fake_system *fake, ifm_error *err)
{
    fake_init(fake, answers, no_path);
    fake_user(fake, 1000, 1000, "1000");
    char state[2 * FAKE_PATH_SIZE];
    snprintf(state, sizeof state, "%s/state", fake->root);
    setenv("XDG_STATE_HOME", state, 1);
    const stack_session session = {.system = &fake->system,
                                   .cancel_fd = -1,
                                   .deadline_ns = ifm_os_monotonic_ns() + INT64_C(20000000000)};
    stack_result result;
    return stack_up(&session, &(stack_options){.engine = engine}, &result, err);
}

static void engines_without_images_are_passed_over(void **state)
{
    (void)state;
    static const fake_answer answers[] = {
        {.words = DOCKER_VERSION, .out = CLIENT_SERVER},
        {.words = DOCKER_CONTEXT, .out = CONTEXT_DEFAULT},
        {.words = DOCKER_INFO, .out = INFO_DEBIAN},
        {.words = DOCKER_PLUGIN, .out = "2.26.1\n"},
        {.words = "docker image inspect *", .status = 1, .err = "Error: No such image: prom/prometheus\n"},
        {.words = "docker pull *", .status = 1, .err = NO_NETWORK},
        {.words = PODMAN_INFO, .out = INFO_PODMAN},
        {.words = PODMAN_PLUGIN, .status = 125, .err = PODMAN_NO_COMPOSE},
        {.words = PODMAN_COMPOSE, .out = PODMAN_COMPOSE_VERSION},
        {.words = "podman image exists *", .status = 1},
        {.words = "podman pull *", .status = 125, .err = NO_NETWORK},
        {0},
    };
    fake_system fake;
    ifm_error err;
    long before = torture_block_count();
    CHECK(!up(answers, STACK_ENGINE_AUTO, &fake, &err));
    CHECK_INT(err.code, IFM_IO);
    CHECK_CONTAINS(err.message, "could not pull \"docker.io/prom/prometheus");
    CHECK_CONTAINS(err.message, "load the image from a file and use --offline");
    CHECK_CONTAINS(fake_log(&fake), "docker pull prom/prometheus");
    CHECK_CONTAINS(fake_log(&fake), "podman pull docker.io/prom/prometheus");
    fake_deinit(&fake);
    CHECK_INT(torture_block_count(), before);
    check_end();
}

/* What is passed over comes again under another name. */
static void docker_that_is_podman_is_passed_over_once(void **state)
{
    (void)state;
    static const fake_answer answers[] = {
        {.words = DOCKER_VERSION, .out = PODMAN_AS_DOCKER},
        {.words = PODMAN_INFO, .out = INFO_PODMAN},
        {.words = PODMAN_PLUGIN, .status = 125, .err = PODMAN_NO_COMPOSE},
        {.words = PODMAN_COMPOSE, .out = PODMAN_COMPOSE_VERSION},
        {.words = "podman image exists *", .status = 1},
        {.words = "podman pull *", .status = 125, .err = NO_NETWORK, .times = 1},
        {0},
    };
    fake_system fake;
    ifm_error err;
    CHECK(!up(answers, STACK_ENGINE_AUTO, &fake, &err));
    CHECK_CONTAINS(err.message, "load the image from a file and use --offline");
    fake_deinit(&fake);
    check_end();
}

static void advice_about_an_engine_is_whole(void **state)
{
    (void)state;
    static const fake_answer answers[] = {
        {.words = DOCKER_VERSION, .status = 1, .out = CLIENT_ALONE, .err = NO_PERMISSION},
        {.words = DOCKER_CONTEXT, .out = CONTEXT_DEFAULT},
        {0},
    };
    static const stack_engine engines[] = {STACK_ENGINE_DOCKER, STACK_ENGINE_AUTO};
    for (size_t i = 0; i < IFM_COUNT_OF(engines); i++) {
        fake_system fake;
        ifm_error err;
        CHECK(!up(answers, engines[i], &fake, &err));
        CHECK_INT(err.code, IFM_NOT_FOUND);
        CHECK_CONTAINS(err.message, "; hint: sudo usermod -aG docker $USER; then log in again");
        fake_deinit(&fake);
    }
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(engines_without_images_are_passed_over),
        cmocka_unit_test(docker_that_is_podman_is_passed_over_once),
        cmocka_unit_test(advice_about_an_engine_is_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
