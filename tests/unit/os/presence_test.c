/* SPDX-License-Identifier: Apache-2.0
 *
 * Files that are there as long as their process is.
 */
#include "check.h"
#include "os/os.h"
#include "torture.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { RACERS = 4, ROUNDS = 200 };

static char folder[] = "/tmp/presence_test.XXXXXX";

static int make_folder(void **state)
{
    (void)state;
    memcpy(folder + strlen(folder) - 6, "XXXXXX", 6);
    return mkdtemp(folder) == NULL ? -1 : 0;
}

static int count_files(void)
{
    int count = 0;
    DIR *entries = opendir(folder);
    for (struct dirent *entry = readdir(entries); entry != NULL; entry = readdir(entries)) {
        count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    }
    closedir(entries);
    return count;
}

static int remove_folder(void **state)
{
    (void)state;
    return rmdir(folder);
}

static const char *path_of(const char *name)
{
    static char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static bool is_there(const char *name)
{
    return access(path_of(name), F_OK) == 0;
}

static void put_file(const char *name)
{
    fclose(fopen(path_of(name), "w"));
}

static ifm_os_presence *open_presence(const char *name)
{
    ifm_error err;
    ifm_os_presence *presence = ifm_os_presence_open(folder, name, "[]\n", 3, &err);
    if (presence == NULL) {
        fail_msg("%s", err.message);
    }
    return presence;
}

/* A process that has the file `name`, and with `heir` a child of its own that goes on after it: what they are
 * forked for is to be killed. */
typedef struct holder {
    pid_t pid;
    int alive; /* readable when all of them have ended */
} holder;

static void hold(const char *name, bool heir, int told)
{
    ifm_error err;
    if (ifm_os_presence_open(folder, name, "[1]\n", 4, &err) == NULL) {
        _exit(1);
    }
    if (heir && fork() == 0) {
        if (write(told, "h", 1) != 1) {
            _exit(1);
        }
        pause();
    }
    if (!heir && write(told, "o", 1) != 1) {
        _exit(1);
    }
    for (;;) {
        pause();
    }
}

static holder start_holder(const char *name, bool heir)
{
    int told[2];
    char word;
    assert_int_equal(pipe2(told, O_CLOEXEC), 0);
    pid_t pid = fork();
    if (pid == 0) {
        setpgid(0, 0);
        close(told[0]);
        hold(name, heir, told[1]);
    }
    close(told[1]);
    assert_int_equal(read(told[0], &word, 1), 1);
    return (holder){pid, told[0]};
}

static void kill_owner(const holder *held)
{
    kill(held->pid, SIGKILL);
    waitpid(held->pid, NULL, 0);
}

/* Also its heir, by their process group. */
static void end_holder(const holder *held)
{
    char word;
    kill(-held->pid, SIGKILL);
    CHECK_INT(read(held->alive, &word, 1), 0);
    close(held->alive);
}

/* --- One process -------------------------------------------------------------------------------------- */

static void presence_is_a_file_that_others_can_read(void **state)
{
    (void)state;
    mode_t before = umask(077);
    ifm_os_presence *presence = open_presence("a-1-8000");
    umask(before);
    CHECK_TEXT(ifm_os_presence_path(presence), path_of("a-1-8000.json"));
    struct stat status;
    CHECK_INT(stat(path_of("a-1-8000.json"), &status), 0);
    CHECK_INT(status.st_mode & 0777, 0644);
    CHECK_INT(status.st_size, 3);
    CHECK_INT(count_files(), 2); /* and its lock */
    ifm_os_presence_close(presence);
    ifm_os_presence_close(NULL);
    CHECK_INT(count_files(), 0);
    check_end();
}

static void presence_of_the_same_name_gets_a_number(void **state)
{
    (void)state;
    ifm_os_presence *first = open_presence("a"), *second = open_presence("a"), *third = open_presence("a");
    CHECK_TEXT(ifm_os_presence_path(third), path_of("a-3.json"));
    ifm_os_presence_close(second);
    second = open_presence("a");
    CHECK_TEXT(ifm_os_presence_path(second), path_of("a-2.json"));
    ifm_os_presence_close(third);
    ifm_os_presence_close(first);
    CHECK(is_there("a-2.json"));
    ifm_os_presence_close(second);
    CHECK_INT(count_files(), 0);
    check_end();
}

static void presence_has_a_limit_of_one_name(void **state)
{
    (void)state;
    ifm_error err;
    static ifm_os_presence *all[IFM_OS_PRESENCE_SAME_MAX];
    for (int i = 0; i < IFM_OS_PRESENCE_SAME_MAX; i++) {
        all[i] = open_presence("a");
    }
    CHECK(ifm_os_presence_open(folder, "a", "[]", 2, &err) == NULL);
    CHECK_INT(err.code, IFM_LIMIT);
    for (int i = 0; i < IFM_OS_PRESENCE_SAME_MAX; i++) {
        ifm_os_presence_close(all[i]);
    }
    check_end();
}

static void presence_names_what_it_cannot_do(void **state)
{
    (void)state;
    ifm_error err;
    static char text[IFM_OS_PRESENCE_TEXT_MAX + 1], name[IFM_OS_PRESENCE_NAME_MAX + 2];
    memset(text, ' ', sizeof text);
    memset(name, 'n', sizeof name - 1);
    CHECK(ifm_os_presence_open("/proc/none", "a", "[]", 2, &err) == NULL);
    CHECK_INT(err.code, IFM_IO);
    CHECK_CONTAINS(err.message, "could not lock \"/proc/none/.a.lock\": ");
    CHECK(ifm_os_presence_open(folder, name, "[]", 2, &err) == NULL);
    CHECK_INT(err.code, IFM_LIMIT);
    CHECK(ifm_os_presence_open(folder, "a", text, sizeof text, &err) == NULL);
    CHECK_INT(err.code, IFM_LIMIT);
    ifm_os_presence *most = ifm_os_presence_open(folder, name + 1, text, sizeof text - 1, &err);
    CHECK(most != NULL);
    ifm_os_presence_close(most);
    CHECK_INT(count_files(), 0);
    check_end();
}

/* As on a full disk: the lock can be made, the file cannot be written. */
static void presence_that_cannot_be_written_leaves_nothing(void **state)
{
    (void)state;
    ifm_error err;
    struct rlimit before, none;
    getrlimit(RLIMIT_FSIZE, &before);
    none = before;
    none.rlim_cur = 0;
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &none);
    ifm_os_presence *presence = ifm_os_presence_open(folder, "a", "[]", 2, &err);
    setrlimit(RLIMIT_FSIZE, &before);
    CHECK(presence == NULL);
    CHECK_INT(err.code, IFM_IO);
    CHECK_CONTAINS(err.message, "could not write \"");
    CHECK_INT(count_files(), 0);
    check_end();
}

static bool open_and_close(void *context, ifm_error *err)
{
    (void)context;
    ifm_os_presence *presence = ifm_os_presence_open(folder, "a", "[]", 2, err);
    bool ok = presence != NULL;
    ifm_os_presence_close(presence);
    return ok;
}

static void presence_survives_failing_allocations(void **state)
{
    (void)state;
    CHECK(torture_allocations(open_and_close, NULL, TORTURE_MUST_FAIL) >= 1);
    CHECK_INT(count_files(), 0);
    check_end();
}

/* --- Sweeping ----------------------------------------------------------------------------------------- */

static void sweep_leaves_what_lives_and_what_is_foreign(void **state)
{
    (void)state;
    static const char *const foreign[] = {"mine.json", ".lock", "a.lock", ".hidden", ".a.locks"};
    for (size_t i = 0; i < IFM_COUNT_OF(foreign); i++) {
        put_file(foreign[i]);
    }
    holder other = start_holder("other", false);
    ifm_os_presence *own = open_presence("own");
    ifm_os_presence_sweep(folder);
    ifm_os_presence_sweep("/proc/none");
    CHECK(is_there("own.json") && is_there(".own.lock"));
    CHECK(is_there("other.json") && is_there(".other.lock"));
    for (size_t i = 0; i < IFM_COUNT_OF(foreign); i++) {
        CHECK(is_there(foreign[i]));
        unlink(path_of(foreign[i]));
    }
    ifm_os_presence_close(own);
    kill_owner(&other);
    end_holder(&other);
    ifm_os_presence_sweep(folder);
    CHECK_INT(count_files(), 0);
    check_end();
}

static void sweep_removes_what_a_killed_process_left(void **state)
{
    (void)state;
    holder held = start_holder("gone", false);
    kill_owner(&held);
    end_holder(&held);
    put_file(".gone.tmp");        /* killed while it wrote */
    CHECK(is_there("gone.json")); /* until somebody sweeps */
    ifm_os_presence_sweep(folder);
    CHECK_INT(count_files(), 0);
    check_end();
}

/* The child of a process that was killed does not speak for it. */
static void sweep_is_not_kept_by_a_forked_child(void **state)
{
    (void)state;
    holder held = start_holder("gone", true);
    CHECK(is_there("gone.json"));
    kill_owner(&held);
    ifm_os_presence_sweep(folder);
    CHECK_INT(count_files(), 0);
    end_holder(&held);
    check_end();
}

static void forked_child_leaves_the_file_to_its_parent(void **state)
{
    (void)state;
    ifm_os_presence *presence = open_presence("a");
    pid_t child = fork();
    if (child == 0) {
        ifm_os_presence_close(presence);
        _exit(0);
    }
    waitpid(child, NULL, 0);
    CHECK(is_there("a.json"));
    ifm_os_presence_sweep(folder); /* the lock is still the parent's */
    CHECK(is_there("a.json"));
    ifm_os_presence_close(presence);
    CHECK_INT(count_files(), 0);
    check_end();
}

static void presence_takes_over_the_name_of_a_dead_process(void **state)
{
    (void)state;
    holder held = start_holder("a", false);
    kill_owner(&held);
    end_holder(&held);
    ifm_os_presence *presence = open_presence("a");
    CHECK_TEXT(ifm_os_presence_path(presence), path_of("a.json"));
    ifm_os_presence_close(presence);
    CHECK_INT(count_files(), 0);
    check_end();
}

static void presence_does_not_remove_the_file_of_who_took_its_name(void **state)
{
    (void)state;
    ifm_os_presence *robbed = open_presence("a");
    unlink(path_of(".a.lock"));
    ifm_os_presence *second = open_presence("a");
    CHECK_TEXT(ifm_os_presence_path(second), path_of("a.json"));
    ifm_os_presence_close(robbed);
    CHECK(is_there("a.json"));
    ifm_os_presence_close(second);
    CHECK_INT(count_files(), 0);
    check_end();
}

/* Whoever has a file open finds it there, with what it wrote, whatever others sweep meanwhile. */
static int race(int number)
{
    ifm_error err;
    char text[32], read_text[32] = "";
    for (int i = 0; i < ROUNDS; i++) {
        int size = snprintf(text, sizeof text, "[%d,%d]", number, i);
        ifm_os_presence_sweep(folder);
        ifm_os_presence *presence = ifm_os_presence_open(folder, "race", text, (size_t)size, &err);
        if (presence == NULL) {
            return 1;
        }
        ifm_os_presence_sweep(folder);
        FILE *file = fopen(ifm_os_presence_path(presence), "r");
        if (file == NULL || fgets(read_text, sizeof read_text, file) == NULL ||
            strcmp(text, read_text) != 0) {
            return 2;
        }
        fclose(file);
        ifm_os_presence_close(presence);
    }
    return 0;
}

static void sweeping_and_opening_do_not_race(void **state)
{
    (void)state;
    pid_t racers[RACERS];
    for (int i = 0; i < RACERS; i++) {
        racers[i] = fork();
        if (racers[i] == 0) {
            _exit(race(i));
        }
    }
    for (int i = 0; i < RACERS; i++) {
        int status = -1;
        waitpid(racers[i], &status, 0);
        CHECK_INT(status, 0);
    }
    CHECK_INT(count_files(), 0);
    check_end();
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(presence_is_a_file_that_others_can_read),
        TEST(presence_of_the_same_name_gets_a_number),
        TEST(presence_has_a_limit_of_one_name),
        TEST(presence_names_what_it_cannot_do),
        TEST(presence_that_cannot_be_written_leaves_nothing),
        TEST(presence_survives_failing_allocations),
        TEST(sweep_leaves_what_lives_and_what_is_foreign),
        TEST(sweep_removes_what_a_killed_process_left),
        TEST(sweep_is_not_kept_by_a_forked_child),
        TEST(forked_child_leaves_the_file_to_its_parent),
        TEST(presence_takes_over_the_name_of_a_dead_process),
        TEST(presence_does_not_remove_the_file_of_who_took_its_name),
        TEST(sweeping_and_opening_do_not_race),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
