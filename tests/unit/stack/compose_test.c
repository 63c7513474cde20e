/* SPDX-License-Identifier: Apache-2.0
 *
 * The commands that compose tools and engines are given, and what is made of what they answer.
 */
#include "fake_system.h"
#include "os/os.h"
#include "stack/compose.h"
#include "torture.h"

#define ANSWER(words, status, out, err)                                                                      \
    {                                                                                                        \
        words, status, out, err, IFM_OK, 0                                                                   \
    }
#define ONCE(words, status, out, err)                                                                        \
    {                                                                                                        \
        words, status, out, err, IFM_OK, 1                                                                   \
    }
#define CANNOT(words, code)                                                                                  \
    {                                                                                                        \
        words, 0, NULL, NULL, code, 0                                                                        \
    }
#define END                                                                                                  \
    {                                                                                                        \
        NULL, 0, NULL, NULL, IFM_OK, 0                                                                       \
    }

#define OF_PROJECT "--quiet --filter label=com.docker.compose.project=ifm"
#define PS         "docker ps --all --no-trunc " OF_PROJECT
#define PS_SERVICE PS " --filter label=com.docker.compose.service=grafana"
#define PODMAN_PS  "podman ps --all --no-trunc " OF_PROJECT
#define NETWORKS   "docker network ls " OF_PROJECT
#define VOLUMES    "docker volume ls " OF_PROJECT
#define INSPECT    "docker inspect --type container --format {{.State.Status}} {{.State.ExitCode}} "
#define UP         " -p ifm -f compose.yaml up -d --no-build"

static ifm_buf said;

static void say(void *context, const char *line)
{
    (void)context;
    ifm_buf_printf(&said, "[%s]", line);
}

static stack_compose compose_of(fake_system *fake, stack_tool tool)
{
    bool podman = tool == STACK_TOOL_PODMAN_COMPOSE || tool == STACK_TOOL_PODMAN_PLUGIN;
    return (stack_compose){.system = &fake->system,
                           .engine = podman ? STACK_ENGINE_PODMAN : STACK_ENGINE_DOCKER,
                           .tool = tool,
                           .folder = fake->root,
                           .project = "ifm",
                           .cancel_fd = -1,
                           .say = say};
}

static stack_compose begin(fake_system *fake, const fake_answer *answers, stack_tool tool)
{
    ifm_buf_init(&said, 1 << 20);
    fake_init(fake, answers, NULL);
    return compose_of(fake, tool);
}

static void end(fake_system *fake)
{
    ifm_buf_deinit(&said);
    fake_deinit(fake);
}

static const char *all_said(void)
{
    ifm_buf_append_char(&said, '\0');
    said.size--;
    return said.data;
}

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

/* --- What it means ---------------------------------------------------------------------------------- */

/* Words of Docker 20.10 to 28, docker compose, docker-compose and podman. */
static const struct failure {
    const char *err;
    ifm_code code;
    const char *part;
} failures[] = {
    {"Error response from daemon: driver failed programming external connectivity on endpoint "
     "ifm_grafana_1 "
     "(ab12): Bind for 127.0.0.1:3000 failed: port is already allocated\n",
     IFM_BUSY, "port 3000 is in use; hint: choose another"},
    {"ERROR: for prometheus  Cannot start service prometheus: driver failed programming external "
     "connectivity "
     "on endpoint ifm_prometheus_1 (74ec6a7025273d3e49cd9ad99804ea61be3ef01f68c2b54d32f15f7be00fbc07): Error "
     "starting userland proxy: listen tcp4 127.0.0.1:9090: bind: address already in use\n"
     "Encountered errors while bringing up the project.\n",
     IFM_BUSY, "port 9090 is in use"},
    {"Error: rootlessport listen tcp: bind: address already in use\n", IFM_BUSY,
     "port of the stack is in use"},
    {"write /var/lib/docker/tmp/GetImageBlob1: no space left on device\n", IFM_IO,
     "the disk of the engine is full"},
    {"docker.errors.DockerException: Error while fetching server API version: Not supported URL scheme "
     "http+docker\n",
     IFM_UNSUPPORTED, "library requests"},
    {"ModuleNotFoundError: No module named 'distutils'\n", IFM_UNSUPPORTED, "version of Python"},
    {"permission denied while trying to connect to the Docker daemon socket at "
     "unix:///var/run/docker.sock: "
     "Get \"http://x\": dial unix /var/run/docker.sock: connect: permission denied\n",
     IFM_IO, "this user may not use the Docker engine"},
    {"ERROR: Couldn't connect to Docker daemon at http+docker://localhost - is it running?\n", IFM_IO,
     "the Docker engine is not running"},
    {"Error: invalid IP address in add-host: \"host-gateway\"\n", IFM_UNSUPPORTED, "use the host's network"},
    {"Error response from daemon: cannot share the host's network namespace when user namespaces are "
     "enabled\n",
     IFM_UNSUPPORTED, "use the bridge network"},
    {"Error response from daemon: Mounts denied: \nThe path /x is not shared from the host and is not "
     "known to "
     "Docker.\n",
     IFM_IO, "File sharing"},
    {"Error response from daemon: invalid mount config for type \"bind\": bind source path does not "
     "exist: "
     "/srv/x\n",
     IFM_IO, "Docker from a snap sees no hidden folders"},
    {"Error: statfs /srv/x: no such file or directory\n", IFM_IO, "does not see a folder"},
    {"Error response from daemon: network 0123abcd not found\n", IFM_NOT_FOUND,
     "a network of the containers is gone; hint: inferometer stack down, then up"},
    {"Error response from daemon: pull access denied for prom/nothing, repository does not exist or may "
     "require 'docker login': denied: requested access to the resource is denied\n",
     IFM_NOT_FOUND, "the registry has no such image"},
    {"Error response from daemon: manifest for prom/prometheus:v99 not found: manifest unknown: manifest "
     "unknown\n",
     IFM_NOT_FOUND, "no such version"},
    {"Error: initializing source docker://p:1: reading manifest 1 in docker.io/p: manifest unknown\n",
     IFM_NOT_FOUND, "no such version"},
    {"no matching manifest for linux/riscv64 in the manifest list entries\n", IFM_UNSUPPORTED,
     "for this processor"},
    {"toomanyrequests: You have reached your pull rate limit.\n", IFM_LIMIT, "no more downloads for now"},
    {"Error response from daemon: Get \"https://registry.example/v2/\": dial tcp: lookup "
     "registry.example on "
     "10.255.255.53:53: no such host\n",
     IFM_IO, "the registry's name cannot be resolved; hint: check the network"},
    {"dial tcp: lookup registry.example: Temporary failure in name resolution\n", IFM_IO,
     "cannot be resolved"},
    {"Get \"https://registry.example/v2/\": dial tcp 192.0.2.1:443: connect: connection refused\n", IFM_IO,
     "no way to the registry"},
    {"Get \"https://registry.example/v2/\": net/http: TLS handshake timeout\n", IFM_IO,
     "did not answer in time"},
    {"Get \"https://registry.example/v2/\": x509: certificate signed by unknown authority\n", IFM_IO,
     "certificate is not trusted"},
    {"Error: short-name \"p:1\" did not resolve to an alias and no unqualified-search registries are "
     "defined "
     "in \"/etc/containers/registries.conf\"\n",
     IFM_INVALID, "put docker.io/ before its name"},
    {"Error response from daemon: a fault of tomorrow\n\nRun 'docker pull --help' for more information\n",
     IFM_IO, ": Error response from daemon: a fault of tomorrow"},
    {"a \033[31mred\033[0m line\n", IFM_IO, ": a ?[31mred?[0m line"},
    {"", IFM_IO, "it ended with status 1 and said nothing"},
};

static void failures_are_translated(void **state)
{
    (void)state;
    for (size_t i = 0; i < IFM_COUNT_OF(failures); i++) {
        const fake_answer answers[] = {ANSWER("docker pull p:1", 1, NULL, failures[i].err), END};
        fake_system fake;
        stack_compose compose = begin(&fake, answers, STACK_TOOL_DOCKER_PLUGIN);
        ifm_error err = {0};
        CHECK(!stack_compose_pull(&compose, "p:1", &err));
        CHECK_INT(err.code, failures[i].code);
        CHECK_CONTAINS(err.message, failures[i].part);
        CHECK_CONTAINS(err.message, "could not pull \"p:1\": ");
        CHECK(strstr(err.message, "...") == NULL); /* cut */
        end(&fake);
    }
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
        cmocka_unit_test(up_runs_each_tool_in_the_folder),
        cmocka_unit_test(up_does_without_a_flag_that_is_too_new),
        cmocka_unit_test(up_removes_what_the_old_tool_cannot_recreate),
        cmocka_unit_test(up_says_so_when_the_old_tool_cannot_create_either),
        cmocka_unit_test(up_of_podman_compose_begins_with_nothing_there),
        cmocka_unit_test(up_of_podman_compose_sees_that_podman_failed),
        cmocka_unit_test(the_wrapper_takes_the_second_network_away),
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
        cmocka_unit_test(pull_says_how_far_it_is_every_two_seconds),
        cmocka_unit_test(pull_names_docker_s_registry_to_podman),
        cmocka_unit_test(pull_survives_more_layers_than_there_can_be),
        cmocka_unit_test(failures_are_translated),
        cmocka_unit_test(pull_passes_the_engine_s_words_on),
        cmocka_unit_test(everything_survives_memory_that_is_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
