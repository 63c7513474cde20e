/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/environment.h"

#include "base/base.h"
#include "check.h"

/* The one variable that is set. */
static const char *set_name;
static const char *set_value;

static const char *fake_get(const char *name)
{
    return set_name != NULL && strcmp(name, set_name) == 0 ? set_value : NULL;
}

static bool apply(const char *name, const char *value, ifm_logger_options *settings, ifm_error *err)
{
    set_name = name;
    set_value = value;
    return ifm_environment_apply(fake_get, settings, err);
}

static void environment_overrides_each_setting(void **state)
{
    (void)state;
    ifm_error err;
    ifm_logger_options settings = {.port = 9000, .address = "::1", .text_every = 7, .text_seconds = 3};
    CHECK(apply("INFEROMETER_PORT", "8123", &settings, &err));
    CHECK_INT(settings.port, 8123);
    CHECK(apply("INFEROMETER_PORT", "65535", &settings, &err));
    CHECK_INT(settings.port, 65535);
    CHECK(apply("INFEROMETER_PORT", "any", &settings, &err));
    CHECK_INT(settings.port, IFM_ENDPOINT_PORT_ANY);
    CHECK(apply("INFEROMETER_PORT", "off", &settings, &err));
    CHECK_INT(settings.port, IFM_LOGGER_PORT_NONE);
    CHECK(apply("INFEROMETER_ADDRESS", "0.0.0.0", &settings, &err));
    CHECK_TEXT(settings.address, "0.0.0.0");
    CHECK(apply("INFEROMETER_NAMING", "deepsparse", &settings, &err));
    CHECK_INT(settings.naming, IFM_NAMING_DEEPSPARSE);
    CHECK(apply("INFEROMETER_NAMING", "both", &settings, &err));
    CHECK_INT(settings.naming, IFM_NAMING_BOTH);
    CHECK(apply("INFEROMETER_NAMING", "inferometer", &settings, &err));
    CHECK_INT(settings.naming, IFM_NAMING_INFEROMETER);
    CHECK(apply("INFEROMETER_TEXT_DIRECTORY", "/var/lib/x", &settings, &err));
    CHECK_TEXT(settings.text_directory, "/var/lib/x");
    CHECK(apply("INFEROMETER_TEXT_NAME", "x.prom", &settings, &err));
    CHECK_TEXT(settings.text_name, "x.prom");
    CHECK(apply("INFEROMETER_TEXT_EVERY", "0", &settings, &err));
    CHECK_INT(settings.text_every, 0);
    CHECK(apply("INFEROMETER_TEXT_EVERY", "18446744073709551615", &settings, &err));
    CHECK(settings.text_every == UINT64_MAX);
    CHECK(apply("INFEROMETER_TEXT_SECONDS", "2.5", &settings, &err));
    CHECK_DOUBLE(settings.text_seconds, 2.5);
    CHECK(apply("INFEROMETER_MONITORING", "none", &settings, &err));
    CHECK_INT(settings.monitoring, IFM_MONITORING_NONE);
    CHECK(apply("INFEROMETER_MONITORING", "stack", &settings, &err));
    CHECK_INT(settings.monitoring, IFM_MONITORING_STACK);
    CHECK(apply("INFEROMETER_MONITORING", "embedded", &settings, &err));
    CHECK_INT(settings.monitoring, IFM_MONITORING_EMBEDDED);
    CHECK(apply("INFEROMETER_MONITORING", "auto", &settings, &err));
    CHECK_INT(settings.monitoring, IFM_MONITORING_AUTO);
    CHECK(apply("INFEROMETER_REGISTRATION", "off", &settings, &err));
    CHECK_INT(settings.registration, IFM_REGISTRATION_OFF);
    CHECK(apply("INFEROMETER_REGISTRATION", "on", &settings, &err));
    CHECK_INT(settings.registration, IFM_REGISTRATION_ON);
    check_end();
}

static void environment_that_is_not_set_changes_nothing(void **state)
{
    (void)state;
    ifm_error err;
    ifm_logger_options settings = {.port = 9000, .address = "::1"};
    CHECK(apply(NULL, NULL, &settings, &err));
    CHECK(apply("INFEROMETER_PORT", "", &settings, &err));
    CHECK(apply("INFEROMETER_ADDRESS", "", &settings, &err));
    CHECK_INT(settings.port, 9000);
    CHECK_TEXT(settings.address, "::1");
    check_end();
}

static void environment_names_what_it_cannot_use(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        const char *value;
        const char *message;
    } rows[] = {
        {"INFEROMETER_PORT", "0",
         "INFEROMETER_PORT=\"0\" cannot be used; accepted: 1 to 65535, \"any\" or \"off\""},
        {"INFEROMETER_PORT", "65536", "INFEROMETER_PORT=\"65536\" cannot be used; accepted: 1 to"},
        {"INFEROMETER_PORT", "-1", "INFEROMETER_PORT=\"-1\""},
        {"INFEROMETER_PORT", " 80", "INFEROMETER_PORT=\" 80\""},
        {"INFEROMETER_PORT", "8000x", "INFEROMETER_PORT=\"8000x\""},
        {"INFEROMETER_PORT", "ANY", "INFEROMETER_PORT=\"ANY\""},
        {"INFEROMETER_NAMING", "openmetrics", "accepted: \"inferometer\", \"deepsparse\" or \"both\""},
        {"INFEROMETER_TEXT_EVERY", "-5",
         "INFEROMETER_TEXT_EVERY=\"-5\" cannot be used; accepted: a whole number"},
        {"INFEROMETER_TEXT_EVERY", "1.5", "INFEROMETER_TEXT_EVERY=\"1.5\""},
        {"INFEROMETER_TEXT_EVERY", "18446744073709551616", "INFEROMETER_TEXT_EVERY"},
        {"INFEROMETER_TEXT_SECONDS", "-1",
         "INFEROMETER_TEXT_SECONDS=\"-1\" cannot be used; accepted: a number"},
        {"INFEROMETER_TEXT_SECONDS", "nan", "INFEROMETER_TEXT_SECONDS"},
        {"INFEROMETER_TEXT_SECONDS", "inf", "INFEROMETER_TEXT_SECONDS"},
        {"INFEROMETER_TEXT_SECONDS", "1s", "INFEROMETER_TEXT_SECONDS"},
        {"INFEROMETER_MONITORING", "true",
         "INFEROMETER_MONITORING=\"true\" cannot be used; accepted: \"none\", \"stack\", \"embedded\" or "
         "\"auto\""},
        {"INFEROMETER_REGISTRATION", "no",
         "INFEROMETER_REGISTRATION=\"no\" cannot be used; accepted: \"on\" or \"off\""},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        ifm_logger_options settings = {.port = 0};
        ifm_error err = {.code = IFM_OK};
        CHECK(!apply(rows[i].name, rows[i].value, &settings, &err));
        CHECK_INT(err.code, IFM_INVALID);
        CHECK_CONTAINS(err.message, rows[i].message);
    }
    check_end();
}

static void environment_does_not_carry_secrets(void **state)
{
    (void)state;
    ifm_error err;
    ifm_logger_options settings = {.port = 0};
    CHECK(apply("INFEROMETER_PASSWORD_HASH", "$6$x", &settings, &err));
    CHECK(settings.password_hash == NULL);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(environment_overrides_each_setting),
        cmocka_unit_test(environment_that_is_not_set_changes_nothing),
        cmocka_unit_test(environment_names_what_it_cannot_use),
        cmocka_unit_test(environment_does_not_carry_secrets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
