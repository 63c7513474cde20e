/* SPDX-License-Identifier: Apache-2.0
 *
 * Engines that work, and every way of theirs not to, as recorded.
 */
#include "fake_system.h"
#include "recorded.h"
#include "stack/engine.h"
#include "torture.h"

/* The user's own ids are never those of the files that a test makes, so that "is in the group" is up to the
 * groups given. */
enum { ALICE = 54321 };

static const char *const alice[] = {"USER=alice", "HOME=/srv/alice", NULL};

static stack_engine_info probe(fake_system *fake, stack_engine engine)
{
    stack_engine_info info;
    stack_engine_probe(&fake->system, engine, -1, &info);
    return info;
}

/* --- What works ------------------------------------------------------------------------------------- */

static void docker_works_in_all_its_forms(void **state)
{
    (void)state;
    static const struct {
        const char *version, *info, *context;
        bool rootless, desktop, snap, remapped;
        stack_network network;
        const char *gateway, *server;
    } rows[] = {
        {CLIENT_SERVER, INFO_DEBIAN, CONTEXT_DEFAULT, false, false, false, false, STACK_NETWORK_HOST,
         "host-gateway", "20.10.24+dfsg1"},
        {CLIENT_SERVER, INFO_ROOTLESS, CONTEXT("rootless", "unix:///run/user/1000/docker.sock"), true, false,
         false, false, STACK_NETWORK_BRIDGE, "198.51.100.7", "20.10.24+dfsg1"},
        {CLIENT_DESKTOP, INFO_DESKTOP,
         CONTEXT("desktop-linux", "unix:///srv/alice/.docker/desktop/docker.sock"), false, true, false, false,
         STACK_NETWORK_BRIDGE, NULL, "28.1.1"},
        {CLIENT_SERVER, INFO_SNAP, CONTEXT_DEFAULT, false, false, true, false, STACK_NETWORK_HOST,
         "host-gateway", "20.10.24+dfsg1"},
        {CLIENT_SERVER, INFO_REMAPPED, CONTEXT_DEFAULT, false, false, false, true, STACK_NETWORK_BRIDGE,
         "host-gateway", "20.10.24+dfsg1"},
        {CLIENT_SERVER, INFO_DEBIAN, CONTEXT("default", "tcp://127.0.0.1:2375"), false, false, false, false,
         STACK_NETWORK_HOST, "host-gateway", "20.10.24+dfsg1"},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        const fake_answer answers[] = {OK(DOCKER_VERSION, rows[i].version), OK(DOCKER_INFO, rows[i].info),
                                       OK(DOCKER_CONTEXT, rows[i].context), OK(DOCKER_PLUGIN, "v2.24.5\n"),
                                       END};
        fake_system fake;
        fake_init(&fake, answers, alice);
        stack_engine_info info = probe(&fake, STACK_ENGINE_DOCKER);
        CHECK_INT(info.fault, STACK_FAULT_NONE);
        CHECK_TEXT(info.cause, "");
        CHECK_TEXT(info.fix, "");
        CHECK_INT(info.engine, STACK_ENGINE_DOCKER);
        CHECK_INT(info.rootless, rows[i].rootless);
        CHECK_INT(info.desktop, rows[i].desktop);
        CHECK_INT(info.snap, rows[i].snap);
        CHECK_INT(info.remapped, rows[i].remapped);
        CHECK_INT(info.tool, STACK_TOOL_DOCKER_PLUGIN);
        CHECK_TEXT(info.tool_version, "2.24.5");
        CHECK_TEXT(info.server_version, rows[i].server);
        CHECK_INT(stack_engine_network(&info), rows[i].network);
        const char *gateway = stack_engine_host_gateway(&info);
        CHECK_TEXT(gateway == NULL ? "none" : gateway, rows[i].gateway == NULL ? "none" : rows[i].gateway);
        CHECK_INT(fake.timeout_ns, INT64_C(30000000000)); /* of the tool: it begins slowly */
        fake_deinit(&fake);
    }
    check_end();
}

/* A file of words that end with NUL, as /proc has them; here they end with "\n". */
static void fake_words(fake_system *fake, const char *path, const char *words)
{
    char full[2 * FAKE_PATH_SIZE];
    fake_file(fake, path, "");
    snprintf(full, sizeof full, "%s%s", fake->root, path);
    FILE *file = fopen(full, "w");
    assert_non_null(file);
    for (; *words != '\0'; words++) {
        fputc(*words == '\n' ? '\0' : *words, file);
    }
    fclose(file);
}

static void rootless_docker_finds_this_machine(void **state)
{
    (void)state;
    static const struct {
        const char *process;
        const char *command;
        bool lonely;
        const char *gateway;
    } rows[] = {
        {"/proc/71/cmdline", "/usr/bin/rootlesskit\n--disable-host-loopback\ndockerd-rootless.sh\n", false,
         "198.51.100.7"},
        {"/proc/71/cmdline", "rootlesskit\n--net=slirp4netns\ndockerd-rootless.sh\n", false, "10.0.2.2"},
        {"/proc/71/cmdline", "sh\nrootlesskit\n", false, "198.51.100.7"},
        {"/proc/71/cmdline", "", false, "198.51.100.7"},
        {"/proc/71/status", "", true, "10.0.2.2"}, /* nothing is better */
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        const fake_answer answers[] = {OK(DOCKER_VERSION, CLIENT_SERVER), OK(DOCKER_INFO, INFO_ROOTLESS),
                                       OK(DOCKER_CONTEXT, CONTEXT_DEFAULT), OK(DOCKER_PLUGIN, "v2.24.5\n"),
                                       END};
        fake_system fake;
        fake_init(&fake, answers, alice);
        fake_user(&fake, (unsigned)getuid(), 1, "1");
        fake_words(&fake, rows[i].process, rows[i].command);
        fake.lonely = rows[i].lonely;
        stack_engine_info info = probe(&fake, STACK_ENGINE_DOCKER);
        CHECK_TEXT(stack_engine_host_gateway(&info), rows[i].gateway);
        fake_deinit(&fake);
    }
    check_end();
}

static void docker_compose_is_taken_when_there_is_no_plugin(void **state)
{
    (void)state;
    static const struct {
        const char *version;
        bool old;
    } rows[] = {{"1.29.2\n", true}, {"2.26.1\n", false}};
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        const fake_answer answers[] = {
            OK(DOCKER_VERSION, CLIENT_SERVER),   OK(DOCKER_INFO, INFO_DEBIAN),
            OK(DOCKER_CONTEXT, CONTEXT_DEFAULT), ANSWER(DOCKER_PLUGIN, 125, NULL, NO_PLUGIN_28),
            OK(DOCKER_COMPOSE, rows[i].version), END};
        fake_system fake;
        fake_init(&fake, answers, alice);
        stack_engine_info info = probe(&fake, STACK_ENGINE_DOCKER);
        CHECK_INT(info.fault, STACK_FAULT_NONE);
        CHECK_INT(info.tool, STACK_TOOL_DOCKER_COMPOSE);
        CHECK_INT(info.note[0] != '\0', rows[i].old);
        fake_deinit(&fake);
    }
    check_end();
}

static void podman_works_with_either_tool(void **state)
{
    (void)state;
    static const struct {
        const char *info, *plugin, *program;
        stack_tool tool;
        const char *version;
        bool rootless;
    } rows[] = {
        {PODMAN_INFO_JSON("false", "false", ""), NULL, PODMAN_COMPOSE_VERSION, STACK_TOOL_PODMAN_COMPOSE,
         "1.0.3", false},
        {PODMAN_INFO_JSON("true", "false", ""), NULL, PODMAN_COMPOSE_PIPED, STACK_TOOL_PODMAN_COMPOSE,
         "1.0.3", true},
        {PODMAN_INFO_JSON("true", "false", "\"exists\": true, "), "Docker Compose version v2.24.5\n", NULL,
         STACK_TOOL_PODMAN_PLUGIN, "2.24.5", true},
        /* docker-compose without podman's service, and podman-compose behind podman compose. */
        {PODMAN_INFO_JSON("true", "false", ""), "Docker Compose version v2.24.5\n", PODMAN_COMPOSE_VERSION,
         STACK_TOOL_PODMAN_COMPOSE, "1.0.3", true},
        {PODMAN_INFO_JSON("true", "false", "\"exists\": true, "), "podman-compose version 1.0.6\n",
         PODMAN_COMPOSE_VERSION, STACK_TOOL_PODMAN_COMPOSE, "1.0.3", true},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        const fake_answer answers[] = {
            OK(PODMAN_INFO, rows[i].info),
            ANSWER(PODMAN_PLUGIN, rows[i].plugin == NULL ? 125 : 0, rows[i].plugin,
                   rows[i].plugin == NULL ? PODMAN_NO_COMPOSE : NULL),
            ANSWER(PODMAN_COMPOSE, rows[i].program == NULL ? 127 : 0, rows[i].program, NULL), END};
        fake_system fake;
        fake_init(&fake, answers, alice);
        stack_engine_info info = probe(&fake, STACK_ENGINE_PODMAN);
        CHECK_INT(info.fault, STACK_FAULT_NONE);
        CHECK_INT(info.tool, rows[i].tool);
        CHECK_TEXT(info.tool_version, rows[i].version);
        CHECK_TEXT(info.server_version, "4.3.1");
        CHECK_INT(info.rootless, rows[i].rootless);
        CHECK_INT(stack_engine_network(&info), STACK_NETWORK_HOST);
        CHECK(stack_engine_host_gateway(&info) == NULL);
        CHECK_TEXT(stack_engine_host_name(info.engine), "host.containers.internal");
        fake_deinit(&fake);
    }
    check_end();
}

static void docker_that_is_podman_is_podman(void **state)
{
    (void)state;
    static const struct {
        const char *out, *err;
    } rows[] = {
        {PODMAN_AS_DOCKER,
         "Emulate Docker CLI using podman. Create /etc/containers/nodocker to quiet msg.\n"},
        {PODMAN_AS_DOCKER, NULL},
        {CLIENT_PODMAN_SERVICE, NULL},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        const fake_answer answers[] = {ANSWER(DOCKER_VERSION, 0, rows[i].out, rows[i].err),
                                       OK(PODMAN_INFO, PODMAN_INFO_JSON("true", "false", "")),
                                       OK(PODMAN_COMPOSE, PODMAN_COMPOSE_VERSION), END};
        fake_system fake;
        fake_init(&fake, answers, alice);
        stack_engine_info info = probe(&fake, STACK_ENGINE_DOCKER);
        CHECK_INT(info.fault, STACK_FAULT_NONE);
        CHECK_INT(info.engine, STACK_ENGINE_PODMAN);
        CHECK_INT(info.tool, STACK_TOOL_PODMAN_COMPOSE);
        fake_deinit(&fake);
    }
    check_end();
}

static void native_is_prometheus_of_this_machine(void **state)
{
    (void)state;
    static const char debian[] = "prometheus, version 2.42.0+ds (branch: debian/sid, revision: 2.42.0+ds-5)\n"
                                 "  build user:       team@example.org\n  go version:       go1.19.8\n";
    const fake_answer answers[] = {OK("prometheus --version", debian), END};
    fake_system fake;
    fake_init(&fake, answers, alice);
    stack_engine_info info = probe(&fake, STACK_ENGINE_NATIVE);
    CHECK_INT(info.fault, STACK_FAULT_NONE);
    CHECK_TEXT(info.server_version, "2.42.0+ds");
    CHECK_INT(info.tool, STACK_TOOL_NONE);
    CHECK_INT(stack_engine_network(&info), STACK_NETWORK_HOST);
    CHECK(stack_engine_host_gateway(&info) == NULL);
    fake_deinit(&fake);
    check_end();
}

/* --- What does not ---------------------------------------------------------------------------------- */

/* Expects a fault; `cause` and `fix` are parts of the sentences. */
static void check_fault(const stack_engine_info *info, stack_fault fault, const char *cause, const char *fix)
{
    CHECK_INT(info->fault, fault);
    CHECK_CONTAINS(info->cause, cause);
    CHECK_CONTAINS(info->fix, fix);
    /* Whoever may write to the socket is root: nobody is told to open it. */
    CHECK(strstr(info->fix, "chmod") == NULL && strstr(info->fix, "chown") == NULL);
}

static void what_is_not_installed_comes_with_the_command_that_installs_it(void **state)
{
    (void)state;
    static const struct {
        const char *release, *docker, *podman, *prometheus;
    } rows[] = {
        {"PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nID=debian\n",
         "sudo apt-get install docker.io docker-compose", "sudo apt-get install podman podman-compose",
         "sudo apt-get install prometheus"},
        {"ID=ubuntu\nID_LIKE=debian\n", "sudo apt-get install docker.io docker-compose-v2",
         "sudo apt-get install podman podman-compose", "sudo apt-get install prometheus"},
        {"ID=pop\nID_LIKE=\"ubuntu debian\"\n", "sudo apt-get install docker.io docker-compose-v2",
         "sudo apt-get install podman podman-compose", "sudo apt-get install prometheus"},
        {"ID=fedora\n", "sudo dnf install moby-engine docker-compose",
         "sudo dnf install podman podman-compose", "sudo dnf install golang-github-prometheus"},
        {"ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\n", "install Docker Engine with its compose plugin",
         "sudo dnf install podman podman-compose", "put the program \"prometheus\" on PATH"},
        {"ID=alpine\n", "sudo apk add docker docker-cli-compose", "sudo apk add podman podman-compose",
         "sudo apk add prometheus"},
        {"ID=debianoid\n", "install Docker Engine with its compose plugin",
         "install podman with podman-compose", "put the program \"prometheus\" on PATH"},
    };
    static const fake_answer nothing[] = {END};
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        fake_system fake;
        fake_init(&fake, nothing, alice);
        fake_user(&fake, ALICE, ALICE, "");
        fake_file(&fake, "/etc/os-release", rows[i].release);
        stack_engine_info info = probe(&fake, STACK_ENGINE_DOCKER);
        check_fault(&info, STACK_FAULT_NOT_INSTALLED, "Docker is not installed", rows[i].docker);
        info = probe(&fake, STACK_ENGINE_PODMAN);
        check_fault(&info, STACK_FAULT_NOT_INSTALLED, "podman is not installed", rows[i].podman);
        info = probe(&fake, STACK_ENGINE_NATIVE);
        check_fault(&info, STACK_FAULT_NOT_INSTALLED, "\"prometheus\") is not installed", rows[i].prometheus);
        fake_deinit(&fake);
    }
    check_end();
}

/* What the machine has below its root decides which command starts the engine. */
static void an_engine_that_does_not_run_is_started_the_machine_s_way(void **state)
{
    (void)state;
    static const struct {
        unsigned user;
        const char *files[3];
        stack_fault fault;
        const char *cause, *fix;
    } rows[] = {
        {ALICE,
         {"/usr/sbin/dockerd", "/run/systemd/system/x"},
         STACK_FAULT_NOT_RUNNING,
         "its socket \"/var/run/docker.sock\" does not exist",
         "sudo systemctl start docker"},
        {0,
         {"/usr/sbin/dockerd", "/run/systemd/system/x"},
         STACK_FAULT_NOT_RUNNING,
         "the Docker engine is not ",
         "systemctl start docker"},
        {ALICE,
         {"/usr/sbin/dockerd", "/etc/init.d/docker"},
         STACK_FAULT_NOT_RUNNING,
         "is not running",
         "sudo service docker start"},
        {ALICE, {"/usr/bin/dockerd"}, STACK_FAULT_NOT_RUNNING, "is not running", "sudo dockerd"},
        {ALICE,
         {"/snap/docker/current/bin/dockerd", "/run/systemd/system/x"},
         STACK_FAULT_NOT_RUNNING,
         "is not running",
         "sudo snap start docker"},
        {ALICE,
         {"/usr/bin/dockerd", "/var/run/docker.sock"},
         STACK_FAULT_NOT_RUNNING,
         "nobody answers at \"/var/run/docker.sock\"",
         "sudo dockerd"},
        {ALICE,
         {"/etc/os-release"},
         STACK_FAULT_NOT_INSTALLED,
         "but no Docker engine",
         "install Docker Engine"},
        {ALICE,
         {"/usr/bin/dockerd", "/run/user/54321/docker.sock"},
         STACK_FAULT_WRONG_CONTEXT,
         "yours is rootless",
         "export DOCKER_HOST=unix:///run/user/54321/docker.sock"},
        {ALICE,
         {"/srv/alice/.docker/desktop/docker.sock"},
         STACK_FAULT_WRONG_CONTEXT,
         "yours is Docker Desktop",
         "docker context use desktop-linux"},
    };
    static const fake_answer answers[] = {ANSWER(DOCKER_VERSION, 1, CLIENT_ALONE, NO_DAEMON),
                                          OK(DOCKER_CONTEXT, CONTEXT_DEFAULT), END};
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        fake_system fake;
        fake_init(&fake, answers, alice);
        fake_user(&fake, rows[i].user, ALICE, "");
        for (size_t k = 0; k < 3 && rows[i].files[k] != NULL; k++) {
            fake_file(&fake, rows[i].files[k], "");
        }
        stack_engine_info info = probe(&fake, STACK_ENGINE_DOCKER);
        check_fault(&info, rows[i].fault, rows[i].cause, rows[i].fix);
        CHECK_INT(info.fix[0] == 's' && info.fix[1] == 'u', strncmp(rows[i].fix, "sudo", 4) == 0);
        fake_deinit(&fake);
    }
    check_end();
}

static void a_client_that_is_led_elsewhere_has_the_wrong_context(void **state)
{
    (void)state;
    static const char lab[] = CONTEXT("lab", "tcp://10.1.2.3:2375");
    static const char missing_28[] =
        "Failed to initialize: unable to resolve docker endpoint: context \"nope\": context not found: open "
        "/srv/alice/.docker/contexts/meta/ca37/meta.json: no such file or directory\n";
    static const char missing_20[] = "unable to resolve docker endpoint: context \"nope\" does not exist\n";
    static const char ssh[] =
        "error during connect: Get \"http://docker.example.com/v1.50/version\": command "
        "[ssh ...] has exited with exit status 255: Permission denied (publickey).\n";
    static const char nobody[] = "Cannot connect to the Docker daemon at ... Is the docker daemon running?\n";
    static const struct {
        const char *environment;
        int status;
        const char *version, *err, *context, *cause, *fix;
    } rows[] = {
        {"X=", 0, CLIENT_SERVER, "", lab, "the context \"lab\" of the Docker client leads to another machine",
         "docker context use default"},
        {"DOCKER_CONTEXT=lab", 1, CLIENT_ALONE, nobody, lab, "leads to another machine",
         "unset DOCKER_CONTEXT"},
        {"DOCKER_HOST=tcp://10.1.2.3:2375", 0, CLIENT_SERVER, "", CONTEXT("default", "tcp://10.1.2.3:2375"),
         "DOCKER_HOST leads to another machine, \"tcp://10.1.2.3:2375\"", "unset DOCKER_HOST"},
        {"DOCKER_HOST=ssh://root@far", 1, CLIENT_ALONE, ssh, CONTEXT("default", "ssh://root@far"),
         "leads to another machine, \"ssh://root@far\"", "unset DOCKER_HOST"},
        {"DOCKER_HOST=far:2375", 1, CLIENT_ALONE, nobody, NULL, "leads to another machine, \"far:2375\"",
         "unset DOCKER_HOST"},
        {"DOCKER_HOST=unix:///tmp/none.sock", 1, CLIENT_ALONE, nobody,
         CONTEXT("default", "unix:///tmp/none.sock"),
         "DOCKER_HOST leads to \"unix:///tmp/none.sock\", where no Docker engine answers",
         "unset DOCKER_HOST"},
        {"DOCKER_HOST=tcp://localhost:1", 1, CLIENT_ALONE, nobody, CONTEXT("default", "tcp://localhost:1"),
         "where no Docker engine answers", "unset DOCKER_HOST"},
        {"DOCKER_CONTEXT=nope", 1, "", missing_28, NULL, "has no such context", "unset DOCKER_CONTEXT"},
        {"X=", 1, "", missing_20, NULL, "context \"nope\" does not exist", "docker context use default"},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        const fake_answer answers[] = {
            ANSWER(DOCKER_VERSION, rows[i].status, rows[i].version, rows[i].err),
            ANSWER(DOCKER_CONTEXT, rows[i].context == NULL ? 1 : 0, rows[i].context, NULL), END};
        fake_system fake;
        fake_init(&fake, answers, (const char *const[]){rows[i].environment, NULL});
        stack_engine_info info = probe(&fake, STACK_ENGINE_DOCKER);
        check_fault(&info, STACK_FAULT_WRONG_CONTEXT, rows[i].cause, rows[i].fix);
        fake_deinit(&fake);
    }
    check_end();
}

static void engines_of_the_user_are_started_by_the_user(void **state)
{
    (void)state;
    static const struct {
        const char *context, *fix;
    } rows[] = {
        {CONTEXT("rootless", "unix:///run/user/1000/docker.sock"), "systemctl --user start docker"},
        {CONTEXT("desktop-linux", "unix:///srv/alice/.docker/desktop/docker.sock"),
         "systemctl --user start docker-desktop"},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        const fake_answer answers[] = {ANSWER(DOCKER_VERSION, 1, CLIENT_ALONE, NO_DAEMON),
                                       OK(DOCKER_CONTEXT, rows[i].context), END};
        fake_system fake;
        fake_init(&fake, answers, alice);
        stack_engine_info info = probe(&fake, STACK_ENGINE_DOCKER);
        check_fault(&info, STACK_FAULT_NOT_RUNNING, "is not running", rows[i].fix);
        fake_deinit(&fake);
    }
    check_end();
}

/* The socket's group, who is in it, and since when. */
static void permission_is_told_apart(void **state)
{
    (void)state;
    static const struct {
        const char *group_line; /* of /etc/group; %u is the socket's group */
        bool in_group;
        const char *user, *cause, *fix;
    } rows[] = {
        {"docker:x:%u:\n", false, "alice",
         "user \"alice\" may not use the Docker engine: its socket is for the group \"docker\"",
         "sudo usermod -aG docker alice; then log in again"},
        {"docker::%u:bob,alicea\n", false, "alice", "its socket is for the group \"docker\"",
         "rootless Docker and podman need no such right"},
        {"docker:x:%u:bob,alice\n", false, "alice", "this session began before that", "newgrp docker"},
        {"docker:x:%u:alice\n", true, "alice", "a security module", "journalctl"},
        {"nothing:x:1:\n", false, "alice", "is for root alone",
         "sudo groupadd --force docker && sudo usermod -aG docker alice"},
        {"docker:x:%u:\n", false, "a;rm -rf /", "user \"$USER\"", "sudo usermod -aG docker $USER"},
    };
    static const fake_answer answers[] = {ANSWER(DOCKER_VERSION, 1, CLIENT_ALONE, NO_PERMISSION),
                                          OK(DOCKER_CONTEXT, CONTEXT_DEFAULT), END};
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        fake_system fake;
        char user[64], text[128], groups[32], path[FAKE_PATH_SIZE + 32];
        snprintf(user, sizeof user, "USER=%s", rows[i].user);
        fake_init(&fake, answers, (const char *const[]){user, NULL});
        fake_file(&fake, "/var/run/docker.sock", "");
        struct stat status;
        snprintf(path, sizeof path, "%s/var/run/docker.sock", fake.root);
        if (getegid() == 0) { /* root's group is a case of its own */
            assert_int_equal(chown(path, (uid_t)-1, 998), 0);
        }
        assert_int_equal(stat(path, &status), 0);
        snprintf(text, sizeof text, rows[i].group_line, (unsigned)status.st_gid);
        fake_file(&fake, "/etc/group", text);
        snprintf(groups, sizeof groups, "4 %u 27 ", rows[i].in_group ? (unsigned)status.st_gid : 5);
        fake_user(&fake, ALICE, ALICE, groups);
        stack_engine_info info = probe(&fake, STACK_ENGINE_DOCKER);
        check_fault(&info, STACK_FAULT_NO_PERMISSION, rows[i].cause, rows[i].fix);
        fake_deinit(&fake);
    }
    check_end();
}

static void other_faults_keep_the_engine_s_words(void **state)
{
    (void)state;
    static const char old[] =
        "Error response from daemon: client version 1.22 is too old. Minimum supported API "
        "version is 1.24, please upgrade your client to a newer version\n";
    static const char broken[] =
        "{\"ServerErrors\":[\"Error response from daemon: \\u001b[31mbroken store\"]}";
    static const fake_answer too_old[] = {ANSWER(DOCKER_VERSION, 1, CLIENT_ALONE, old),
                                          OK(DOCKER_CONTEXT, CONTEXT_DEFAULT), END};
    static const fake_answer no_info[] = {OK(DOCKER_VERSION, CLIENT_SERVER),
                                          OK(DOCKER_CONTEXT, CONTEXT_DEFAULT),
                                          ANSWER(DOCKER_INFO, 1, broken, NULL), END};
    static const fake_answer hangs[] = {CANNOT(DOCKER_VERSION, IFM_TIMEOUT),
                                        OK(DOCKER_CONTEXT, CONTEXT_DEFAULT), END};
    static const fake_answer cancelled[] = {CANNOT(DOCKER_VERSION, IFM_CANCELED), END};
    static const fake_answer garbage[] = {OK(DOCKER_VERSION, "nonsense"), OK(DOCKER_CONTEXT, "[1]"), END};
    static const struct {
        const fake_answer *answers;
        const char *cause, *fix;
    } rows[] = {
        {too_old, "client version 1.22 is too old", "docker version"},
        {no_info, "the Docker engine does not work: Error response from daemon: ?[31mbroken store",
         "docker info"},
        {hangs, "the Docker engine did not answer within 10 s", "service docker restart"},
        {cancelled, "was interrupted", "try again"},
        {garbage, "the Docker engine does not work", "docker version"},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        fake_system fake;
        fake_init(&fake, rows[i].answers, alice);
        stack_engine_info info = probe(&fake, STACK_ENGINE_DOCKER);
        check_fault(&info, STACK_FAULT_OTHER, rows[i].cause, rows[i].fix);
        fake_deinit(&fake);
    }
    check_end();
}

static void an_engine_without_a_compose_tool_says_which_to_install(void **state)
{
    (void)state;
    static const struct {
        const char *file, *fix;
    } rows[] = {
        {"/etc/hosts", "sudo apt-get install docker-compose"},
        {"/etc/apt/sources.list.d/docker.list", "sudo apt-get install docker-compose-plugin"},
    };
    static const fake_answer answers[] = {OK(DOCKER_VERSION, CLIENT_SERVER), OK(DOCKER_INFO, INFO_DEBIAN),
                                          OK(DOCKER_CONTEXT, CONTEXT_DEFAULT),
                                          ANSWER(DOCKER_PLUGIN, 125, NULL, NO_PLUGIN_28), END};
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        fake_system fake;
        fake_init(&fake, answers, alice);
        fake_file(&fake, "/etc/os-release", "ID=debian\n");
        fake_file(&fake, rows[i].file, "");
        stack_engine_info info = probe(&fake, STACK_ENGINE_DOCKER);
        check_fault(&info, STACK_FAULT_NO_COMPOSE, "neither docker compose nor docker-compose", rows[i].fix);
        CHECK_TEXT(info.fix, rows[i].fix);
        CHECK_INT(info.tool, STACK_TOOL_NONE);
        fake_deinit(&fake);
    }
    check_end();
}

static void podman_s_faults_are_told_apart(void **state)
{
    (void)state;
    static const char uidmap[] = "Error: command required for rootless mode with multiple IDs: exec: "
                                 "\"newuidmap\": executable file not found in $PATH\n";
    static const char subuid[] =
        "ERRO[0000] cannot find UID/GID for user alice: no subuid ranges found for user "
        "\"alice\" in /etc/subuid\n";
    static const char remote[] = "Cannot connect to Podman. Please verify your connection\nError: unable to "
                                 "connect to Podman socket: ping response was 404\n";
    static const fake_answer no_uidmap[] = {ANSWER(PODMAN_INFO, 125, "", uidmap), END};
    static const fake_answer no_subuid[] = {ANSWER(PODMAN_INFO, 125, "", subuid), END};
    static const fake_answer no_service[] = {ANSWER(PODMAN_INFO, 125, "", remote), END};
    static const fake_answer elsewhere[] = {OK(PODMAN_INFO, PODMAN_INFO_JSON("true", "true", "")), END};
    static const fake_answer no_tool[] = {OK(PODMAN_INFO, PODMAN_INFO_JSON("true", "false", "")),
                                          ANSWER(PODMAN_PLUGIN, 125, NULL, PODMAN_NO_COMPOSE), END};
    static const fake_answer no_socket[] = {OK(PODMAN_INFO, PODMAN_INFO_JSON("true", "false", "")),
                                            OK(PODMAN_PLUGIN, "Docker Compose version v2.24.5\n"), END};
    static const fake_answer hangs[] = {CANNOT(PODMAN_INFO, IFM_TIMEOUT), END};
    static const struct {
        const fake_answer *answers;
        stack_fault fault;
        const char *cause, *fix;
    } rows[] = {
        {no_uidmap, STACK_FAULT_OTHER, "podman does not work: Error: command required", "newuidmap"},
        {no_subuid, STACK_FAULT_OTHER, "no subuid ranges", "sudo usermod --add-subuids"},
        {no_service, STACK_FAULT_WRONG_CONTEXT, "unable to connect to Podman socket", "unset CONTAINER_HOST"},
        {elsewhere, STACK_FAULT_WRONG_CONTEXT, "on another machine", "unset CONTAINER_HOST"},
        {no_tool, STACK_FAULT_NO_COMPOSE, "neither podman compose nor podman-compose", "podman-compose"},
        {no_socket, STACK_FAULT_NO_COMPOSE, "needs podman's service",
         "systemctl --user enable --now podman.socket"},
        {hangs, STACK_FAULT_OTHER, "did not answer within 10 s", "podman info"},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        fake_system fake;
        fake_init(&fake, rows[i].answers, alice);
        stack_engine_info info = probe(&fake, STACK_ENGINE_PODMAN);
        check_fault(&info, rows[i].fault, rows[i].cause, rows[i].fix);
        fake_deinit(&fake);
    }
    check_end();
}

static void native_that_is_no_prometheus_is_a_fault(void **state)
{
    (void)state;
    static const fake_answer answers[] = {ANSWER("prometheus --version", 2, "", "no such option\n"), END};
    fake_system fake;
    fake_init(&fake, answers, alice);
    stack_engine_info info = probe(&fake, STACK_ENGINE_NATIVE);
    check_fault(&info, STACK_FAULT_OTHER, "does not say its version: no such option", "prometheus --version");
    fake_deinit(&fake);
    check_end();
}

/* --- All of it -------------------------------------------------------------------------------------- */

static bool probe_all(void *context, ifm_error *err)
{
    fake_system *fake = context;
    ifm_buf_clear(&fake->log);
    stack_engine_info info;
    stack_engine_probe(&fake->system, STACK_ENGINE_DOCKER, -1, &info);
    CHECK_INT(info.engine, STACK_ENGINE_DOCKER);
    err->code =
        IFM_NOMEM; /* a probe has no error: memory that is out makes a fault, or a part that is unsaid */
    return info.fault == STACK_FAULT_NO_PERMISSION;
}

static void probing_survives_memory_that_is_out(void **state)
{
    (void)state;
    static const fake_answer answers[] = {ANSWER(DOCKER_VERSION, 1, CLIENT_ALONE, NO_PERMISSION),
                                          OK(DOCKER_CONTEXT, CONTEXT_DEFAULT), END};
    fake_system fake;
    fake_init(&fake, answers, alice);
    fake_file(&fake, "/var/run/docker.sock", "");
    fake_file(&fake, "/etc/group", "docker:x:0:\n");
    fake_user(&fake, ALICE, ALICE, "");
    ifm_error err;
    CHECK(probe_all(&fake, &err)); /* the fake's own log has then grown */
    CHECK(torture_allocations(probe_all, &fake, TORTURE_MAY_SUCCEED) >= 3);
    fake_deinit(&fake);
    check_end();
}

static void names_and_words_are_those_of_the_commands(void **state)
{
    (void)state;
    CHECK_TEXT(stack_tool_words(STACK_TOOL_DOCKER_PLUGIN)[1], "compose");
    CHECK(stack_tool_words(STACK_TOOL_DOCKER_PLUGIN)[2] == NULL);
    CHECK_TEXT(stack_tool_words(STACK_TOOL_PODMAN_COMPOSE)[0], "podman-compose");
    CHECK(stack_tool_words(STACK_TOOL_NONE)[0] == NULL);
    CHECK_TEXT(stack_tool_name(STACK_TOOL_PODMAN_PLUGIN), "podman compose");
    CHECK_TEXT(stack_engine_name(STACK_ENGINE_NATIVE), "native");
    CHECK_TEXT(stack_engine_name(STACK_ENGINE_AUTO), "auto");
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(docker_works_in_all_its_forms),
        cmocka_unit_test(rootless_docker_finds_this_machine),
        cmocka_unit_test(docker_compose_is_taken_when_there_is_no_plugin),
        cmocka_unit_test(podman_works_with_either_tool),
        cmocka_unit_test(docker_that_is_podman_is_podman),
        cmocka_unit_test(native_is_prometheus_of_this_machine),
        cmocka_unit_test(what_is_not_installed_comes_with_the_command_that_installs_it),
        cmocka_unit_test(an_engine_that_does_not_run_is_started_the_machine_s_way),
        cmocka_unit_test(a_client_that_is_led_elsewhere_has_the_wrong_context),
        cmocka_unit_test(engines_of_the_user_are_started_by_the_user),
        cmocka_unit_test(permission_is_told_apart),
        cmocka_unit_test(other_faults_keep_the_engine_s_words),
        cmocka_unit_test(an_engine_without_a_compose_tool_says_which_to_install),
        cmocka_unit_test(podman_s_faults_are_told_apart),
        cmocka_unit_test(native_that_is_no_prometheus_is_a_fault),
        cmocka_unit_test(probing_survives_memory_that_is_out),
        cmocka_unit_test(names_and_words_are_those_of_the_commands),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
