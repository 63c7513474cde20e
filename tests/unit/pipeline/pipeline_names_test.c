/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/pipeline_names.h"

#include "base/base.h"
#include "check.h"
#include "pipeline/limits.h"

static void names_are_found_in_one_bucket_and_in_many(void **state)
{
    (void)state;
    static const size_t bucket_counts[] = {1, 64};
    for (size_t i = 0; i < IFM_COUNT_OF(bucket_counts); i++) {
        ifm_error err;
        ifm_names names;
        int values[100];
        char text[16];
        assert_true(ifm_names_init(&names, bucket_counts[i], &err));
        for (int k = 0; k < 100; k++) {
            snprintf(text, sizeof text, "name%d", k);
            CHECK(ifm_names_find(&names, text) == NULL);
            CHECK_TEXT(ifm_names_add(&names, text, &values[k], &err), text);
        }
        for (int k = 0; k < 100; k++) {
            snprintf(text, sizeof text, "name%d", k);
            CHECK(ifm_names_find(&names, text) == &values[k]);
        }
        CHECK_INT(names.count, 100);
        CHECK(ifm_names_find(&names, "name") == NULL);
        ifm_names_deinit(&names, NULL);
    }
    check_end();
}

static void names_are_removed_wherever_they_stand(void **state)
{
    (void)state;
    ifm_error err;
    ifm_names names;
    int a, b, c;
    assert_true(ifm_names_init(&names, 1, &err));
    CHECK(ifm_names_add(&names, "a", &a, &err) != NULL);
    CHECK(ifm_names_add(&names, "b", &b, &err) != NULL);
    CHECK(ifm_names_add(&names, "c", &c, &err) != NULL);
    CHECK(ifm_names_remove(&names, "b") == &b);
    CHECK(ifm_names_remove(&names, "b") == NULL);
    CHECK(ifm_names_find(&names, "a") == &a);
    CHECK(ifm_names_remove(&names, "c") == &c);
    CHECK(ifm_names_remove(&names, "a") == &a);
    CHECK_INT(names.count, 0);
    CHECK(ifm_names_find(&names, "a") == NULL);
    ifm_names_deinit(&names, NULL);
    check_end();
}

static void name_check_holds_the_limit(void **state)
{
    (void)state;
    char text[IFM_PIPELINE_NAME_BYTES_MAX + 2];
    memset(text, 'x', sizeof text);
    text[sizeof text - 1] = '\0';
    const struct {
        const char *name;
        const char *message;
    } rows[] = {
        {NULL, "the name of a pipeline is empty"},
        {"", "the name of a pipeline is empty"},
        {text, "the name of a pipeline has 256 bytes, the limit is 255"},
        {text + 1, NULL},
        {text + 2, NULL},
        {"\xC3", "the name of a pipeline is not valid UTF-8"},
        {"\xE6\x96\x87\xE5\xAD\x97", NULL},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        ifm_error err = {.code = IFM_OK};
        CHECK_INT(ifm_pipeline_name_check("pipeline", rows[i].name, &err), rows[i].message == NULL);
        CHECK_TEXT(err.message, rows[i].message == NULL ? "" : rows[i].message);
    }
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_found_in_one_bucket_and_in_many),
        cmocka_unit_test(names_are_removed_wherever_they_stand),
        cmocka_unit_test(name_check_holds_the_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
