/* SPDX-License-Identifier: Apache-2.0
 *
 * The stack's folder: private, replaced as a whole, locked; and the password in it.
 */
#include "stack/folder.h"

#include "check.h"
#include "scratch.h"
#include "stack/password.h"
#include "stack/session.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static mode_t mode_of(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 ? status.st_mode & 07777 : 0;
}

static void folder_is_private_and_its_contents_are_not(void **state)
{
    (void)state;
    mode_t before = umask(0);
    stack_folder folder;
    ifm_error err;
    assert_true(stack_folder_open(&folder, true, &err));
    umask(077);
    CHECK(stack_folder_make(&folder, "a/b", &err));
    CHECK(stack_folder_write(&folder, "a/b/c", "text", 4, NULL, &err));
    umask(before);
    char path[256];
    CHECK_INT(mode_of(folder.path), 0700);
    CHECK_INT(mode_of(folder.targets), 0755);
    snprintf(path, sizeof path, "%s/a/b", folder.path);
    CHECK_INT(mode_of(path), 0755);
    snprintf(path, sizeof path, "%s/a/b/c", folder.path);
    CHECK_INT(mode_of(path), 0644);
    stack_folder_close(&folder);
    check_end();
}

static void files_change_only_when_they_differ(void **state)
{
    (void)state;
    stack_folder folder;
    ifm_error err;
    assert_true(stack_folder_open(&folder, true, &err));
    bool changed = false;
    CHECK(stack_folder_write(&folder, "f", "one", 3, &changed, &err) && changed);
    changed = false;
    CHECK(stack_folder_write(&folder, "f", "one", 3, &changed, &err) && !changed);
    CHECK(stack_folder_write(&folder, "f", "two", 3, &changed, &err) && changed);

    /* What docker makes of a mount whose source is missing. */
    CHECK(stack_folder_make(&folder, "empty", &err));
    CHECK(stack_folder_write(&folder, "empty", "x", 1, NULL, &err));
    CHECK(stack_folder_make(&folder, "full/of", &err));
    CHECK(!stack_folder_write(&folder, "full", "x", 1, NULL, &err));
    CHECK_CONTAINS(err.message, "is a folder where a file belongs; hint: move it away");
    CHECK(!stack_folder_write(&folder, "missing/f", "x", 1, NULL, &err));
    CHECK_INT(err.code, IFM_IO);

    ifm_buf text;
    bool there;
    ifm_buf_init(&text, 8192);
    CHECK(stack_folder_read(&folder, "f", &text, &there, &err) && there);
    CHECK_INT(text.size, 3);
    CHECK(stack_folder_read(&folder, "nothing", &text, &there, &err) && !there);
    ifm_buf_deinit(&text);
    stack_folder_close(&folder);
    check_end();
}

static void count_lines(void *context, stack_news news, const char *line)
{
    (void)news;
    CHECK_CONTAINS(line, "waiting for another inferometer (process ");
    ++*(int *)context;
}

static void lock_is_held_by_one(void **state)
{
    (void)state;
    stack_folder first, second;
    ifm_error err;
    int told = 0;
    stack_session session = {.cancel_fd = -1, .tell = count_lines, .context = &told};
    assert_true(stack_folder_open(&first, true, &err));
    assert_true(stack_folder_open(&second, true, &err));
    CHECK(stack_folder_lock(&first, &session, &err));
    CHECK_INT(told, 0);
    session.deadline_ns = ifm_os_monotonic_ns() + 1;
    CHECK(!stack_folder_lock(&second, &session, &err));
    CHECK_INT(err.code, IFM_TIMEOUT);
    CHECK_INT(told, 1);
    char want[64];
    snprintf(want, sizeof want, "another inferometer (process %d) is at work", (int)getpid());
    CHECK_CONTAINS(err.message, want);
    stack_folder_close(&first);
    session.deadline_ns = 0;
    CHECK(stack_folder_lock(&second, &session, &err));
    stack_folder_close(&second);
    check_end();
}

static void record_that_is_broken_is_an_error(void **state)
{
    (void)state;
    stack_folder folder;
    stack_record record;
    bool there;
    ifm_error err;
    assert_true(stack_folder_open(&folder, true, &err));
    CHECK(stack_folder_record(&folder, &record, &there, &err) && !there);
    CHECK(stack_folder_write(&folder, "stack.json", "{", 1, NULL, &err));
    CHECK(!stack_folder_record(&folder, &record, &there, &err));
    CHECK_CONTAINS(err.message, "stack.json\": line 1");
    CHECK(stack_folder_forget(&folder, &err) && stack_folder_forget(&folder, &err));
    CHECK(stack_folder_record(&folder, &record, &there, &err) && !there);
    stack_folder_close(&folder);
    check_end();
}

static bool keep_b(void *context, const char *file)
{
    (void)context;
    return strcmp(file, "b") == 0;
}

static void files_of_older_versions_go(void **state)
{
    (void)state;
    stack_folder folder;
    ifm_error err;
    char path[256];
    assert_true(stack_folder_open(&folder, true, &err));
    CHECK(stack_folder_make(&folder, "p", &err));
    CHECK(stack_folder_write(&folder, "p/a", "", 0, NULL, &err));
    CHECK(stack_folder_write(&folder, "p/b", "", 0, NULL, &err));
    CHECK(stack_folder_prune(&folder, "p", keep_b, NULL, &err));
    snprintf(path, sizeof path, "%s/p/a", folder.path);
    CHECK_INT(access(path, F_OK), -1);
    snprintf(path, sizeof path, "%s/p/b", folder.path);
    CHECK_INT(access(path, F_OK), 0);
    stack_folder_close(&folder);
    check_end();
}

static void passwords_are_long_and_kept(void **state)
{
    (void)state;
    char one[64], other[64];
    ifm_error err;
    CHECK(stack_password_generate(one, sizeof one, &err) &&
          stack_password_generate(other, sizeof other, &err));
    CHECK_INT(strlen(one), 24);
    CHECK(strcmp(one, other) != 0);
    CHECK(stack_password_check(one, &err));

    stack_folder folder;
    char *stored;
    assert_true(stack_folder_open(&folder, true, &err));
    CHECK(stack_password_read(&folder, &stored, &err) && stored == NULL);
    CHECK(stack_password_store(&folder, one, &err));
    CHECK(stack_password_read(&folder, &stored, &err));
    CHECK_TEXT(stored, one);
    ifm_free(stored);
    stack_folder_close(&folder);

    static const struct {
        const char *password, *want;
    } rows[] = {
        {"7 bytes", "has 7 bytes; it must have 8 to 200"},
        {"8 bytes.", ""},
        {"a line\nend", "control character"},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        err.message[0] = '\0';
        CHECK_INT(stack_password_check(rows[i].password, &err), rows[i].want[0] == '\0');
        CHECK_CONTAINS(err.message, rows[i].want);
    }
    check_end();
}

static void hash_stays_while_it_is_of_the_password(void **state)
{
    (void)state;
    char first[STACK_HASH_SIZE], again[STACK_HASH_SIZE], other[STACK_HASH_SIZE];
    ifm_error err;
    CHECK(stack_password_hash("correct horse", NULL, first, &err));
    CHECK(strncmp(first, "$2b$10$", 7) == 0);
    CHECK(stack_password_hash("correct horse", first, again, &err));
    CHECK_TEXT(again, first);
    CHECK(stack_password_hash("battery staple", first, other, &err));
    CHECK(strcmp(other, first) != 0);
    CHECK(stack_password_hash("correct horse", "no hash", other, &err));
    CHECK(strncmp(other, "$2b$10$", 7) == 0);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(folder_is_private_and_its_contents_are_not),
        cmocka_unit_test(files_change_only_when_they_differ),
        cmocka_unit_test(lock_is_held_by_one),
        cmocka_unit_test(record_that_is_broken_is_an_error),
        cmocka_unit_test(files_of_older_versions_go),
        cmocka_unit_test(passwords_are_long_and_kept),
        cmocka_unit_test(hash_stays_while_it_is_of_the_password),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
