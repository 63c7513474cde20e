/* SPDX-License-Identifier: Apache-2.0
 *
 * Workers: how many jobs they take, in which order, and that stopping waits for them.
 */
#include "pipeline/endpoint_work.h"

#include "check.h"

#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <sys/eventfd.h>
#include <unistd.h>

typedef struct job {
    ifm_work work;
    sem_t *entered; /* told, when not NULL */
    sem_t *leave;   /* waited for, when not NULL */
    int runs;
} job;

static void job_run(ifm_work *work)
{
    job *self = (job *)(void *)work;
    if (self->entered != NULL) {
        sem_post(self->entered);
    }
    if (self->leave != NULL) {
        sem_wait(self->leave);
    }
    self->runs++;
}

static ifm_workers *workers_open(unsigned threads, unsigned limit, int wake_fd)
{
    ifm_error err = {0};
    ifm_workers_options options = {"ifm-test", threads, limit, wake_fd};
    ifm_workers *workers = ifm_workers_start(&options, &err);
    if (workers == NULL) {
        fail_msg("%s", err.message);
    }
    return workers;
}

/* The next job that is done; waits for the eventfd as the loop does. */
static ifm_work *take(ifm_workers *workers, int wake_fd)
{
    for (;;) {
        ifm_work *work = ifm_workers_take(workers);
        if (work != NULL) {
            return work;
        }
        struct pollfd wait = {wake_fd, POLLIN, 0};
        eventfd_t ignored;
        poll(&wait, 1, -1);
        eventfd_read(wake_fd, &ignored);
    }
}

static void workers_take_up_to_their_limit(void **state)
{
    (void)state;
    for (unsigned limit = 1; limit <= 4; limit++) {
        sem_t leave;
        sem_init(&leave, 0, 0);
        int wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        ifm_workers *workers = workers_open(1, limit, wake_fd);
        job jobs[5] = {0};
        for (unsigned i = 0; i <= limit; i++) {
            jobs[i] = (job){.work = {.run = job_run}, .leave = &leave};
            CHECK_INT(ifm_workers_submit(workers, &jobs[i].work), i < limit);
        }
        CHECK(ifm_workers_take(workers) == NULL);
        for (unsigned i = 0; i < limit; i++) {
            sem_post(&leave);
            CHECK(take(workers, wake_fd) == &jobs[i].work); /* one thread: in order */
            CHECK_INT(jobs[i].runs, 1);
        }
        sem_post(&leave);
        CHECK(ifm_workers_submit(workers, &jobs[limit].work)); /* there is room again */
        CHECK(take(workers, wake_fd) == &jobs[limit].work);
        ifm_workers_stop(workers);
        close(wake_fd);
    }
    check_end();
}

static void *stop_run(void *workers)
{
    ifm_workers_stop(workers);
    return NULL;
}

static void workers_stop_waits_for_what_runs(void **state)
{
    sem_t entered, leave;
    pthread_t stopper;
    (void)state;
    sem_init(&entered, 0, 0);
    sem_init(&leave, 0, 0);
    int wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    ifm_workers *workers = workers_open(2, 2, wake_fd);
    job slow = {.work = {.run = job_run}, .entered = &entered, .leave = &leave};
    CHECK(ifm_workers_submit(workers, &slow.work));
    sem_wait(&entered);
    pthread_create(&stopper, NULL, stop_run, workers);
    sem_post(&leave);
    pthread_join(stopper, NULL);
    CHECK_INT(slow.runs, 1);
    ifm_workers_stop(NULL);
    close(wake_fd);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(workers_take_up_to_their_limit),
        cmocka_unit_test(workers_stop_waits_for_what_runs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
