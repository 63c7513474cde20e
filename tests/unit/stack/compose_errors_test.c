/* SPDX-License-Identifier: Apache-2.0
 *
 * What the words of a failed command mean.
 */
#include "compose_fixture.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(failures_are_translated),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
