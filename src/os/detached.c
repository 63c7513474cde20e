/* SPDX-License-Identifier: Apache-2.0 */
#include "os/detached.h"

#include "os/os.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    STACK_BYTES =
        256 * 1024, /* posix_spawn() takes a few KiB of it; a page that is not touched costs nothing */
    FD_FIRST = IFM_OS_DETACHED_REPORT_FD + 1
};

extern char **environ;

/* clone() under the name that the thread sanitizer does not intercept: it takes every clone() for a fork(),
 * and then, in the memory that is shared, refuses new threads to the host program. */
extern int __clone(int (*function)(void *), void *stack, int flags, void *argument, ...);

/* What the intermediate process needs, which shares our memory. */
typedef struct detached_run {
    const char *path;
    char *const *arguments;
    char *const *environment;
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int number; /* an errno, 0 when the program runs */
} detached_run;

/* The intermediate process. Our thread stands still meanwhile, so it may use its thread-local storage. */
static int intermediate(void *argument)
{
    detached_run *run = argument;
    pid_t ignored;
    run->number =
        posix_spawn(&ignored, run->path, &run->actions, &run->attributes, run->arguments, run->environment);
    return 0;
}

/* Returns an errno. All signals are blocked: a handler of the host program must not run twice in its
 * memory. */
static int run_clone(detached_run *run)
{
    int protection = PROT_READ | PROT_WRITE, flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK;
    char *stack = mmap(NULL, STACK_BYTES, protection, flags, -1, 0);
    if (stack == MAP_FAILED) {
        return errno;
    }
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    run->number = EAGAIN;            /* should it end before it has tried */
    void *top = stack + STACK_BYTES; /* aligned to a page; stacks grow down where we run */
    pid_t pid = __clone(intermediate, top, CLONE_VM | CLONE_VFORK, run);
    int number = pid < 0 ? errno : 0;
    while (pid > 0 && waitpid(pid, NULL, __WCLONE) < 0 && errno == EINTR) {
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    munmap(stack, STACK_BYTES);
    return number != 0 ? number : run->number;
}

static int actions_init(posix_spawn_file_actions_t *actions, int output_fd, int report_fd)
{
    int number = posix_spawn_file_actions_init(actions);
    if (number != 0) {
        return number;
    }
    number = posix_spawn_file_actions_addopen(actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    if (number == 0) {
        number = posix_spawn_file_actions_adddup2(actions, output_fd, STDOUT_FILENO);
    }
    if (number == 0) {
        number = posix_spawn_file_actions_adddup2(actions, output_fd, STDERR_FILENO);
    }
    if (number == 0) {
        number = posix_spawn_file_actions_adddup2(actions, report_fd, IFM_OS_DETACHED_REPORT_FD);
    }
    if (number == 0) {
        number = posix_spawn_file_actions_addclosefrom_np(actions, FD_FIRST);
    }
    if (number != 0) {
        posix_spawn_file_actions_destroy(actions);
    }
    return number;
}

/* A thread with a real-time policy is the pipeline's business, which a monitor's programs must not compete
 * with. */
static short scheduler_flag(posix_spawnattr_t *attributes)
{
    int policy = sched_getscheduler(0);
    if (policy != SCHED_FIFO && policy != SCHED_RR) {
        return 0;
    }
    const struct sched_param normal = {.sched_priority = 0};
    posix_spawnattr_setschedpolicy(attributes, SCHED_OTHER);
    posix_spawnattr_setschedparam(attributes, &normal);
    return POSIX_SPAWN_SETSCHEDULER;
}

static int attributes_init(posix_spawnattr_t *attributes)
{
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    int number = posix_spawnattr_init(attributes);
    if (number == 0) {
        posix_spawnattr_setsigmask(attributes, &none);
        posix_spawnattr_setsigdefault(attributes, &all);
        int flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSID;
        posix_spawnattr_setflags(attributes, (short)(flags | scheduler_flag(attributes)));
    }
    return number;
}

/* Returns an errno. The descriptors are above those that the program gets: none is overwritten before it has
 * been duplicated. */
static int run_spawn(detached_run *run, int output_fd, int report_fd)
{
    int number = actions_init(&run->actions, output_fd, report_fd);
    if (number != 0) {
        return number;
    }
    number = attributes_init(&run->attributes);
    if (number == 0) {
        number = run_clone(run);
        posix_spawnattr_destroy(&run->attributes);
    }
    posix_spawn_file_actions_destroy(&run->actions);
    return number;
}

/* A copy of `fd` with a number that the program does not get. In a host program that closed its standard
 * descriptors, ours may be 0 to 3. A child of a fork() at this moment must not keep the report's: it would
 * never end. */
static int copy_above(int fd, ifm_os_fork_fd *out)
{
    ifm_os_fork_lock();
    int copy = fcntl(fd, F_DUPFD_CLOEXEC, FD_FIRST);
    int number = copy < 0 ? errno : 0;
    ifm_os_fork_add(out, copy);
    ifm_os_fork_unlock();
    return number;
}

bool ifm_os_detached_start(const ifm_os_detached *detached, ifm_error *err)
{
    detached_run run = {.path = detached->arguments[0]};
    memcpy(&run.arguments, &detached->arguments, sizeof run.arguments); /* posix_spawn() wants no const */
    memcpy(&run.environment, &detached->environment, sizeof run.environment);
    ifm_os_fork_fd output = {.fd = -1}, report = {.fd = -1};
    int number = copy_above(detached->output_fd, &output);
    if (number == 0) {
        number = copy_above(detached->report_fd, &report);
    }
    if (number == 0) {
        number = run_spawn(&run, output.fd, report.fd);
    }
    ifm_os_fork_close(&output);
    ifm_os_fork_close(&report);
    if (number == 0) {
        return true;
    }
    ifm_code code = number == ENOENT || number == ENOTDIR ? IFM_NOT_FOUND
                    : number == ENOMEM                    ? IFM_NOMEM
                                                          : IFM_IO;
    return ifm_error_errno(err, code, number, "could not start \"%.120s\"", run.path);
}

const char *const *ifm_os_environment_copy(ifm_error *err)
{
    size_t count = 0, bytes = 0;
    for (char **at = environ; at != NULL && *at != NULL; at++) {
        count++;
        bytes += strlen(*at) + 1;
    }
    if (bytes + count * sizeof(char *) > IFM_OS_ENVIRONMENT_BYTES_MAX) {
        ifm_error_set(err, IFM_LIMIT, "the environment of this process is larger than %d bytes",
                      IFM_OS_ENVIRONMENT_BYTES_MAX);
        return NULL;
    }
    char **copy = ifm_alloc((count + 1) * sizeof *copy + bytes);
    if (copy == NULL) {
        ifm_error_nomem(err);
        return NULL;
    }
    char *text = (char *)(copy + count + 1);
    size_t filled = 0;
    for (; filled < count && environ[filled] != NULL; filled++) {
        size_t size = strlen(environ[filled]) + 1;
        copy[filled] = memcpy(text, environ[filled], size);
        text += size;
    }
    copy[filled] = NULL;
    const char *const *out;
    memcpy(&out, &copy, sizeof out);
    return out;
}
