/* SPDX-License-Identifier: Apache-2.0 */
#include "metrics/thread.h"

#include <linux/membarrier.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { OWNER_SHIFT = 48, OWNER_NONE = 0xFFFF };

struct ifm_thread ifm_thread_none = {.owner = (uint64_t)OWNER_NONE << OWNER_SHIFT, .in_use = 1};

_Thread_local struct ifm_thread *ifm_thread_self __attribute__((tls_model("initial-exec"))) =
    &ifm_thread_none;

/* Process-wide by nature: threads belong to the process, not to a registry. */
static struct ifm_thread threads[IFM_THREADS_MAX];
static _Atomic uint32_t threads_high; /* records at and above it were never used */
static _Atomic uint32_t unregistered; /* threads without a record inside an update */
static pthread_once_t thread_once = PTHREAD_ONCE_INIT;
static pthread_key_t thread_key;
static bool thread_key_made;
static bool membarrier_works;

static void thread_detach(void *record)
{
    struct ifm_thread *self = record;
    ifm_thread_self = &ifm_thread_none;
    atomic_store_explicit(&self->in_use, 0, memory_order_release);
}

static bool membarrier_register(void)
{
    return syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0) == 0;
}

static void thread_init(void)
{
    thread_key_made = pthread_key_create(&thread_key, thread_detach) == 0;
    membarrier_works = membarrier_register();
}

static void threads_high_raise(uint32_t high)
{
    uint32_t now = atomic_load(&threads_high);
    while (now < high && !atomic_compare_exchange_weak(&threads_high, &now, high)) {
    }
}

struct ifm_thread *ifm_thread_attach(void)
{
    pthread_once(&thread_once, thread_init);
    if (!thread_key_made) {
        return &ifm_thread_none; /* Without the key the end of a thread goes unnoticed. */
    }
    for (uint32_t i = 0; i < IFM_THREADS_MAX; i++) {
        struct ifm_thread *record = &threads[i];
        uint32_t unused = 0;
        if (atomic_load_explicit(&record->in_use, memory_order_relaxed) == 0 &&
            atomic_compare_exchange_strong_explicit(&record->in_use, &unused, 1, memory_order_acquire,
                                                    memory_order_relaxed)) {
            record->index = i;
            record->owner = (uint64_t)(i + 1) << OWNER_SHIFT;
            record->fences = !membarrier_works;
            threads_high_raise(i + 1);
            if (pthread_setspecific(thread_key, record) != 0) {
                atomic_store_explicit(&record->in_use, 0, memory_order_release);
                return &ifm_thread_none;
            }
            ifm_thread_self = record;
            return record;
        }
    }
    return &ifm_thread_none;
}

void ifm_thread_unregistered_enter(void)
{
    atomic_fetch_add(&unregistered, 1); /* seq_cst: before it looks at the series */
}

void ifm_thread_unregistered_leave(void)
{
    atomic_fetch_sub(&unregistered, 1);
}

bool ifm_thread_hazards_settle(void)
{
    pthread_once(&thread_once, thread_init);
    if (membarrier_works) {
        if (syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0) != 0) {
            return false;
        }
    } else {
        atomic_thread_fence(memory_order_seq_cst); /* the other half of ifm_hazard_order() */
    }
    return atomic_load(&unregistered) == 0;
}

size_t ifm_thread_hazards(const void **out, size_t max)
{
    size_t count = 0;
    uint32_t high = atomic_load(&threads_high);
    for (uint32_t i = 0; i < high; i++) {
        const void *seen[2] = {atomic_load_explicit(&threads[i].hazard_series, memory_order_acquire),
                               atomic_load_explicit(&threads[i].hazard_table, memory_order_acquire)};
        for (int k = 0; k < 2; k++) {
            if (seen[k] != NULL) {
                if (count < max) {
                    out[count] = seen[k];
                }
                count++;
            }
        }
    }
    return count;
}

void ifm_thread_after_fork(void)
{
    for (uint32_t i = 0; i < atomic_load(&threads_high); i++) {
        if (&threads[i] != ifm_thread_self) {
            atomic_store(&threads[i].hazard_series, NULL);
            atomic_store(&threads[i].hazard_table, NULL);
            atomic_store(&threads[i].in_use, 0);
        }
    }
    atomic_store(&unregistered, 0);
    if (membarrier_works) {
        membarrier_register(); /* A registration is not promised to survive fork(). */
    }
}
