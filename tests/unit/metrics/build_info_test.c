/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <inferometer/export.h>
#include <inferometer/registry.h>

static void build_info_names_version_and_compiler(void **state)
{
    (void)state;
    ifm_error err;
    ifm_registry *registry = ifm_registry_new(NULL, &err);
    assert_non_null(registry);
    CHECK(ifm_build_info_register(registry, &err));
    char *text = NULL;
    size_t size = 0;
    assert_true(ifm_registry_expose(registry, NULL, &text, &size, &err));
    CHECK_CONTAINS(text, "# TYPE inferometer_build_info gauge\n");
#ifdef __clang__
    CHECK_CONTAINS(text, "inferometer_build_info{version=\"" IFM_VERSION "\",compiler=\"clang ");
#else
    CHECK_CONTAINS(text, "inferometer_build_info{version=\"" IFM_VERSION "\",compiler=\"gcc " __VERSION__
                         "\"} 1\n");
#endif
    ifm_free(text);
    ifm_registry_free(registry);
    check_end();
}

static void build_info_may_be_registered_twice(void **state)
{
    (void)state;
    ifm_error err;
    ifm_registry *registry = ifm_registry_new(NULL, &err);
    assert_non_null(registry);
    CHECK(ifm_build_info_register(registry, &err));
    CHECK(ifm_build_info_register(registry, &err));
    ifm_registry_free(registry);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(build_info_names_version_and_compiler),
        cmocka_unit_test(build_info_may_be_registered_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
