/* SPDX-License-Identifier: Apache-2.0
 *
 * fork(): the child has neither the port nor the connections, and the parent keeps both.
 */
#include "unit/pipeline/endpoint_client.h"

#include <dirent.h>
#include <pthread.h>
#include <sys/wait.h>

static int count_sockets(void)
{
    int count = 0;
    DIR *fds = opendir("/proc/self/fd");
    for (struct dirent *entry = readdir(fds); entry != NULL; entry = readdir(fds)) {
        char target[64] = "";
        if (readlinkat(dirfd(fds), entry->d_name, target, sizeof target - 1) > 0) {
            count += strncmp(target, "socket:", 7) == 0;
        }
    }
    closedir(fds);
    return count;
}

/* Runs in the child: 0 when all is as it should be. `own` sockets are the test's, not the endpoint's. */
static int child_check(ifm_endpoint *endpoint, int own)
{
    int left = count_sockets();
    ifm_endpoint_stop(endpoint); /* returns, though there are no threads to join */
    return left == own ? 0 : 1;
}

static void endpoint_is_not_inherited(void **state)
{
    (void)state;
    ifm_registry *registry = registry_open();
    ifm_endpoint *endpoint = endpoint_open(registry, (ifm_endpoint_options){0});
    int port = ifm_endpoint_port(endpoint);
    static const char request[] = "GET /-/healthy HTTP/1.1\r\nHost: a\r\n\r\n";
    char first;
    int fd = client_connect(port);
    client_send(fd, request, sizeof request - 1);
    CHECK_INT(recv(fd, &first, 1, 0), 1); /* the connection was accepted */
    for (int i = 0; i < 20; i++) {
        pid_t child = fork();
        if (child == 0) {
            _exit(child_check(endpoint, 1));
        }
        int status = -1;
        CHECK_INT(waitpid(child, &status, 0), child);
        CHECK_INT(status, 0);
    }
    client_send(fd, "GET /metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 54);
    reply got = client_receive(fd); /* the parent's connection lives */
    CHECK_CONTAINS(got.text, "queue_pages 5");
    reply_free(&got);
    close(fd);
    ifm_endpoint_stop(endpoint);
    ifm_registry_free(registry);
    check_end();
}

/* A child that stays: when the parent stops, the port is free, and the connection ends. */
static void endpoint_is_gone_when_the_parent_stops(void **state)
{
    (void)state;
    ifm_registry *registry = registry_open();
    ifm_endpoint *endpoint = endpoint_open(registry, (ifm_endpoint_options){0});
    int port = ifm_endpoint_port(endpoint);
    int wait_for_parent[2], wait_for_child[2];
    CHECK_INT(pipe(wait_for_parent), 0);
    CHECK_INT(pipe(wait_for_child), 0);
    int fd = client_connect(port);
    client_send(fd, "GET /-/healthy HTTP/1.1\r\nHost: a\r\n\r\n", 37);
    char first;
    CHECK_INT(recv(fd, &first, 1, 0), 1);
    pid_t child = fork();
    if (child == 0) {
        char end;
        close(wait_for_parent[1]);
        bool told = write(wait_for_child[1], "", 1) == 1;
        _exit(told && read(wait_for_parent[0], &end, 1) == 0 ? 0 : 1);
    }
    /* The child has the port until it first runs, which may be after fork() returned here. */
    CHECK_INT(read(wait_for_child[0], &first, 1), 1);
    ifm_endpoint_stop(endpoint);
    reply got = client_receive(fd); /* ends, though the child runs */
    CHECK_CONTAINS(got.text, "healthy");
    reply_free(&got);
    close(fd);
    ifm_error err = {0};
    ifm_endpoint *again = ifm_endpoint_start(registry, &(ifm_endpoint_options){.port = port}, &err);
    CHECK_TEXT(err.message, "");
    CHECK(again != NULL);
    ifm_endpoint_stop(again);
    close(wait_for_parent[1]);
    close(wait_for_parent[0]);
    close(wait_for_child[1]);
    close(wait_for_child[0]);
    int status = -1;
    CHECK_INT(waitpid(child, &status, 0), child);
    CHECK_INT(status, 0);
    ifm_registry_free(registry);
    check_end();
}

static void *scrape_run(void *port)
{
    for (int i = 0; i < 50; i++) {
        reply got = client_get(*(int *)port, "/metrics");
        reply_free(&got);
    }
    return NULL;
}

/* fork() at any moment: connections come and go meanwhile. */
static void endpoint_survives_forks_under_load(void **state)
{
    (void)state;
    SKIP_FORK_BESIDE_THREADS();
    ifm_registry *registry = registry_open();
    ifm_endpoint *endpoint = endpoint_open(registry, (ifm_endpoint_options){0});
    int port = ifm_endpoint_port(endpoint);
    pthread_t scraper;
    pthread_create(&scraper, NULL, scrape_run, &port);
    for (int i = 0; i < 50; i++) {
        pid_t child = fork();
        if (child == 0) {
            ifm_endpoint_stop(endpoint);
            _exit(0);
        }
        int status = -1;
        CHECK_INT(waitpid(child, &status, 0), child);
        CHECK_INT(status, 0);
    }
    pthread_join(scraper, NULL);
    reply got = client_get(port, "/metrics");
    CHECK_INT(got.status, 200);
    reply_free(&got);
    ifm_endpoint_stop(endpoint);
    ifm_registry_free(registry);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(endpoint_is_not_inherited),
        cmocka_unit_test(endpoint_is_gone_when_the_parent_stops),
        cmocka_unit_test(endpoint_survives_forks_under_load),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
