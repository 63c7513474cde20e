/* SPDX-License-Identifier: Apache-2.0
 *
 * Decides every case of OpenMetrics's own test data (tests/testdata/parsers of prometheus/OpenMetrics): set
 * IFM_OPENMETRICS_CORPUS to that folder. Skipped without it; parser_openmetrics_test.c has cases of our own
 * for the same rules.
 */
#include "check.h"
#include "exposition/exposition.h"
#include "exposition/parser_check.h"

#include <dirent.h>
#include <inferometer/registry.h>
#include <stdlib.h>

enum { FILE_SIZE_MAX = 1024 * 1024 };

static const char *corpus_folder(void)
{
    const char *folder = getenv("IFM_OPENMETRICS_CORPUS");
    DIR *opened = folder == NULL ? NULL : opendir(folder);
    if (opened == NULL) {
        print_message("skipped: IFM_OPENMETRICS_CORPUS names no folder with the corpus\n");
        skip();
    }
    closedir(opened);
    return folder;
}

/* False when there is no such file. The contents are the caller's. */
static bool read_file(const char *folder, const char *test, const char *name, ifm_buf *out)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/%s/%s", folder, test, name);
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return false;
    }
    ifm_buf_init(out, FILE_SIZE_MAX);
    char bytes[4096];
    for (size_t size = fread(bytes, 1, sizeof bytes, file); size > 0;
         size = fread(bytes, 1, sizeof bytes, file)) {
        ifm_buf_append(out, bytes, size);
    }
    fclose(file);
    ifm_buf_append_char(out, '\0');
    out->size--;
    return out->failed == IFM_OK;
}

static bool says_should_parse(const char *json)
{
    const char *key = strstr(json, "\"shouldParse\"");
    assert_non_null(key);
    const char *value = strchr(key, ':');
    assert_non_null(value);
    value += 1 + strspn(value + 1, " \t\r\n");
    return strncmp(value, "true", 4) == 0;
}

static bool corpus_case(const char *folder, const char *test)
{
    ifm_buf json, metrics;
    if (test[0] == '.' || !read_file(folder, test, "test.json", &json)) {
        return false;
    }
    assert_true(read_file(folder, test, "metrics", &metrics));
    bool want = says_should_parse(json.data);
    ifm_error err = {.message = ""};
    bool got = ifm_openmetrics_check_text(metrics.data, metrics.size, &err);
    if (!check_report(got == want, __FILE__, __LINE__)) {
        fprintf(stderr, "%s was %s: %s\n", test, got ? "accepted" : "refused", err.message);
    }
    ifm_buf_deinit(&json);
    ifm_buf_deinit(&metrics);
    return true;
}

static void corpus_is_decided_as_it_says(void **state)
{
    (void)state;
    const char *folder = corpus_folder();
    DIR *opened = opendir(folder);
    assert_non_null(opened);
    int cases = 0;
    for (struct dirent *entry = readdir(opened); entry != NULL; entry = readdir(opened)) {
        cases += corpus_case(folder, entry->d_name);
    }
    closedir(opened);
    print_message("%d cases\n", cases);
    CHECK(cases > 0);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(corpus_is_decided_as_it_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
