/* SPDX-License-Identifier: Apache-2.0
 *
 * Power failures: after the n-th call that changes a file, for each n, nothing more reaches the disk, and
 * what was not synced is lost, in part or as a whole; so are names that were not synced with their folder.
 * Then the store opens, has every batch that was synced, and no batch in part.
 */
#include "tsdb/known_data.h"
#include "tsdb/tsdb.h"

#include "check.h"
#include "scratch.h"

#include <errno.h>
#include <fcntl.h>

enum { BATCHES = 24, SYNC_EVERY = 2, FLUSH_EVERY = 7, FILES_MAX = 256, FDS_MAX = 1024, PATH_SIZE = 256 };

/* What becomes of bytes that were written but not synced. */
typedef enum loss { LOSE_ALL, LOSE_HALF, LOSE_NONE, LOSS_COUNT } loss;

typedef struct power_file {
    char path[PATH_SIZE];
    char before[PATH_SIZE]; /* the name that the folder on the disk has for it; "": none yet */
    off_t synced;
    bool gone;
} power_file;

static struct power_state {
    size_t calls, stop; /* 0: never */
    power_file files[FILES_MAX];
    size_t count;
    power_file *of_fd[FDS_MAX];
    char folder_of_fd[FDS_MAX][PATH_SIZE]; /* of folders that are open */
} power;

static bool power_dead(void)
{
    return power.stop != 0 && power.calls >= power.stop;
}

/* Whether a call that changes something still happens. */
static bool power_change(void)
{
    if (power_dead()) {
        errno = EIO;
        return false;
    }
    power.calls++;
    return true;
}

static power_file *power_find(const char *path)
{
    for (size_t i = 0; i < power.count; i++) {
        if (!power.files[i].gone && strcmp(power.files[i].path, path) == 0) {
            return &power.files[i];
        }
    }
    return NULL;
}

static int power_open(const char *path, int flags, mode_t mode)
{
    struct stat status;
    if (power_dead()) {
        errno = EIO;
        return -1;
    }
    bool there = stat(path, &status) == 0;
    int fd = ifm_os_files_real.open(path, flags, mode);
    if (fd < 0 || fd >= FDS_MAX) {
        return fd;
    }
    power.of_fd[fd] = NULL;
    power.folder_of_fd[fd][0] = '\0';
    if ((flags & O_DIRECTORY) != 0 || (there && S_ISDIR(status.st_mode))) {
        snprintf(power.folder_of_fd[fd], PATH_SIZE, "%s", path);
    } else if ((flags & O_ACCMODE) != O_RDONLY) {
        power_file *file = power_find(path);
        if (file == NULL && power.count < FILES_MAX) {
            file = &power.files[power.count++];
            *file = (power_file){.synced = there ? status.st_size : 0};
            snprintf(file->path, sizeof file->path, "%s", path);
            snprintf(file->before, sizeof file->before, "%s", there ? path : "");
        }
        power.of_fd[fd] = file;
    }
    return fd;
}

static ssize_t power_write(int fd, const void *bytes, size_t size)
{
    return power_change() ? ifm_os_files_real.write(fd, bytes, size) : -1;
}

static bool in_folder(const char *path, const char *folder)
{
    size_t size = strlen(folder);
    return strncmp(path, folder, size) == 0 && path[size] == '/' && strchr(path + size + 1, '/') == NULL;
}

static int power_sync(int fd)
{
    struct stat status;
    if (!power_change()) {
        return -1;
    }
    if (fd < FDS_MAX && power.of_fd[fd] != NULL && fstat(fd, &status) == 0) {
        power.of_fd[fd]->synced = status.st_size;
    }
    for (size_t i = 0; fd < FDS_MAX && power.folder_of_fd[fd][0] != '\0' && i < power.count; i++) {
        power_file *file = &power.files[i];
        if (!file->gone && in_folder(file->path, power.folder_of_fd[fd])) {
            memcpy(file->before, file->path, sizeof file->before);
        }
    }
    return 0;
}

static int power_rename(const char *from, const char *to)
{
    power_file *file = power_find(from);
    power_file *old = power_find(to);
    if (!power_change() || ifm_os_files_real.rename(from, to) != 0) {
        return -1;
    }
    if (old != NULL) {
        old->gone = true;
    }
    if (file != NULL) {
        snprintf(file->path, sizeof file->path, "%s", to);
    }
    return 0;
}

static int power_unlink(const char *path)
{
    power_file *file = power_find(path);
    if (!power_change() || ifm_os_files_real.unlink(path) != 0) {
        return -1;
    }
    if (file != NULL) {
        file->gone = true;
    }
    return 0;
}

static int power_ftruncate(int fd, off_t size)
{
    if (!power_change() || ifm_os_files_real.ftruncate(fd, size) != 0) {
        return -1;
    }
    if (fd < FDS_MAX && power.of_fd[fd] != NULL && power.of_fd[fd]->synced > size) {
        power.of_fd[fd]->synced = size;
    }
    return 0;
}

static int power_fallocate(int fd, int mode, off_t offset, off_t size)
{
    return power_change() ? ifm_os_files_real.fallocate(fd, mode, offset, size) : -1;
}

static int power_mkdir(const char *path, mode_t mode)
{
    return power_change() ? ifm_os_files_real.mkdir(path, mode) : -1;
}

static const ifm_os_files *power_files(void)
{
    static ifm_os_files files;
    files = ifm_os_files_real;
    files.open = power_open;
    files.write = power_write;
    files.fsync = power_sync;
    files.fdatasync = power_sync;
    files.rename = power_rename;
    files.unlink = power_unlink;
    files.ftruncate = power_ftruncate;
    files.fallocate = power_fallocate;
    files.mkdir = power_mkdir;
    return &files;
}

/* The disk as it is when power comes back. */
static void power_lose(loss how)
{
    struct stat status;
    for (size_t i = 0; i < power.count; i++) {
        const power_file *file = &power.files[i];
        if (file->gone || stat(file->path, &status) != 0) {
            continue;
        }
        off_t keep = how == LOSE_ALL    ? file->synced
                     : how == LOSE_HALF ? file->synced + (status.st_size - file->synced) / 2
                                        : status.st_size;
        if (keep < status.st_size) {
            assert_int_equal(truncate(file->path, keep), 0);
        }
        if (how == LOSE_ALL && file->before[0] == '\0') {
            assert_int_equal(unlink(file->path), 0);
        } else if (how == LOSE_ALL && strcmp(file->before, file->path) != 0) {
            assert_int_equal(rename(file->path, file->before), 0);
        }
    }
}

/* ---- The store ---- */

static char folder[64];
static uint8_t samples[BATCHES];

static bool store_open(const ifm_os_files *files, tsdb **out, ifm_error *err)
{
    const tsdb_options options = {.folder = folder,
                                  .files = files,
                                  .retention_ms = INT64_MAX / 4, /* the data are from 2023 */
                                  .flush_interval_ms = INT64_MAX / 4,
                                  .no_threads = true};
    return tsdb_open(&options, out, err);
}

/* Appends until power fails; returns how many batches were synced by then. */
static size_t run_until_dead(void)
{
    tsdb *db = NULL;
    ifm_error err = {.code = IFM_OK};
    size_t synced = 0;
    if (!store_open(power_files(), &db, &err)) {
        return 0;
    }
    for (size_t n = 0; n < BATCHES && !power_dead() && known_append(db, NULL, n, &err); n++) {
        if (n % FLUSH_EVERY == FLUSH_EVERY - 1) {
            tsdb_flush(db, &err);
        }
        if (n % SYNC_EVERY == SYNC_EVERY - 1) {
            tsdb_maintain(db);
            synced = power_dead() ? synced : n + 1;
        }
    }
    tsdb_close(db);
    return synced;
}

static bool check_after(size_t synced, char *why, size_t size)
{
    tsdb *db = NULL;
    ifm_error err = {.code = IFM_OK};
    known_found found = {.samples = samples, .batches = BATCHES};
    memset(samples, 0, sizeof samples);
    if (!store_open(NULL, &db, &err)) {
        snprintf(why, size, "could not be opened: %.160s", err.message);
        return false;
    }
    bool ok = known_read(tsdb_storage(db), &found, &err);
    tsdb_close(db);
    snprintf(why, size, "%.160s", ok ? found.wrong : err.message);
    for (size_t n = 0; n < BATCHES && why[0] == '\0'; n++) {
        if (samples[n] != known_size(n) && (samples[n] != 0 || n < synced)) {
            snprintf(why, size, "batch %zu has %d of %zu samples; %zu batches were synced", n, samples[n],
                     known_size(n), synced);
        }
    }
    return why[0] == '\0';
}

static void a_power_failure_costs_what_was_not_synced(void **state)
{
    size_t runs = 0;
    (void)state;
    for (loss how = LOSE_ALL; how < LOSS_COUNT; how++) {
        bool failed = true;
        for (size_t stop = 1; failed && check_failures < 20; stop++, runs++) {
            char why[200];
            power = (struct power_state){.stop = stop};
            if (access(folder, F_OK) == 0) {
                nftw(folder, scratch_remove_entry, 8, FTW_DEPTH | FTW_PHYS);
            }
            size_t synced = run_until_dead();
            failed = power_dead();
            power_lose(how);
            if (!check_report(check_after(synced, why, sizeof why), __FILE__, __LINE__)) {
                fprintf(stderr, "power fails at call %zu (loss %d): %s\n", stop, (int)how, why);
            }
        }
    }
    printf("%zu power failures\n", runs);
    CHECK(runs > 200);
    check_end();
}

static int setup(void **state)
{
    int result = scratch_make_in_memory(state);
    snprintf(folder, sizeof folder, "%s/store", scratch);
    return result;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_power_failure_costs_what_was_not_synced)};
    return cmocka_run_group_tests(tests, setup, scratch_remove);
}
