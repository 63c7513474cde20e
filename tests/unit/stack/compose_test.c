/* SPDX-License-Identifier: Apache-2.0
 *
 * What looks for, reads and removes containers: the commands that engines are given, and their answers.
 */
#include "compose_fixture.h"
#include "torture.h"

#define PS_SERVICE PS " --filter label=com.docker.compose.service=grafana"
#define NETWORKS   "docker network ls " OF_PROJECT
#define VOLUMES    "docker volume ls " OF_PROJECT
#define INSPECT    "docker inspect --type container --format {{.State.Status}} {{.State.ExitCode}} "

/* --- Down ------------------------------------------------------------------------------------------- */

static void down_removes_what_has_the_label(void **state)
{
    (void)state;
    static const fake_answer answers[] = {
        ONCE(PS, 0, "aaa\nbbb\n", NULL),
        ANSWER(PS, 0, "", NULL),
        ANSWER("docker stop -t 10 aaa bbb", 0, NULL, NULL),
        ANSWER("docker rm --force --volumes aaa bbb", 0, NULL, NULL),
        ANSWER(NETWORKS, 0, "nnn\n", NULL),
        ANSWER("docker network rm nnn", 0, "nnn\n", NULL),
        ANSWER(VOLUMES, 0, "ifm_prometheus-data\nifm_grafana-data\n", NULL),
        ANSWER("docker volume rm ifm_prometheus-data ifm_grafana-data", 0, NULL, NULL),
        END};
    fake_system fake;
    stack_compose compose = begin(&fake, answers, STACK_TOOL_DOCKER_COMPOSE);
    ifm_error err = {0};
    CHECK(stack_compose_down(&compose, true, &err));
    CHECK_TEXT(err.message, "");
    CHECK_CONTAINS(fake_log(&fake), "docker network rm nnn\n");
    CHECK_CONTAINS(fake_log(&fake), "docker volume rm ifm_prometheus-data ifm_grafana-data\n");
    end(&fake);
    check_end();
}

static void down_keeps_the_data_and_is_content_with_nothing(void **state)
{
    (void)state;
    static const fake_answer answers[] = {ANSWER(PS, 0, "", NULL), ANSWER(NETWORKS, 0, "\n", NULL), END};
    fake_system fake;
    stack_compose compose = begin(&fake, answers, STACK_TOOL_DOCKER_PLUGIN);
    ifm_error err = {0};
    CHECK(stack_compose_down(&compose, false, &err));
    CHECK_TEXT(fake_log(&fake), PS "\n" NETWORKS "\n");
    end(&fake);
    check_end();
}

static void down_of_podman_removes_the_pod_too(void **state)
{
    (void)state;
    static const fake_answer answers[] = {ANSWER(PODMAN_PS, 0, "", NULL),
                                          ANSWER("podman pod rm --force --ignore pod_ifm", 0, NULL, NULL),
                                          ANSWER("podman network ls " OF_PROJECT, 0, "ifm_default\n", NULL),
                                          ANSWER("podman network rm ifm_default", 0, NULL, NULL), END};
    fake_system fake;
    stack_compose compose = begin(&fake, answers, STACK_TOOL_PODMAN_COMPOSE);
    ifm_error err = {0};
    CHECK(stack_compose_down(&compose, false, &err));
    CHECK_TEXT(err.message, "");
    end(&fake);
    check_end();
}

static void down_tries_again_and_then_says_why(void **state)
{
    (void)state;
    static const char stubborn[] =
        "Error response from daemon: could not kill container: permission denied\n";
    static const fake_answer answers[] = {ANSWER(PS, 0, "aaa\n", NULL),
                                          ANSWER("docker stop*", 1, NULL, stubborn),
                                          ANSWER("docker rm*", 1, NULL, stubborn), END};
    fake_system fake;
    stack_compose compose = begin(&fake, answers, STACK_TOOL_DOCKER_PLUGIN);
    ifm_error err;
    CHECK(!stack_compose_down(&compose, false, &err));
    CHECK_INT(err.code, IFM_IO);
    CHECK_CONTAINS(err.message,
                   "could not remove the containers: Error response from daemon: could not kill");
    int removals = 0;
    for (const char *at = strstr(fake_log(&fake), "docker rm"); at != NULL;
         at = strstr(at + 1, "docker rm")) {
        removals++;
    }
    CHECK_INT(removals, 3);
    end(&fake);
    check_end();
}

static void down_says_when_containers_come_back(void **state)
{
    (void)state;
    static const fake_answer answers[] = {ANSWER(PS, 0, "aaa\n", NULL), ANSWER("docker *", 0, NULL, NULL),
                                          END};
    fake_system fake;
    stack_compose compose = begin(&fake, answers, STACK_TOOL_DOCKER_PLUGIN);
    ifm_error err;
    CHECK(!stack_compose_down(&compose, false, &err));
    CHECK_INT(err.code, IFM_BUSY);
    end(&fake);
    check_end();
}

static void down_that_is_cancelled_ends(void **state)
{
    (void)state;
    static const fake_answer answers[] = {ANSWER(PS, 0, "aaa\n", NULL), CANNOT("docker stop*", IFM_CANCELED),
                                          END};
    fake_system fake;
    stack_compose compose = begin(&fake, answers, STACK_TOOL_DOCKER_PLUGIN);
    ifm_error err;
    CHECK(!stack_compose_down(&compose, false, &err));
    CHECK_INT(err.code, IFM_CANCELED);
    CHECK_TEXT(fake_log(&fake), PS "\ndocker stop -t 10 aaa\n");
    end(&fake);
    check_end();
}

/* --- While it runs ---------------------------------------------------------------------------------- */

static void state_is_a_word_of_the_engine(void **state)
{
    (void)state;
    static const struct {
        const char *names;
        int status;
        const char *out, *err, *want;
    } rows[] = {
        {"aaa\n", 0, "running 0\n", NULL, "running"},
        {"aaa\n", 0, "restarting 137\n", NULL, "restarting"},
        {"aaa\n", 0, "exited 3\n", NULL, "exited (3)"},
        {"aaa\n", 0, "created 0\n", NULL, "created"},
        {"aaa\nbbb\n", 0, "running 0\nexited 1\n", NULL, "running"},
        {"", 0, NULL, NULL, ""},
        {"aaa\n", 1, "\n", "Error: No such container: aaa\n", ""},
        {"aaa\n", 1, "", "Error response from daemon: No such container: aaa\n", ""},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        const fake_answer answers[] = {ANSWER(PS_SERVICE, 0, rows[i].names, NULL),
                                       ANSWER(INSPECT "*", rows[i].status, rows[i].out, rows[i].err), END};
        fake_system fake;
        stack_compose compose = begin(&fake, answers, STACK_TOOL_DOCKER_PLUGIN);
        char got[64] = "untouched";
        ifm_error err;
        CHECK(stack_compose_state(&compose, "grafana", got, sizeof got, &err));
        CHECK_TEXT(got, rows[i].want);
        end(&fake);
    }
    check_end();
}

static void state_fails_when_the_engine_does(void **state)
{
    (void)state;
    static const fake_answer answers[] = {
        ANSWER("docker ps*", 1, NULL,
               "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon "
               "running?\n"),
        END};
    fake_system fake;
    stack_compose compose = begin(&fake, answers, STACK_TOOL_DOCKER_PLUGIN);
    char got[64] = "untouched";
    ifm_error err;
    CHECK(!stack_compose_state(&compose, "grafana", got, sizeof got, &err));
    CHECK_TEXT(got, "untouched");
    CHECK_TEXT(err.message,
               "could not look for containers: the Docker engine is not running; hint: inferometer "
               "doctor says how to start it");
    end(&fake);
    check_end();
}

static void log_has_both_streams(void **state)
{
    (void)state;
    static const fake_answer answers[] = {ONCE(PS_SERVICE, 0, "aaa\nbbb\n", NULL),
                                          ANSWER(PS_SERVICE, 0, "", NULL),
                                          ANSWER("docker logs --tail=20 aaa", 0, "out\n", "err\n"), END};
    fake_system fake;
    stack_compose compose = begin(&fake, answers, STACK_TOOL_DOCKER_PLUGIN);
    char *text = NULL;
    ifm_error err;
    CHECK(stack_compose_log(&compose, "grafana", 20, &text, &err));
    CHECK_TEXT(text, "out\nerr\n");
    ifm_free(text);
    CHECK(stack_compose_log(&compose, "grafana", 20, &text, &err)); /* no container */
    CHECK_TEXT(text, "");
    ifm_free(text);
    end(&fake);
    check_end();
}

static void show_logs_passes_them_through(void **state)
{
    (void)state;
    static const struct {
        stack_tool tool;
        const char *service, *names, *want;
        bool follow;
    } rows[] = {
        {STACK_TOOL_DOCKER_PLUGIN, NULL, "aaa\nbbb\n", "docker compose -p ifm -f compose.yaml logs --tail=9*",
         false},
        {STACK_TOOL_DOCKER_COMPOSE, NULL, "aaa\nbbb\n",
         "docker-compose -p ifm -f compose.yaml logs --tail=9 --follow*", true},
        {STACK_TOOL_DOCKER_COMPOSE, "grafana", "aaa\n", "docker logs --tail=9 --follow aaa", true},
        {STACK_TOOL_PODMAN_COMPOSE, NULL, "aaa\nbbb\n", "podman logs --tail=9 aaa bbb", false},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        const fake_answer answers[] = {ANSWER("docker ps*", 0, rows[i].names, NULL),
                                       ANSWER("podman ps*", 0, rows[i].names, NULL),
                                       ANSWER(rows[i].want, 0, NULL, NULL), END};
        fake_system fake;
        stack_compose compose = begin(&fake, answers, rows[i].tool);
        ifm_error err = {0};
        CHECK(stack_compose_show_logs(&compose, rows[i].service, 9, rows[i].follow, &err));
        CHECK_TEXT(err.message, "");
        CHECK(fake.inherit);
        end(&fake);
    }
    check_end();
}

static void show_logs_ends_quietly_when_what_is_followed_is_cancelled(void **state)
{
    (void)state;
    static const fake_answer answers[] = {ANSWER("docker ps*", 0, "aaa\n", NULL),
                                          CANNOT("docker logs*", IFM_CANCELED), END};
    fake_system fake;
    stack_compose compose = begin(&fake, answers, STACK_TOOL_DOCKER_PLUGIN);
    ifm_error err;
    CHECK(stack_compose_show_logs(&compose, "grafana", 9, true, &err));
    CHECK(!stack_compose_show_logs(&compose, "grafana", 9, false, &err));
    CHECK_INT(err.code, IFM_CANCELED);
    end(&fake);
    check_end();
}

static void what_needs_a_container_says_that_there_is_none(void **state)
{
    (void)state;
    static const fake_answer answers[] = {ANSWER("docker ps*", 0, "", NULL), END};
    fake_system fake;
    stack_compose compose = begin(&fake, answers, STACK_TOOL_DOCKER_PLUGIN);
    ifm_error err;
    CHECK(!stack_compose_show_logs(&compose, NULL, 9, false, &err));
    CHECK_INT(err.code, IFM_NOT_FOUND);
    ifm_os_command_result result;
    CHECK(!stack_compose_exec(&compose, "grafana", (const char *const[]){"true", NULL}, NULL, &result, &err));
    CHECK_INT(err.code, IFM_NOT_FOUND);
    CHECK_TEXT(err.message, "there is no container of \"grafana\"; hint: inferometer stack up");
    end(&fake);
    check_end();
}

static void exec_feeds_a_command_inside(void **state)
{
    (void)state;
    static const fake_answer answers[] = {
        ANSWER(PS_SERVICE, 0, "aaa\n", NULL),
        ANSWER("docker exec --interactive aaa grafana cli", 2, "out", "err"),
        ANSWER("docker exec aaa true", 0, "", NULL), END};
    fake_system fake;
    stack_compose compose = begin(&fake, answers, STACK_TOOL_DOCKER_PLUGIN);
    ifm_os_command_result result;
    ifm_error err;
    CHECK(stack_compose_exec(&compose, "grafana", (const char *const[]){"grafana", "cli", NULL}, "secret\n",
                             &result, &err));
    CHECK_INT(result.status, 2);
    CHECK_TEXT(result.out, "out");
    ifm_os_command_result_deinit(&result);
    CHECK(stack_compose_exec(&compose, "grafana", (const char *const[]){"true", NULL}, NULL, &result, &err));
    ifm_os_command_result_deinit(&result);
    ifm_buf_append_char(&fake.inputs, '\0');
    CHECK_TEXT(fake.inputs.data, "secret\n");
    end(&fake);
    check_end();
}

static void a_command_has_a_limit_of_words(void **state)
{
    (void)state;
    static const fake_answer answers[] = {ANSWER("docker*", 0, "aaa\n", NULL), END};
    const char *words[129];
    for (size_t i = 0; i < IFM_COUNT_OF(words); i++) {
        words[i] = i + 1 == IFM_COUNT_OF(words) ? NULL : "x";
    }
    fake_system fake;
    stack_compose compose = begin(&fake, answers, STACK_TOOL_DOCKER_PLUGIN);
    ifm_os_command_result result;
    ifm_error err;
    CHECK(!stack_compose_exec(&compose, "grafana", words, NULL, &result, &err)); /* 3 and 128 */
    CHECK_INT(err.code, IFM_LIMIT);
    CHECK(!stack_compose_exec(&compose, "grafana", words + 2, NULL, &result, &err)); /* 129 */
    CHECK_INT(err.code, IFM_LIMIT);
    CHECK(stack_compose_exec(&compose, "grafana", words + 3, NULL, &result, &err)); /* 128 */
    ifm_os_command_result_deinit(&result);
    end(&fake);
    check_end();
}

static void nothing_is_run_after_the_deadline(void **state)
{
    (void)state;
    static const fake_answer answers[] = {ANSWER("docker*", 0, NULL, NULL), END};
    fake_system fake;
    stack_compose compose = begin(&fake, answers, STACK_TOOL_DOCKER_PLUGIN);
    compose.deadline_ns = ifm_os_monotonic_ns() + INT64_C(3600000000000);
    ifm_error err;
    CHECK(stack_compose_up(&compose, &err));
    CHECK(fake.timeout_ns > 0 && fake.timeout_ns <= INT64_C(3600000000000));
    compose.deadline_ns = 1;
    CHECK(!stack_compose_up(&compose, &err));
    CHECK_INT(err.code, IFM_TIMEOUT);
    CHECK_CONTAINS(err.message, "could not start the containers: no time was left for \"docker\"");
    end(&fake);
    check_end();
}

/* --- Images ----------------------------------------------------------------------------------------- */

static void has_image_asks_the_engine(void **state)
{
    (void)state;
    static const struct {
        stack_tool tool;
        const char *words;
        int status;
        const char *err;
        bool ok, found;
    } rows[] = {
        {STACK_TOOL_DOCKER_PLUGIN, "docker image inspect --format {{.Id}} a:1", 0, NULL, true, true},
        {STACK_TOOL_DOCKER_PLUGIN, "docker image inspect --format {{.Id}} a:1", 1,
         "Error response from daemon: no such image: a:1: No such image: a:1\n", true, false},
        {STACK_TOOL_DOCKER_PLUGIN, "docker image inspect --format {{.Id}} a:1", 1,
         "Error: No such image: a:1\n", true, false},
        {STACK_TOOL_DOCKER_PLUGIN, "docker image inspect --format {{.Id}} a:1", 1,
         "Cannot connect to the Docker "
         "daemon\n",
         false, false},
        {STACK_TOOL_PODMAN_COMPOSE, "podman image exists a:1", 0, NULL, true, true},
        {STACK_TOOL_PODMAN_COMPOSE, "podman image exists a:1", 1, NULL, true, false},
        {STACK_TOOL_PODMAN_COMPOSE, "podman image exists a:1", 125, "Error: bad\n", false, false},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        const fake_answer answers[] = {ANSWER(rows[i].words, rows[i].status, NULL, rows[i].err), END};
        fake_system fake;
        stack_compose compose = begin(&fake, answers, rows[i].tool);
        bool found = !rows[i].found;
        ifm_error err;
        CHECK_INT(stack_compose_has_image(&compose, "a:1", &found, &err), rows[i].ok);
        CHECK(!rows[i].ok || found == rows[i].found);
        end(&fake);
    }
    check_end();
}

/* --- Memory ----------------------------------------------------------------------------------------- */

static bool use_everything(void *context, ifm_error *err)
{
    fake_system *fake = context;
    memset(fake->used, 0, sizeof fake->used);
    ifm_buf_clear(&fake->log);
    stack_compose compose = compose_of(fake, STACK_TOOL_PODMAN_COMPOSE);
    compose.say = NULL;
    char state[64];
    char *log = NULL;
    ifm_os_command_result result;
    bool found;
    bool ok = stack_compose_has_image(&compose, "p:1", &found, err) &&
              stack_compose_pull(&compose, "p:1", err) && stack_compose_up(&compose, err) &&
              stack_compose_state(&compose, "grafana", state, 64, err) &&
              stack_compose_log(&compose, "grafana", 5, &log, err);
    ifm_free(log);
    ok = ok &&
         stack_compose_exec(&compose, "grafana", (const char *const[]){"true", NULL}, NULL, &result, err);
    if (ok) {
        ifm_os_command_result_deinit(&result);
    }
    return ok && stack_compose_down(&compose, true, err);
}

static void everything_survives_memory_that_is_out(void **state)
{
    (void)state;
    static const fake_answer answers[] = {ANSWER(PODMAN_PS " --filter*", 0, "aaa\n", NULL),
                                          ONCE(PODMAN_PS, 0, "aaa\n", NULL),
                                          ONCE(PODMAN_PS, 0, "", NULL),
                                          ONCE(PODMAN_PS, 0, "aaa\n", NULL),
                                          ANSWER(PODMAN_PS, 0, "", NULL),
                                          ANSWER("podman*", 0, "running 0\n", NULL),
                                          END};
    fake_system fake;
    begin(&fake, answers, STACK_TOOL_PODMAN_COMPOSE);
    ifm_error err;
    CHECK(use_everything(&fake, &err)); /* the fake's own log has then grown */
    CHECK(torture_allocations(use_everything, &fake, TORTURE_MAY_SUCCEED) >= 20);
    end(&fake);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(down_removes_what_has_the_label),
        cmocka_unit_test(down_keeps_the_data_and_is_content_with_nothing),
        cmocka_unit_test(down_of_podman_removes_the_pod_too),
        cmocka_unit_test(down_tries_again_and_then_says_why),
        cmocka_unit_test(down_says_when_containers_come_back),
        cmocka_unit_test(down_that_is_cancelled_ends),
        cmocka_unit_test(state_is_a_word_of_the_engine),
        cmocka_unit_test(state_fails_when_the_engine_does),
        cmocka_unit_test(log_has_both_streams),
        cmocka_unit_test(show_logs_passes_them_through),
        cmocka_unit_test(show_logs_ends_quietly_when_what_is_followed_is_cancelled),
        cmocka_unit_test(what_needs_a_container_says_that_there_is_none),
        cmocka_unit_test(exec_feeds_a_command_inside),
        cmocka_unit_test(a_command_has_a_limit_of_words),
        cmocka_unit_test(nothing_is_run_after_the_deadline),
        cmocka_unit_test(has_image_asks_the_engine),
        cmocka_unit_test(everything_survives_memory_that_is_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
