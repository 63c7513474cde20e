/* SPDX-License-Identifier: Apache-2.0
 *
 * How each tool is made to start the containers, and what its words mean.
 */
#include "compose_fixture.h"
#include "os/os.h"

/* --- Up --------------------------------------------------------------------------------------------- */

static void up_runs_each_tool_in_the_folder(void **state)
{
    (void)state;
    static const struct {
        stack_tool tool;
        const char *words;
    } rows[] = {
        {STACK_TOOL_DOCKER_PLUGIN, "docker compose" UP " --remove-orphans --pull never\n"},
        {STACK_TOOL_DOCKER_COMPOSE, "docker-compose" UP " --remove-orphans\n"},
        {STACK_TOOL_PODMAN_PLUGIN, "podman compose" UP " --remove-orphans\n"},
    };
    static const fake_answer answers[] = {ANSWER("*", 0, NULL, "Creating ifm_prometheus_1 ... done\n"), END};
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        fake_system fake;
        stack_compose compose = begin(&fake, answers, rows[i].tool);
        ifm_error err = {0};
        CHECK(stack_compose_up(&compose, &err));
        CHECK_TEXT(err.message, "");
        CHECK_TEXT(fake_log(&fake), rows[i].words);
        CHECK_TEXT(fake.directory, fake.root);
        CHECK_INT(fake.timeout_ns, 0);
        end(&fake);
    }
    check_end();
}

static void up_does_without_a_flag_that_is_too_new(void **state)
{
    (void)state;
    static const fake_answer answers[] = {
        ANSWER("docker compose" UP " --remove-orphans --pull never", 16, NULL,
               "unknown flag: --pull\nSee 'docker compose up --help'.\n"),
        ANSWER("docker compose" UP " --remove-orphans", 0, NULL, NULL), END};
    fake_system fake;
    stack_compose compose = begin(&fake, answers, STACK_TOOL_DOCKER_PLUGIN);
    ifm_error err;
    CHECK(stack_compose_up(&compose, &err));
    end(&fake);
    check_end();
}

/* What docker-compose 1.29 says with an engine of 2024, shortened. */
static const char container_config[] =
    "Recreating ifm_prometheus_1 ... \n\nERROR: for prometheus  'ContainerConfig'\nTraceback (most recent "
    "call "
    "last):\n  File \"/usr/bin/docker-compose\", line 33, in <module>\n    sys.exit(load_entry_point())\n"
    "KeyError: 'ContainerConfig'\n";

static void up_removes_what_the_old_tool_cannot_recreate(void **state)
{
    (void)state;
    static const fake_answer answers[] = {
        ONCE("docker-compose" UP " --remove-orphans", 1, NULL, container_config),
        ONCE(PS, 0, "aaa\nbbb\n", NULL),
        ANSWER(PS, 0, "", NULL),
        ANSWER("docker stop -t 10 aaa bbb", 0, "aaa\nbbb\n", NULL),
        ANSWER("docker rm --force --volumes aaa bbb", 0, "aaa\nbbb\n", NULL),
        ANSWER("docker-compose" UP " --remove-orphans", 0, NULL, NULL),
        END};
    fake_system fake;
    stack_compose compose = begin(&fake, answers, STACK_TOOL_DOCKER_COMPOSE);
    ifm_error err = {0};
    CHECK(stack_compose_up(&compose, &err));
    CHECK_TEXT(err.message, "");
    CHECK_TEXT(fake_log(&fake),
               "docker-compose" UP " --remove-orphans\n" PS "\ndocker stop -t 10 aaa bbb\n"
               "docker rm --force --volumes aaa bbb\n" PS "\ndocker-compose" UP " --remove-orphans\n");
    end(&fake);
    check_end();
}

static void up_says_so_when_the_old_tool_cannot_create_either(void **state)
{
    (void)state;
    static const fake_answer answers[] = {ANSWER("docker-compose*", 1, NULL, container_config),
                                          ANSWER(PS, 0, "", NULL), END};
    fake_system fake;
    stack_compose compose = begin(&fake, answers, STACK_TOOL_DOCKER_COMPOSE);
    ifm_error err;
    CHECK(!stack_compose_up(&compose, &err));
    CHECK_INT(err.code, IFM_UNSUPPORTED);
    CHECK_CONTAINS(err.message, "could not start the containers: docker-compose 1.29 does not understand");
    end(&fake);
    check_end();
}

/* --- Up with podman-compose ------------------------------------------------------------------------- */

static const char podman_up_ok[] =
    "podman run --name=ifm_prometheus_1 -d --network host\n5b2a2c\nexit code: 0\n";

static void up_of_podman_compose_begins_with_nothing_there(void **state)
{
    (void)state;
    static const fake_answer answers[] = {ONCE(PODMAN_PS, 0, "aaa\n", NULL),
                                          ANSWER(PODMAN_PS, 0, "", NULL),
                                          ANSWER("podman stop -t 10 aaa", 0, NULL, NULL),
                                          ANSWER("podman rm --force --volumes aaa", 0, NULL, NULL),
                                          ANSWER("podman-compose --podman-path*", 0, podman_up_ok, NULL),
                                          END};
    fake_system fake;
    stack_compose compose = begin(&fake, answers, STACK_TOOL_PODMAN_COMPOSE);
    ifm_error err = {0};
    CHECK(stack_compose_up(&compose, &err));
    CHECK_TEXT(err.message, "");
    char want[1024];
    snprintf(want, sizeof want,
             PODMAN_PS "\npodman stop -t 10 aaa\npodman rm --force --volumes aaa\n" PODMAN_PS
                       "\npodman-compose --podman-path %s/podman-for-compose" UP "\n",
             fake.root);
    CHECK_TEXT(fake_log(&fake), want);
    CHECK_TEXT(fake.directory, fake.root);
    end(&fake);
    check_end();
}

/* It ends with 0 all the same. */
static void up_of_podman_compose_sees_that_podman_failed(void **state)
{
    (void)state;
    static const char failed_out[] = "podman run --name=ifm_prometheus_1 -d\nexit code: 126\npodman start "
                                     "ifm_prometheus_1\nexit code: 125\n";
    static const char failed_err[] =
        "Error: inspecting object: no such volume ifm_prometheus-data\nError: runc: error setting "
        "rlimit\nError: "
        "no container with name or ID \"ifm_prometheus_1\" found: no such container\n";
    static const fake_answer answers[] = {ANSWER(PODMAN_PS, 0, "", NULL),
                                          ANSWER("podman-compose*", 0, failed_out, failed_err), END};
    fake_system fake;
    stack_compose compose = begin(&fake, answers, STACK_TOOL_PODMAN_COMPOSE);
    ifm_error err;
    CHECK(!stack_compose_up(&compose, &err));
    CHECK_TEXT(err.message, "could not start the containers: Error: runc: error setting rlimit");
    end(&fake);
    check_end();
}

/* A script on PATH instead of podman prints what it is called with. */
static void the_wrapper_takes_the_second_network_away(void **state)
{
    (void)state;
    static const struct {
        const char *arguments, *want;
    } rows[] = {
        {"run --name=p -d --network host -v 'a b':/c --net ifm_default --network-alias prometheus image --x "
         "y",
         "[run][--name=p][-d][--network][host][-v][a b:/c][image][--x][y]"},
        {"run --name=p --net ifm_default --network-alias prometheus image",
         "[run][--name=p][--net][ifm_default][--network-alias][prometheus][image]"},
        {"volume create ''", "[volume][create][]"},
    };
    static const fake_answer answers[] = {ANSWER(PODMAN_PS, 0, "", NULL),
                                          ANSWER("podman-compose*", 0, podman_up_ok, NULL), END};
    fake_system fake;
    stack_compose compose = begin(&fake, answers, STACK_TOOL_PODMAN_COMPOSE);
    ifm_error err;
    CHECK(stack_compose_up(&compose, &err));
    fake_file(&fake, "/podman", "#!/bin/sh\nfor word do printf '[%s]' \"$word\"; done\n");
    char path[2 * FAKE_PATH_SIZE];
    snprintf(path, sizeof path, "%s/podman", fake.root);
    assert_int_equal(chmod(path, 0755), 0);
    snprintf(path, sizeof path, "PATH=%s:/usr/bin:/bin", fake.root);
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        char script[1024];
        snprintf(script, sizeof script, "%s/podman-for-compose %s", fake.root, rows[i].arguments);
        ifm_os_command command = {.arguments = (const char *const[]){"/bin/sh", "-c", script, NULL},
                                  .environment = (const char *const[]){path, NULL},
                                  .cancel_fd = -1};
        ifm_os_command_result result = {0};
        CHECK(ifm_os_command_run(&command, &result, &err));
        CHECK_TEXT(result.out, rows[i].want);
        CHECK_TEXT(result.err, "");
        ifm_os_command_result_deinit(&result);
    }
    end(&fake);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(up_runs_each_tool_in_the_folder),
        cmocka_unit_test(up_does_without_a_flag_that_is_too_new),
        cmocka_unit_test(up_removes_what_the_old_tool_cannot_recreate),
        cmocka_unit_test(up_says_so_when_the_old_tool_cannot_create_either),
        cmocka_unit_test(up_of_podman_compose_begins_with_nothing_there),
        cmocka_unit_test(up_of_podman_compose_sees_that_podman_failed),
        cmocka_unit_test(the_wrapper_takes_the_second_network_away),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
