/* SPDX-License-Identifier: Apache-2.0
 *
 * usage: api_server FILE
 *
 * The HTTP API over the samples of a file in OpenMetrics, in memory. Prints its URL and serves until its
 * standard input ends.
 */
#include "differential/load_openmetrics.h"
#include "web/impl.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

enum { STORAGE_BYTES_MAX = 1 << 30 };

static int fail(const ifm_error *err)
{
    fprintf(stderr, "api_server: %s\n", err->message);
    return 1;
}

int main(int argc, char **argv)
{
    ifm_error err = {.code = IFM_OK};
    char ignored[256];
    promqltest_memory *memory = argc == 2 ? promqltest_memory_new(0, STORAGE_BYTES_MAX, &err) : NULL;
    if (argc != 2) {
        fprintf(stderr, "usage: api_server FILE\n");
        return 64;
    }
    if (memory == NULL || !load_openmetrics(argv[1], memory, &err)) {
        return fail(&err);
    }
    web_server *server = web_server_start(&(web_options){.listen = "127.0.0.1:0"}, &err);
    if (server == NULL) {
        return fail(&err);
    }
    web_server_set_source(server, promqltest_memory_storage(memory));
    printf("%s\n", web_server_url(server));
    fflush(stdout);
    while (read(STDIN_FILENO, ignored, sizeof ignored) > 0) {
    }
    web_server_stop(server);
    promqltest_memory_free(memory);
    return 0;
}
