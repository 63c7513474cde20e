/* SPDX-License-Identifier: Apache-2.0
 *
 * Labels and URLs of targets.
 */
#include "scrape/target.h"

#include "check.h"

static config_scrape base_config(void)
{
    return (config_scrape){.job_name = "j",
                           .interval_ms = 15000,
                           .timeout_ms = 10000,
                           .metrics_path = "/metrics",
                           .scheme = "http",
                           .params = ""};
}

static const char *print(model_labels labels)
{
    static char text[4096];
    ifm_buf out;
    ifm_buf_init(&out, sizeof text - 1);
    model_labels_print(labels, &out);
    memcpy(text, out.data, out.size);
    text[out.size] = '\0';
    ifm_buf_deinit(&out);
    return text;
}

static scrape_target *make(const config_scrape *config, const char *address, model_label *labels,
                           size_t count, ifm_error *err)
{
    model_text target = model_text_of(address);
    config_target_group group = {
        .targets = &target, .target_count = 1, .labels = {labels, count}, .source = "0"};
    return scrape_target_new(config, &group, 0, err);
}

static void target_has_the_labels_of_prometheus(void **state)
{
    config_scrape config = base_config();
    ifm_error err;
    model_label labels[] = {{model_text_of("__meta_x"), model_text_of("m")},
                            {model_text_of("a"), model_text_of("b")}};
    (void)state;
    scrape_target *target = make(&config, "h", labels, 2, &err);
    assert_non_null(target);
    CHECK_TEXT(print(target->discovered),
               "{__address__=\"h\", __meta_x=\"m\", __metrics_path__=\"/metrics\", __scheme__=\"http\", "
               "__scrape_interval__=\"15s\", __scrape_timeout__=\"10s\", a=\"b\", job=\"j\"}");
    CHECK_TEXT(
        print(target->labels),
        "{__address__=\"h\", __metrics_path__=\"/metrics\", __scheme__=\"http\", "
        "__scrape_interval__=\"15s\", __scrape_timeout__=\"10s\", a=\"b\", instance=\"h\", job=\"j\"}");
    CHECK_TEXT(print(target->shown), "{a=\"b\", instance=\"h\", job=\"j\"}");
    CHECK_TEXT(target->url, "http://h/metrics");
    CHECK_INT(target->interval_ms, 15000);
    CHECK_INT(target->timeout_ms, 10000);
    scrape_target_free(target);
    check_end();
}

static void target_labels_override_the_configuration(void **state)
{
    config_scrape config = base_config();
    ifm_error err;
    model_label params[] = {{model_text_of("__param_q"), model_text_of("1")}};
    model_label labels[] = {{model_text_of("__metrics_path__"), model_text_of("probe")},
                            {model_text_of("__param_q"), model_text_of("a b&")},
                            {model_text_of("__param_z"), model_text_of("9")},
                            {model_text_of("__scheme__"), model_text_of("https")},
                            {model_text_of("__scrape_interval__"), model_text_of("1m")},
                            {model_text_of("instance"), model_text_of("i")},
                            {model_text_of("job"), model_text_of("other")}};
    (void)state;
    config.params = "q=1&q=2&r=3";
    config.param_labels = params;
    config.param_label_count = 1;
    scrape_target *target = make(&config, "h:1", labels, IFM_COUNT_OF(labels), &err);
    assert_non_null(target);
    CHECK_TEXT(target->url, "https://h:1/probe?q=a+b%26&q=2&r=3&z=9");
    CHECK_TEXT(print(target->shown), "{instance=\"i\", job=\"other\"}");
    CHECK_INT(target->interval_ms, 60000);
    scrape_target_free(target);
    check_end();
}

static void target_that_is_none_is_refused(void **state)
{
    static const struct {
        const char *address, *name, *value, *want;
    } rows[] = {
        {"", "a", "b", "no address"},
        {"h/x", "a", "b", "\"h/x\" is not a valid hostname"},
        {"h", "__scrape_interval__", "x",
         "error parsing scrape interval: not a valid duration string: \"x\""},
        {"h", "__scrape_interval__", "0s", "scrape interval cannot be 0"},
        {"h", "__scrape_timeout__", "16s",
         "scrape timeout cannot be greater than scrape interval (16000 ms > 15000 ms)"},
        {"h", "a", "\xff", "the value of label \"a\" is not valid UTF-8"},
    };
    (void)state;
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        config_scrape config = base_config();
        ifm_error err = {.message = ""};
        model_label label = {model_text_of(rows[i].name), model_text_of(rows[i].value)};
        scrape_target *target = make(&config, rows[i].address, &label, 1, &err);
        CHECK(target == NULL);
        CHECK_TEXT(err.message, rows[i].want);
        CHECK_INT(err.code, IFM_INVALID);
        scrape_target_free(target);
    }
    check_end();
}

static void targets_are_the_same_by_labels_and_url(void **state)
{
    config_scrape config = base_config();
    ifm_error err;
    model_label one = {model_text_of("__meta_a"), model_text_of("1")};
    model_label two = {model_text_of("__meta_a"), model_text_of("2")};
    model_label three = {model_text_of("a"), model_text_of("2")};
    (void)state;
    scrape_target *a = make(&config, "h", &one, 1, &err);
    scrape_target *b = make(&config, "h", &two, 1, &err);
    scrape_target *c = make(&config, "h", &three, 1, &err);
    CHECK(scrape_target_same(a, b));
    CHECK(!scrape_target_same(a, c));
    scrape_target_free(a);
    scrape_target_free(b);
    scrape_target_free(c);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(target_has_the_labels_of_prometheus),
        cmocka_unit_test(target_labels_override_the_configuration),
        cmocka_unit_test(target_that_is_none_is_refused),
        cmocka_unit_test(targets_are_the_same_by_labels_and_url),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
