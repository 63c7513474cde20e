/* SPDX-License-Identifier: Apache-2.0
 *
 * fork(): the child starts clean, whatever other threads of the parent were doing at that moment.
 */
#include "check.h"

#include <inferometer/inferometer.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

struct forking {
    ifm_registry *registry;
    ifm_counter counter;
    ifm_gauge gauge;
    ifm_histogram histogram;
    ifm_summary summary;
    ifm_counter_family *family;
    _Atomic bool stop;
};

static void forking_register(struct forking *f)
{
    static const char *const labels[] = {"l"};
    static const double quantiles[] = {0.5};
    ifm_error err;
    f->registry = ifm_registry_new(NULL, &err);
    assert_non_null(f->registry);
    assert_true(ifm_counter_register(
        f->registry, &(ifm_counter_options){.metric = {.name = "c", .help = "C."}}, &f->counter, &err));
    assert_true(ifm_gauge_register(f->registry, &(ifm_gauge_options){.metric = {.name = "g", .help = "G."}},
                                   &f->gauge, &err));
    assert_true(ifm_histogram_register(
        f->registry,
        &(ifm_histogram_options){.metric = {.name = "h", .help = "H."}, .kind = IFM_HISTOGRAM_BOTH},
        &f->histogram, &err));
    assert_true(ifm_summary_register(f->registry,
                                     &(ifm_summary_options){.metric = {.name = "s", .help = "S."},
                                                            .quantiles = quantiles,
                                                            .quantile_count = 1},
                                     &f->summary, &err));
    assert_true(ifm_counter_family_register(
        f->registry, &(ifm_counter_options){.metric = {"f", "F.", NULL, labels, 1, 0}}, &f->family, &err));
}

static void update_all(struct forking *f)
{
    const char *value[] = {"v"};
    ifm_counter_inc(f->counter);
    ifm_gauge_add(f->gauge, 1);
    ifm_histogram_observe(f->histogram, 0.3);
    ifm_summary_observe(f->summary, 0.3);
    ifm_counter_inc(ifm_counter_with(f->family, value));
    ifm_counter_remove(f->family, value);
}

static void *busy(void *argument)
{
    struct forking *f = argument;
    while (!atomic_load(&f->stop)) {
        update_all(f);
    }
    return NULL;
}

static void *exposer(void *argument)
{
    struct forking *f = argument;
    ifm_error err;
    while (!atomic_load(&f->stop)) {
        char *text;
        size_t size;
        if (ifm_registry_expose(f->registry, NULL, &text, &size, &err)) {
            ifm_free(text);
        }
    }
    return NULL;
}

static double sample(struct forking *f, const char *name)
{
    ifm_error err;
    double value = -1;
    return ifm_registry_sample(f->registry, name, &value, &err) ? value : -1;
}

/* In the child; each condition has a number, and the first that is false is the exit status. */
static int child_check(struct forking *f)
{
    uint64_t count = 99;
    double sum = 99;
    alarm(20); /* A deadlock ends the child by a signal. */
    const bool conditions[] = {
        ifm_counter_value(f->counter) == 0,
        ifm_gauge_value(f->gauge) == 0,
        ifm_histogram_read(f->histogram, &count, &sum) && count == 0 && sum == 0,
        sample(f, "s_count") == 0,
        (update_all(f), ifm_counter_value(f->counter) == 1),
        ifm_histogram_read(f->histogram, &count, &sum) && count == 1 && sum == 0.3,
        sample(f, "h_count") == 1,
        sample(f, "h_bucket{le=\"+Inf\"}") == 1,
    };
    for (size_t i = 0; i < sizeof conditions / sizeof conditions[0]; i++) {
        if (!conditions[i]) {
            return (int)i + 1;
        }
    }
    pthread_t thread;
    atomic_store(&f->stop, true);
    if (pthread_create(&thread, NULL, exposer, f) != 0 || pthread_join(thread, NULL) != 0) {
        return 50;
    }
    ifm_registry_free(f->registry);
    return 0;
}

static int fork_and_check(struct forking *f)
{
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        _exit(child_check(f));
    }
    int status = -1;
    waitpid(child, &status, 0);
    return status;
}

static void child_starts_clean_and_works(void **unused)
{
    (void)unused;
    static struct forking f;
    forking_register(&f);
    for (int i = 0; i < 5; i++) {
        update_all(&f);
    }
    CHECK_INT(fork_and_check(&f), 0);
    CHECK_DOUBLE(ifm_counter_value(f.counter), 5.0); /* the parent's are its own */
    ifm_registry_free(f.registry);
    check_end();
}

static void child_of_a_busy_parent_starts_clean(void **unused)
{
    (void)unused;
    SKIP_FORK_BESIDE_THREADS();
#if defined(__SANITIZE_THREAD__)
    printf("skipped: the thread sanitizer cannot start threads in a forked child\n");
    skip();
#endif
    static struct forking f;
    pthread_t threads[3];
    forking_register(&f);
    pthread_create(&threads[0], NULL, busy, &f);
    pthread_create(&threads[1], NULL, busy, &f);
    pthread_create(&threads[2], NULL, exposer, &f);
    for (int i = 0; i < 50; i++) {
        CHECK_INT(fork_and_check(&f), 0);
    }
    atomic_store(&f.stop, true);
    for (int i = 0; i < 3; i++) {
        pthread_join(threads[i], NULL);
    }
    ifm_registry_free(f.registry);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(child_starts_clean_and_works),
        cmocka_unit_test(child_of_a_busy_parent_starts_clean),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
