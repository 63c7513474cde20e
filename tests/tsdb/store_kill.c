/* SPDX-License-Identifier: Apache-2.0
 *
 * usage: store_kill FOLDER KILLS SEED
 *
 * A process appends batches of known contents to a store in FOLDER and says of each that it is acknowledged;
 * it is killed at a random moment, and what is in the store then is looked at: every acknowledged batch has
 * to be there, none in part, and nothing that was never written. KILLS times, on the same store, which
 * flushes and compacts all the while.
 */
#include "known_data.h"

#include <errno.h>
#include <inferometer/log.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    FLUSH_SAMPLES = 1500, /* some 200 batches: so that kills meet flushes and compactions, too */
    COMMIT_INTERVAL_MS = 5,
    ALIVE_MS_MAX = 150, /* of one process */
    BATCHES_MAX = 400   /* of one process, so that what has to be checked does not grow without end */
};

typedef struct torture {
    const char *folder;
    uint64_t random;
    size_t next;  /* number of the next batch */
    size_t acked; /* all before it are acknowledged, but those in `unknown` */
    known_found found;
} torture;

static uint64_t random_below(torture *of, uint64_t limit)
{
    of->random = known_mix(of->random);
    return of->random % limit;
}

static tsdb *open_store(const torture *of, ifm_error *err)
{
    tsdb *db = NULL;
    const tsdb_options options = {.folder = of->folder,
                                  .retention_ms = INT64_MAX / 4, /* the data are from 2023 */
                                  .commit_interval_ms = COMMIT_INTERVAL_MS,
                                  .flush_samples = FLUSH_SAMPLES};
    return tsdb_open(&options, &db, err) ? db : NULL;
}

/* Appends until it is killed. */
static int append_all(const torture *of, int acks)
{
    ifm_error err = {.code = IFM_OK};
    tsdb *db = open_store(of, &err);
    tsdb_group *group = db == NULL ? NULL : tsdb_group_new(db, &err);
    if (group == NULL) {
        fprintf(stderr, "could not open the store: %s\n", err.message);
        return 1;
    }
    for (size_t n = of->next; n < of->next + BATCHES_MAX; n++) {
        if (!known_append(db, group, n, &err)) {
            fprintf(stderr, "could not append batch %zu: %s\n", n, err.message);
            return 1;
        }
        if (write(acks, &n, sizeof n) != (ssize_t)sizeof n) {
            return 1;
        }
    }
    pause();
    return 0;
}

static int64_t now_ms(void)
{
    return ifm_os_clock_real.monotonic_ns() / 1000000;
}

/* The number of batches that were acknowledged, until the moment of the kill. */
static bool run_until_killed(torture *of, size_t *last)
{
    int acks[2];
    if (pipe(acks) != 0) {
        return false;
    }
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        close(acks[0]);
        _exit(append_all(of, acks[1]));
    }
    close(acks[1]);
    int64_t end_ms = now_ms() + 1 + (int64_t)random_below(of, ALIVE_MS_MAX);
    struct pollfd ready = {.fd = acks[0], .events = POLLIN};
    for (int64_t left = end_ms - now_ms(); left > 0; left = end_ms - now_ms()) {
        size_t n = 0;
        if (poll(&ready, 1, (int)left) > 0 && read(acks[0], &n, sizeof n) != (ssize_t)sizeof n) {
            break; /* it ended by itself: waitpid() tells how */
        }
        *last = ready.revents != 0 ? n + 1 : *last;
    }
    kill(child, SIGKILL);
    for (size_t n = 0; read(acks[0], &n, sizeof n) == (ssize_t)sizeof n;) { /* what it said before it died */
        *last = n + 1;
    }
    close(acks[0]);
    int status = 0;
    return waitpid(child, &status, 0) == child && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

/* All batches before `acked` are whole, of the others each is whole or not there; the next number to write in
 * *next. */
static bool check_found(const known_found *found, size_t acked, size_t *next)
{
    *next = acked;
    for (size_t n = 0; n < found->batches; n++) {
        size_t samples = found->samples[n];
        if (samples != known_size(n) && (n < acked || samples != 0)) {
            fprintf(stderr, "batch %zu has %zu of %zu samples; %zu are acknowledged\n", n, samples,
                    known_size(n), acked);
            return false;
        }
        *next = samples != 0 && n + 1 > *next ? n + 1 : *next;
    }
    if (*next > acked + 1) {
        fprintf(stderr, "%zu batches are there behind the last that was acknowledged\n", *next - acked);
    }
    return *next <= acked + 1;
}

static bool check_store(torture *of, size_t acked)
{
    ifm_error err = {.code = IFM_OK};
    tsdb *db = open_store(of, &err);
    if (db == NULL) {
        fprintf(stderr, "could not open the store: %s\n", err.message);
        return false;
    }
    of->found.total = 0;
    memset(of->found.samples, 0, of->found.batches);
    bool ok = known_read(tsdb_storage(db), &of->found, &err);
    tsdb_close(db);
    if (!ok || of->found.wrong[0] != '\0') {
        fprintf(stderr, "could not read the store: %s\n", ok ? of->found.wrong : err.message);
        return false;
    }
    return check_found(&of->found, acked, &of->next);
}

static void print_log(void *context, ifm_log_level level, const char *message)
{
    (void)context;
    if (level == IFM_LOG_ERROR) { /* warnings of torn ends are what a kill has to leave */
        fprintf(stderr, "log: %s\n", message);
    }
}

int main(int count, char **arguments)
{
    if (count != 4) {
        fprintf(stderr, "usage: store_kill FOLDER KILLS SEED\n");
        return 64;
    }
    size_t kills = (size_t)strtoull(arguments[2], NULL, 10);
    uint64_t seed = strtoull(arguments[3], NULL, 10);
    torture of = {.folder = arguments[1], .random = seed, .found.batches = BATCHES_MAX * (kills + 1)};
    of.found.samples = ifm_alloc_zero(of.found.batches, 1);
    bool ok = of.found.samples != NULL;
    size_t kill_number = 0;
    ifm_log_set(print_log, NULL);
    for (; ok && kill_number < kills; kill_number++) {
        size_t acked = of.next;
        ok = run_until_killed(&of, &acked) && check_store(&of, acked);
    }
    ifm_free(of.found.samples);
    printf("%s after %zu kills, %zu batches; seed %llu\n", ok ? "ok" : "FAILED", kill_number, of.next,
           (unsigned long long)seed);
    return ok ? 0 : 1;
}
