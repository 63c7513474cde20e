/* SPDX-License-Identifier: Apache-2.0
 *
 * Images that are pulled: which name an engine is given, and what is said meanwhile.
 */
#include "compose_fixture.h"

static const char docker_pull[] =
    "v3.14.0: Pulling from prom/prometheus\na480a496ba95: Pulling fs layer\n5e6c4d6a3ef9: Pulling fs layer\n"
    "9fa9226be034: Already exists\na480a496ba95: Verifying Checksum\na480a496ba95: Download complete\n"
    "a480a496ba95: Pull complete\n5e6c4d6a3ef9: Download complete\n5e6c4d6a3ef9: Pull complete\n"
    "Digest: sha256:0123456789abcdef\nStatus: Downloaded newer image for prom/prometheus:v3.14.0\n";
static const char podman_pull[] =
    "Trying to pull docker.io/prom/prometheus:v3.14.0...\nGetting image source signatures\n"
    "Copying blob sha256:a480a496ba95a197d587aa1d9e0f545ca7dbd40495a4715342228db62b67c4ba\n"
    "Copying blob sha256:9fa9226be034e47923c0457d916aa68474cdfb23af8d4525e9baeebc4760977a\n"
    "Copying blob 9fa9226be034 skipped: already exists\nCopying config sha256:0123456789abcdef\n";

/* The clock of the fake goes on by a given step whenever it is looked at. */
static void pull_says_how_far_it_is_every_two_seconds(void **state)
{
    (void)state;
    static const struct {
        const char *out;
        int64_t step_ms;
        const char *want;
    } rows[] = {
        {docker_pull, 10000,
         "[pulling p:1][pulling p:1: 1 layers][pulling p:1: 2 layers][pulling p:1: 1 of 3 "
         "layers][pulling p:1: 2 of 3 layers][pulling p:1: 3 of 3 layers][pulled p:1]"},
        {docker_pull, 700,
         "[pulling p:1][pulling p:1: 1 of 3 layers][pulling p:1: 3 of 3 layers][pulled p:1]"},
        {docker_pull, 0, "[pulling p:1][pulled p:1]"},
        {docker_pull, -1000000,
         "[pulling p:1][pulling p:1: 1 layers][pulling p:1: 2 layers][pulling p:1: 1 of 3 "
         "layers][pulling p:1: 2 of 3 layers][pulling p:1: 3 of 3 layers][pulled p:1]"},
        {podman_pull, 10000,
         "[pulling p:1][pulling p:1: 1 layers][pulling p:1: 2 layers][pulling p:1: 1 of 2 "
         "layers][pulled p:1]"},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        const fake_answer answers[] = {ANSWER("docker pull p:1", 0, rows[i].out, NULL), END};
        fake_system fake;
        stack_compose compose = begin(&fake, answers, STACK_TOOL_DOCKER_PLUGIN);
        fake.wall_step_ms = rows[i].step_ms;
        ifm_error err;
        CHECK(stack_compose_pull(&compose, "p:1", &err));
        CHECK_TEXT(all_said(), rows[i].want);
        end(&fake);
    }
    check_end();
}

static void pull_names_docker_s_registry_to_podman(void **state)
{
    (void)state;
    static const struct {
        stack_tool tool;
        const char *image, *words;
    } rows[] = {
        {STACK_TOOL_PODMAN_COMPOSE, "prom/prometheus:v3", "podman pull docker.io/prom/prometheus:v3"},
        {STACK_TOOL_PODMAN_COMPOSE, "busybox:1.36", "podman pull docker.io/library/busybox:1.36"},
        {STACK_TOOL_PODMAN_COMPOSE, "quay.example/p:1", "podman pull quay.example/p:1"},
        {STACK_TOOL_PODMAN_COMPOSE, "here:5000/p:1", "podman pull here:5000/p:1"},
        {STACK_TOOL_PODMAN_COMPOSE, "localhost/p:1", "podman pull localhost/p:1"},
        {STACK_TOOL_DOCKER_PLUGIN, "prom/prometheus:v3", "docker pull prom/prometheus:v3"},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        const fake_answer answers[] = {ANSWER(rows[i].words, 0, NULL, NULL), END};
        fake_system fake;
        stack_compose compose = begin(&fake, answers, rows[i].tool);
        ifm_error err = {0};
        CHECK(stack_compose_pull(&compose, rows[i].image, &err));
        CHECK_TEXT(err.message, "");
        end(&fake);
    }
    check_end();
}

static void pull_survives_more_layers_than_there_can_be(void **state)
{
    (void)state;
    ifm_buf text;
    ifm_buf_init(&text, 1 << 20);
    for (int i = 0; i < 200; i++) {
        ifm_buf_printf(&text, "%012x: Pull complete\n", (unsigned)i);
    }
    ifm_buf_append_char(&text, '\0');
    const fake_answer answers[] = {ANSWER("docker pull p:1", 0, text.data, NULL), END};
    fake_system fake;
    stack_compose compose = begin(&fake, answers, STACK_TOOL_DOCKER_PLUGIN);
    fake.wall_step_ms = 10000;
    ifm_error err;
    CHECK(stack_compose_pull(&compose, "p:1", &err));
    CHECK_CONTAINS(all_said(), "[pulling p:1: 128 of 128 layers][pulled p:1]");
    ifm_buf_deinit(&text);
    end(&fake);
    check_end();
}

static void pull_passes_the_engine_s_words_on(void **state)
{
    (void)state;
    static const fake_answer answers[] = {
        ANSWER("docker pull p:1", 1, NULL, "toomanyrequests: You have reached your pull rate limit.\n"), END};
    fake_system fake;
    stack_compose compose = begin(&fake, answers, STACK_TOOL_DOCKER_PLUGIN);
    ifm_error err;
    CHECK(!stack_compose_pull(&compose, "p:1", &err));
    CHECK_TEXT(all_said(), "[pulling p:1][toomanyrequests: You have reached your pull rate limit.]");
    end(&fake);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pull_says_how_far_it_is_every_two_seconds),
        cmocka_unit_test(pull_names_docker_s_registry_to_podman),
        cmocka_unit_test(pull_survives_more_layers_than_there_can_be),
        cmocka_unit_test(pull_passes_the_engine_s_words_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
