/* SPDX-License-Identifier: Apache-2.0
 *
 * Where the system refuses membarrier(2), updates order their hazards by fences: nothing else changes, and
 * removed series are recycled all the same. A seccomp filter makes this process such a system.
 */
#include "base/base.h"
#include "unit/metrics/metrics_fixture.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static bool refuse_membarrier(void)
{
    struct sock_filter instructions[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_membarrier, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {IFM_COUNT_OF(instructions), instructions};
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

struct fencing {
    ifm_counter_family *family;
    _Atomic bool stop;
};

static const char *const value[] = {"v"};

static void *updater(void *argument)
{
    struct fencing *fencing = argument;
    while (!atomic_load(&fencing->stop)) {
        ifm_counter counter = ifm_counter_with(fencing->family, value);
        for (int i = 0; i < 10; i++) {
            ifm_counter_inc(counter);
        }
    }
    return NULL;
}

static void removed_series_are_recycled_without_membarrier(void **state)
{
    (void)state;
    if (!refuse_membarrier()) {
        printf("skipped: this system has no seccomp filters\n");
        skip();
    }
    assert_int_equal(syscall(SYS_membarrier, 0, 0, 0), -1);
    static const char *const labels[] = {"l"};
    static struct fencing fencing;
    ifm_error err;
    ifm_registry *registry = ifm_registry_new(&(ifm_registry_options){.series_limit = 10}, &err);
    assert_non_null(registry);
    ifm_counter_options options = {.metric = {"c", "C.", NULL, labels, 1, 0}};
    MUST(ifm_counter_family_register(registry, &options, &fencing.family, &err));
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, updater, &fencing), 0);
    for (int i = 0; i < 100000; i++) { /* many more than the limit: each has to be recycled */
        ifm_counter_inc(ifm_counter_with(fencing.family, value));
        ifm_counter_remove(fencing.family, value);
    }
    atomic_store(&fencing.stop, true);
    pthread_join(thread, NULL);
    double overflowed = -1;
    MUST(ifm_registry_sample(registry, "inferometer_overflow_updates_total", &overflowed, &err));
    CHECK_DOUBLE(overflowed, 0);
    ifm_registry_free(registry);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(removed_series_are_recycled_without_membarrier),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
