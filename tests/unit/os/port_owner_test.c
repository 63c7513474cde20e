/* SPDX-License-Identifier: Apache-2.0
 *
 * Who holds a port, read from a /proc made for the test.
 */
#include "os/port_owner.h"

#include "check.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char proc[] = "/tmp/port_owner_test.XXXXXX";

static void put(const char *path, const char *text)
{
    char full[256];
    snprintf(full, sizeof full, "%s/%s", proc, path);
    FILE *file = fopen(full, "w");
    fputs(text, file);
    fclose(file);
}

static void folder(const char *path)
{
    char full[256];
    snprintf(full, sizeof full, "%s/%s", proc, path);
    mkdir(full, 0700);
}

static void descriptor(const char *path, const char *target)
{
    char full[256];
    snprintf(full, sizeof full, "%s/%s", proc, path);
    (void)!symlink(target, full);
}

/* Ports: 8000 = 1F40, 8001 = 1F41, ... */
static int setup(void **state)
{
    (void)state;
    if (mkdtemp(proc) == NULL) {
        return 1;
    }
    folder("net");
    put("net/tcp",
        "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
        "   0: 0100007F:1F40 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 111 1 0 "
        "1\n"
        "   1: 0100007F:1F41 0100007F:1F40 01 00000000:00000000 00:00000000 00000000  1000        0 222 1 0 "
        "1\n"
        "   2: 00000000:1F42 00000000:0000 0A 00000000:00000000 00:00000000 00000000    33        0 333 1 0 "
        "1\n"
        "   3: 0200007F:1F43 00000000:0000 0A 00000000:00000000 00:00000000 00000000    33        0 444 1 0 "
        "1\n"
        "garbage\n   4: zz\n");
    put("net/tcp6", "  sl  local_address                         remote_address\n"
                    "   0: 00000000000000000000000000000000:1F44 00000000000000000000000000000000:0000 0A "
                    "00000000:00000000 00:00000000 00000000  1000        0 555 1 0 1\n"
                    "   1: 00000000000000000000000001000000:1F45 00000000000000000000000000000000:0000 0A "
                    "00000000:00000000 00:00000000 00000000  1000        0 666 1 0 1\n");
    folder("41");
    folder("41/fd");
    descriptor("41/fd/0", "/dev/null");
    descriptor("41/fd/7", "socket:[1110]");
    folder("42");
    folder("42/fd");
    descriptor("42/fd/3", "socket:[111]");
    put("42/comm", "odd \"name\"\033[0m\n");
    folder("43");
    folder("43/fd");
    descriptor("43/fd/3", "socket:[555]");
    descriptor("43/fd/4", "socket:[666]");
    put("43/comm", "server\n");
    folder("self");
    return 0;
}

static int teardown(void **state)
{
    char command[128];
    (void)state;
    snprintf(command, sizeof command, "rm -r %s", proc);
    return system(command);
}

static void port_owner_is_the_process_with_the_socket(void **state)
{
    static const struct {
        const char *address;
        int port;
        bool found;
        pid_t pid;
        const char *name;
        const char *why;
    } rows[] = {
        {"127.0.0.1", 8000, true, 42, "odd ?name??[0m", "the same address; the name made printable"},
        {"0.0.0.0", 8000, true, 42, "odd ?name??[0m", "a wildcard meets every address"},
        {"::", 8000, true, 42, "odd ?name??[0m", "that of IPv6 too"},
        {"127.0.0.2", 8000, false, 0, "", "another address"},
        {"::1", 8000, false, 0, "", "another address"},
        {"127.0.0.1", 8001, false, 0, "", "a connection, not a listener"},
        {"127.0.0.1", 8002, true, 0, "", "under a wildcard; the process cannot be seen"},
        {"::1", 8002, false, 0, "", "the wildcard of IPv4 leaves IPv6 alone"},
        {"127.0.0.1", 8003, false, 0, "", "127.0.0.2 only"},
        {"127.0.0.1", 8004, true, 43, "server", "under the wildcard of IPv6"},
        {"::1", 8005, true, 43, "server", "the same address of IPv6"},
        {"127.0.0.1", 8005, false, 0, "", "another kind of address"},
        {"127.0.0.1", 9999, false, 0, "", "nobody"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons((uint16_t)rows[i].port)};
        struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)rows[i].port)};
        bool is_4 = inet_pton(AF_INET, rows[i].address, &in.sin_addr) == 1;
        if (!is_4) {
            inet_pton(AF_INET6, rows[i].address, &in6.sin6_addr);
        }
        ifm_os_port_owner owner = {0};
        bool found =
            ifm_os_port_owner_find(proc, is_4 ? (struct sockaddr *)&in : (struct sockaddr *)&in6, &owner);
        if (!check_report(found == rows[i].found && owner.pid == rows[i].pid, __FILE__, __LINE__)) {
            fprintf(stderr, "row %zu, %s: found %d, process %d\n", i, rows[i].why, found, (int)owner.pid);
        }
        CHECK_TEXT(owner.name, rows[i].name);
    }
    check_end();
}

static void port_owner_is_unknown_without_proc(void **state)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(8000)};
    ifm_os_port_owner owner;
    (void)state;
    CHECK(!ifm_os_port_owner_find("/nonexistent", (struct sockaddr *)&in, &owner));
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(port_owner_is_the_process_with_the_socket),
        cmocka_unit_test(port_owner_is_unknown_without_proc),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
