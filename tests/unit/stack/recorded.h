/* SPDX-License-Identifier: Apache-2.0
 *
 * What engines and their tools answered, shortened to the keys that matter: on Debian 12 with the clients
 * 28.2.2 and 20.10.24, the engine 20.10.24, docker-compose 1.29.2, podman 4.3.1 and podman-compose 1.0.3;
 * the rest after their documentation.
 */
#ifndef IFM_TESTS_RECORDED_H
#define IFM_TESTS_RECORDED_H

#define DOCKER_VERSION "docker version --format {{json .}}"
#define DOCKER_INFO    "docker info --format {{json .}}"
#define DOCKER_CONTEXT "docker context inspect --format {{json .}}"
#define DOCKER_PLUGIN  "docker compose version --short"
#define DOCKER_COMPOSE "docker-compose version --short"
#define PODMAN_INFO    "podman info --format json"
#define PODMAN_PLUGIN  "podman compose version"
#define PODMAN_COMPOSE "podman-compose version"

#define CLIENT                                                                                               \
    "{\"Client\":{\"Version\":\"28.2.2\",\"ApiVersion\":\"1.50\",\"DefaultAPIVersion\":\"1.50\","            \
    "\"Os\":\"linux\",\"Arch\":\"amd64\",\"Context\":\"default\"},"
#define CLIENT_ALONE CLIENT "\"Server\":null}\n"
#define CLIENT_SERVER                                                                                        \
    CLIENT "\"Server\":{\"Platform\":{\"Name\":\"\"},\"Components\":[{\"Name\":\"Engine\","                  \
           "\"Version\":\"20.10.24+dfsg1\",\"Details\":{\"ApiVersion\":\"1.41\"}},{\"Name\":\"containerd\"," \
           "\"Version\":\"1.6.20~ds1\"}],\"Version\":\"20.10.24+dfsg1\",\"ApiVersion\":\"1.41\"}}\n"
#define CLIENT_DESKTOP                                                                                       \
    CLIENT "\"Server\":{\"Platform\":{\"Name\":\"Docker Desktop 4.41.2 (191736)\"},\"Components\":"          \
           "[{\"Name\":\"Engine\",\"Version\":\"28.1.1\"}],\"Version\":\"28.1.1\"}}\n"
#define CLIENT_PODMAN_SERVICE                                                                                \
    CLIENT "\"Server\":{\"Platform\":{\"Name\":\"linux/amd64/debian-12\"},\"Components\":"                   \
           "[{\"Name\":\"Podman Engine\",\"Version\":\"4.3.1\"},{\"Name\":\"Conmon\"}],"                     \
           "\"Version\":\"4.3.1\"}}\n"
#define PODMAN_AS_DOCKER                                                                                     \
    "{\"Client\":{\"APIVersion\":\"4.3.1\",\"Version\":\"4.3.1\",\"GoVersion\":\"go1.19.8\","                \
    "\"OsArch\":\"linux/amd64\",\"Os\":\"linux\"}}\n"

#define INFO(system, root_dir, options)                                                                      \
    "{\"ID\":\"WVKV:HBBQ\",\"Driver\":\"overlay2\",\"OperatingSystem\":\"" system                            \
    "\",\"DockerRootDir\":\"" root_dir                                                                       \
    "\",\"ServerVersion\":\"20.10.24+dfsg1\",\"SecurityOptions\":[" options "],\"Warnings\":null}\n"
#define INFO_DEBIAN                                                                                          \
    INFO("Debian GNU/Linux 12 (bookworm)", "/var/lib/docker", "\"name=seccomp,profile=default\"")
#define INFO_REMAPPED                                                                                        \
    INFO("Debian GNU/Linux 12 (bookworm)", "/var/lib/docker/100000.100000",                                  \
         "\"name=seccomp,profile=default\",\"name=userns\"")
#define INFO_ROOTLESS                                                                                        \
    INFO("Debian GNU/Linux 12 (bookworm)", "/srv/alice/.local/share/docker",                                 \
         "\"name=seccomp,profile=builtin\",\"name=rootless\",\"name=cgroupns\"")
#define INFO_DESKTOP INFO("Docker Desktop", "/var/lib/docker", "\"name=seccomp,profile=unconfined\"")
#define INFO_SNAP                                                                                            \
    INFO("Ubuntu Core 22", "/var/snap/docker/common/var-lib-docker", "\"name=apparmor\",\"name=seccomp\"")

#define CONTEXT(name, host)                                                                                  \
    "{\"Name\":\"" name "\",\"Metadata\":{},\"Endpoints\":{\"docker\":{\"Host\":\"" host                     \
    "\",\"SkipTLSVerify\":false}},\"TLSMaterial\":{}}\n"
#define CONTEXT_DEFAULT CONTEXT("default", "unix:///var/run/docker.sock")

#define NO_DAEMON                                                                                            \
    "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?\n"
#define NO_PERMISSION                                                                                        \
    "permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: " \
    "Get \"http://%2Fvar%2Frun%2Fdocker.sock/v1.50/version\": dial unix /var/run/docker.sock: connect: "     \
    "permission denied\n"
#define NO_PLUGIN_28                                                                                         \
    "unknown flag: --short\n\nUsage:  docker [OPTIONS] COMMAND [ARG...]\n\nRun 'docker --help' for more "    \
    "information\n"

#define PODMAN_INFO_JSON(rootless, remote, socket)                                                           \
    "{\n  \"host\": {\n    \"arch\": \"amd64\",\n    \"remoteSocket\": {" socket                             \
    "\"path\": \"/run/podman/podman.sock\"},\n    \"serviceIsRemote\": " remote ",\n    \"security\": "      \
    "{\"rootless\": " rootless ", \"selinuxEnabled\": false}\n  },\n  \"version\": {\"APIVersion\": "        \
    "\"4.3.1\", \"Version\": \"4.3.1\"}\n}\n"
#define PODMAN_COMPOSE_VERSION                                                                               \
    "['podman', '--version', '']\nusing podman version: 4.3.1\npodman-composer version  1.0.3\n"             \
    "podman --version \npodman version 4.3.1\nexit code: 0\n"
/* The same into a pipe: Python keeps its lines back. */
#define PODMAN_COMPOSE_PIPED                                                                                 \
    "podman version 4.3.1\n['podman', '--version', '']\nusing podman version: 4.3.1\n"                       \
    "podman-composer version  1.0.3\npodman --version \nexit code: 0\n"
#define PODMAN_NO_COMPOSE                                                                                    \
    "Error: unrecognized command `podman compose`\nTry 'podman --help' for more information\n"

#endif
