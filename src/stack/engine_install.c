/* SPDX-License-Identifier: Apache-2.0
 *
 * Which command brings a program that is missing. Names of packages differ from one distribution to the next;
 * where none is known, the sentence says what is needed.
 */
#include "stack/engine_impl.h"

#define APT    "apt-get install "
#define DNF    "dnf install "
#define ZYPPER "zypper install "
#define PACMAN "pacman -S "
#define APK    "apk add "

enum { PACKAGERS = STACK_PACKAGER_ALPINE + 1 };

static void install(const engine_probe *probe, const char *const commands[PACKAGERS], const char *otherwise)
{
    const char *command = commands[stack_host_packager(probe->system)];
    if (command == NULL) {
        stack_probe_fix(probe, "%s", otherwise);
    } else {
        stack_probe_fix(probe, "%s%s", stack_host_sudo(probe->system), command);
    }
}

void stack_install_docker(const engine_probe *probe)
{
    static const char *const commands[PACKAGERS] = {
        [STACK_PACKAGER_DEBIAN] = APT "docker.io docker-compose",
        [STACK_PACKAGER_UBUNTU] = APT "docker.io docker-compose-v2",
        [STACK_PACKAGER_FEDORA] = DNF "moby-engine docker-compose",
        [STACK_PACKAGER_SUSE] = ZYPPER "docker docker-compose",
        [STACK_PACKAGER_ARCH] = PACMAN "docker docker-compose",
        [STACK_PACKAGER_ALPINE] = APK "docker docker-cli-compose",
    };
    install(probe, commands, "install Docker Engine with its compose plugin, or podman with podman-compose");
}

/* Docker's own packages and the distribution's do not go together. */
static bool has_packages_of_docker(const stack_system *system)
{
    return stack_host_has(system, "/etc/apt/sources.list.d/docker.list") ||
           stack_host_has(system, "/etc/apt/sources.list.d/docker.sources") ||
           stack_host_has(system, "/etc/yum.repos.d/docker-ce.repo");
}

void stack_install_docker_compose(const engine_probe *probe)
{
    static const char *const docker[PACKAGERS] = {
        [STACK_PACKAGER_DEBIAN] = APT "docker-compose-plugin",
        [STACK_PACKAGER_UBUNTU] = APT "docker-compose-plugin",
        [STACK_PACKAGER_FEDORA] = DNF "docker-compose-plugin",
        [STACK_PACKAGER_REDHAT] = DNF "docker-compose-plugin",
    };
    static const char *const own[PACKAGERS] = {
        [STACK_PACKAGER_DEBIAN] = APT "docker-compose",  [STACK_PACKAGER_UBUNTU] = APT "docker-compose-v2",
        [STACK_PACKAGER_FEDORA] = DNF "docker-compose",  [STACK_PACKAGER_SUSE] = ZYPPER "docker-compose",
        [STACK_PACKAGER_ARCH] = PACMAN "docker-compose", [STACK_PACKAGER_ALPINE] = APK "docker-cli-compose",
    };
    install(probe, has_packages_of_docker(probe->system) ? docker : own,
            "install Docker's compose plugin, so that docker compose version works");
}

void stack_install_podman(const engine_probe *probe)
{
    static const char *const commands[PACKAGERS] = {
        [STACK_PACKAGER_DEBIAN] = APT "podman podman-compose",
        [STACK_PACKAGER_UBUNTU] = APT "podman podman-compose",
        [STACK_PACKAGER_FEDORA] = DNF "podman podman-compose",
        [STACK_PACKAGER_REDHAT] = DNF "podman podman-compose", /* the latter is in EPEL */
        [STACK_PACKAGER_SUSE] = ZYPPER "podman podman-compose",
        [STACK_PACKAGER_ARCH] = PACMAN "podman podman-compose",
        [STACK_PACKAGER_ALPINE] = APK "podman podman-compose",
    };
    install(probe, commands, "install podman with podman-compose, or Docker");
}

void stack_install_podman_compose(const engine_probe *probe)
{
    static const char *const commands[PACKAGERS] = {
        [STACK_PACKAGER_DEBIAN] = APT "podman-compose",  [STACK_PACKAGER_UBUNTU] = APT "podman-compose",
        [STACK_PACKAGER_FEDORA] = DNF "podman-compose",  [STACK_PACKAGER_REDHAT] = DNF "podman-compose",
        [STACK_PACKAGER_SUSE] = ZYPPER "podman-compose", [STACK_PACKAGER_ARCH] = PACMAN "podman-compose",
        [STACK_PACKAGER_ALPINE] = APK "podman-compose",
    };
    install(probe, commands, "install podman-compose");
}

void stack_install_prometheus(const engine_probe *probe)
{
    static const char *const commands[PACKAGERS] = {
        [STACK_PACKAGER_DEBIAN] = APT "prometheus",
        [STACK_PACKAGER_UBUNTU] = APT "prometheus",
        [STACK_PACKAGER_FEDORA] = DNF "golang-github-prometheus",
        [STACK_PACKAGER_SUSE] = ZYPPER "golang-github-prometheus-prometheus",
        [STACK_PACKAGER_ARCH] = PACMAN "prometheus",
        [STACK_PACKAGER_ALPINE] = APK "prometheus",
    };
    install(probe, commands, "put the program \"prometheus\" on PATH; its project offers it for every Linux");
}
