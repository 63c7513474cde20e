/* SPDX-License-Identifier: Apache-2.0
 *
 * A small store of which every byte of every file is changed, and every file is cut at every length: it
 * opens, says that something is lost when something is, serves nothing that was never written, and all that
 * did not lie in the harmed file.
 *
 * Which batches lie in a file is found out by leaving it out.
 */
#include "faulty_store.h"

#include <fcntl.h>

enum {
    BATCHES = 24,
    FLUSH_EVERY = 8,
    FILES_MAX = 32,
    PATH_SIZE = 256,
    WHY_SIZE = 320, /* with the message of an ifm_error */
    FAILURES_MAX = 20
};

typedef struct stored_file {
    char path[PATH_SIZE]; /* in the folder */
    char *bytes;
    size_t size;
    uint8_t without[BATCHES]; /* samples of each batch that are served without the file */
} stored_file;

static stored_file stored[FILES_MAX];
static size_t stored_count;
static char stored_folders[FILES_MAX][PATH_SIZE];
static size_t stored_folder_count;

/* ---- Files ---- */

static int keep_entry(const char *path, const struct stat *status, int kind, struct FTW *place)
{
    (void)place;
    const char *name = path + strlen(folder);
    if (kind == FTW_D) {
        snprintf(stored_folders[stored_folder_count++], PATH_SIZE, "%s", name);
        return 0;
    }
    stored_file *file = &stored[stored_count++];
    snprintf(file->path, sizeof file->path, "%s", name);
    file->size = (size_t)status->st_size;
    file->bytes = ifm_alloc_zero(file->size + 1, 1);
    int fd = open(path, O_RDONLY);
    bool ok = file->bytes != NULL && fd >= 0 && read(fd, file->bytes, file->size) == (ssize_t)file->size;
    close(fd);
    return ok && stored_count < FILES_MAX && stored_folder_count < FILES_MAX ? 0 : -1;
}

static void file_write(const char *name, const char *bytes, size_t size)
{
    char path[2 * PATH_SIZE];
    snprintf(path, sizeof path, "%.*s%.*s", PATH_SIZE, folder, PATH_SIZE - 1, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    bool ok = fd >= 0 && write(fd, bytes, size) == (ssize_t)size;
    close(fd);
    assert_true(ok);
}

/* The store as it was, without `except` (NULL: all of it). */
static void store_restore(const stored_file *except)
{
    store_remove();
    for (size_t i = 0; i < stored_folder_count; i++) {
        char path[2 * PATH_SIZE];
        snprintf(path, sizeof path, "%.*s%.*s", PATH_SIZE, folder, PATH_SIZE - 1, stored_folders[i]);
        assert_int_equal(mkdir(path, 0700), 0);
    }
    for (size_t i = 0; i < stored_count; i++) {
        if (&stored[i] != except) {
            file_write(stored[i].path, stored[i].bytes, stored[i].size);
        }
    }
}

/* ---- The store ---- */

/* Blocks, and a log with batches that are in none. */
static bool store_make(void)
{
    tsdb *db = NULL;
    ifm_error err = {.code = IFM_OK};
    bool ok = store_open(&db, &err);
    tsdb_group *group = ok ? tsdb_group_new(db, &err) : NULL;
    for (size_t n = 0; ok && n < BATCHES; n++) {
        ok = group != NULL && known_append(db, group, n, &err) &&
             (n % FLUSH_EVERY != FLUSH_EVERY - 1 || n + 1 == BATCHES || tsdb_flush(db, &err));
    }
    if (!ok) {
        fprintf(stderr, "%s\n", err.message);
        return false;
    }
    tsdb_group_free(group);
    tsdb_close(db);
    return nftw(folder, keep_entry, 8, FTW_PHYS) == 0;
}

typedef struct served {
    uint8_t samples[BATCHES];
    size_t total;
    uint64_t damages;
    size_t warnings;
    bool silent; /* something is lost, and nobody says so */
} served;

static bool store_serve(served *out, char *why, size_t size)
{
    tsdb *db = NULL;
    ifm_error err = {.code = IFM_OK};
    tsdb_stats stats;
    *out = (served){.total = 0};
    known_found found = {.samples = out->samples, .batches = BATCHES};
    warnings = 0;
    why[0] = '\0';
    if (!store_open(&db, &err)) {
        snprintf(why, size, "could not be opened: %s", err.message);
        return false;
    }
    bool ok = known_read(tsdb_storage(db), &found, &err);
    tsdb_stats_now(db, &stats);
    tsdb_close(db);
    out->total = found.total;
    out->damages = stats.damages;
    out->warnings = warnings;
    snprintf(why, size, "%s%s", ok ? "" : "could not be read: ", ok ? found.wrong : err.message);
    return why[0] == '\0';
}

static size_t everything(void)
{
    size_t total = 0;
    for (size_t n = 0; n < BATCHES; n++) {
        total += known_size(n);
    }
    return total;
}

static bool served_right(const stored_file *harmed, served *got, char *why, size_t size)
{
    for (size_t n = 0; n < BATCHES; n++) {
        if (got->samples[n] < harmed->without[n] || got->samples[n] > known_size(n)) {
            snprintf(why, size, "batch %zu has %d of %zu samples", n, got->samples[n], known_size(n));
            return false;
        }
    }
    got->silent = got->total < everything() && (got->damages == 0 || got->warnings == 0);
    return true;
}

/* The store with other contents of one file. */
static bool try_contents(const stored_file *file, const char *bytes, size_t length, served *got,
                         const char *what, size_t at)
{
    char why[WHY_SIZE];
    store_restore(file);
    file_write(file->path, bytes, length);
    bool ok = store_serve(got, why, sizeof why) && served_right(file, got, why, sizeof why);
    if (!check_report(ok, __FILE__, __LINE__)) {
        fprintf(stderr, "%s %s %zu of %zu: %s\n", file->path, what, at, file->size, why);
    }
    return ok;
}

/* ---- Tests ---- */

static int setup(void **state)
{
    char why[WHY_SIZE];
    served got;
    int result = store_setup(state);
    fault_reset();
    if (result != 0 || !store_make()) {
        return -1;
    }
    for (size_t i = 0; i < stored_count; i++) {
        store_restore(&stored[i]);
        if (!store_serve(&got, why, sizeof why)) {
            fprintf(stderr, "without %s: %s\n", stored[i].path, why);
            return -1;
        }
        memcpy(stored[i].without, got.samples, sizeof got.samples);
        printf("%s: %zu bytes, %zu samples\n", stored[i].path, stored[i].size, everything() - got.total);
    }
    return 0;
}

static int teardown(void **state)
{
    for (size_t i = 0; i < stored_count; i++) {
        ifm_free(stored[i].bytes);
    }
    return scratch_remove(state);
}

static void the_whole_store_is_served(void **state)
{
    char why[WHY_SIZE];
    served got;
    (void)state;
    store_restore(NULL);
    CHECK(store_serve(&got, why, sizeof why));
    CHECK_INT(got.total, everything());
    CHECK_INT(got.damages, 0);
    CHECK_INT(got.warnings, 0);
    check_end();
}

/* How many lengths the file has had, as a log before each of its batches: nobody knows of what followed. */
static size_t whole_lengths(const stored_file *file)
{
    size_t lengths = 0;
    for (size_t n = 0; n < BATCHES; n++) {
        lengths += file->without[n] == 0;
    }
    return strncmp(file->path, "/log/", 5) == 0 ? lengths + 1 : 0; /* the empty file is one of them */
}

static void files_that_are_cut_cost_what_was_cut_off(void **state)
{
    (void)state;
    for (size_t i = 0; i < stored_count; i++) {
        const stored_file *file = &stored[i];
        size_t before = 0;
        size_t silent = 0;
        for (size_t length = 0; length < file->size && check_failures < FAILURES_MAX; length++) {
            served got;
            if (try_contents(file, file->bytes, length, &got, "cut at", length)) {
                CHECK(got.total >= before); /* the longer, the more */
                before = got.total;
                silent += got.silent;
            }
        }
        CHECK_INT(silent, whole_lengths(file));
    }
    check_end();
}

static void bytes_that_are_changed_cost_what_they_belong_to(void **state)
{
    (void)state;
    for (size_t i = 0; i < stored_count; i++) {
        const stored_file *file = &stored[i];
        for (size_t at = 0; at < file->size && check_failures < FAILURES_MAX; at++) {
            served got;
            char was = file->bytes[at];
            file->bytes[at] = (char)(was ^ (at % 3 == 0 ? 0xff : 1 << at % 8));
            if (try_contents(file, file->bytes, file->size, &got, "changed at", at)) {
                CHECK(!got.silent);
            }
            file->bytes[at] = was;
        }
    }
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_whole_store_is_served),
        cmocka_unit_test(files_that_are_cut_cost_what_was_cut_off),
        cmocka_unit_test(bytes_that_are_changed_cost_what_they_belong_to),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
