/* SPDX-License-Identifier: Apache-2.0
 *
 * The endpoint and the text file with each allocation failing: an error says so, and nothing is left.
 */
#include "pipeline/endpoint_scrape.h"
#include "torture.h"
#include "unit/pipeline/endpoint_client.h"

#include <inferometer/text_file.h>

/* "open sesame", by bcrypt at its least cost */
static const char hash[] = "$2b$04$abcdefghijklmnopqrstuu/LVz6MZlItEy42I2juLihZ66HnQx/cy";

static bool endpoint_start_and_stop(void *registry, ifm_error *err)
{
    ifm_endpoint_options options = {.port = IFM_ENDPOINT_PORT_ANY, .user = "ann", .password_hash = hash};
    ifm_endpoint *endpoint = ifm_endpoint_start(registry, &options, err);
    if (endpoint == NULL) {
        return false;
    }
    ifm_endpoint_stop(endpoint);
    return true;
}

static bool scrape_once(void *registry, ifm_error *err)
{
    ifm_scrape scrape = {.registry = registry, .gzip_wanted = true};
    ifm_scrape_run(&scrape);
    *err = scrape.err;
    bool ok = scrape.body != NULL;
    ifm_free(scrape.body);
    return ok;
}

static bool text_file_start_and_stop(void *registry, ifm_error *err)
{
    ifm_text_file_options options = {.directory = "relative/and/missing"};
    ifm_text_file *file = ifm_text_file_start(registry, &options, err);
    if (file == NULL) {
        return false;
    }
    ifm_text_file_stop(file); /* the last write fails, for want of a folder or of memory */
    return true;
}

static void endpoint_survives_failing_allocations(void **state)
{
    ifm_error err = {0};
    (void)state;
    ifm_registry *registry = registry_open();
    CHECK(endpoint_start_and_stop(registry, &err)); /* what is made once per process is made */
    CHECK(text_file_start_and_stop(registry, &err));
    CHECK(torture_allocations(endpoint_start_and_stop, registry, TORTURE_MUST_FAIL) >= 6);
    CHECK(torture_allocations(scrape_once, registry, TORTURE_MAY_SUCCEED) >= 2);
    CHECK(torture_allocations(text_file_start_and_stop, registry, TORTURE_MAY_SUCCEED) >= 3);
    ifm_registry_free(registry);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(endpoint_survives_failing_allocations)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
