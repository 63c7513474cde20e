/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/config.h"

#include "base/base.h"
#include "check.h"
#include "pipeline/limits.h"
#include "torture.h"

#include <math.h>
#include <stdlib.h>
#include <unistd.h>

static const char *no_environment(const char *name)
{
    (void)name;
    return NULL;
}

static const char *port_environment(const char *name)
{
    return strcmp(name, "INFEROMETER_PORT") == 0 ? "4711" : NULL;
}

static char path[] = "/tmp/ifm_config_XXXXXX";

static const char *write_config(const char *text, size_t size)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, size, file), size);
    fclose(file);
    return path;
}

static int make_file(void **state)
{
    (void)state;
    int fd = mkstemp(path);
    return fd < 0 ? -1 : close(fd);
}

static int remove_file(void **state)
{
    (void)state;
    return unlink(path);
}

static bool load(const char *text, ifm_config *config, ifm_error *err)
{
    const ifm_logger_options options = {.config_file = write_config(text, strlen(text))};
    return ifm_config_init(config, &options, no_environment, err);
}

static void config_fills_in_defaults(void **state)
{
    (void)state;
    ifm_error err;
    ifm_config config;
    size_t count;
    assert_true(ifm_config_init(&config, NULL, no_environment, &err));
    CHECK_INT(config.settings.port, 8000);
    CHECK_INT(config.settings.naming, IFM_NAMING_INFEROMETER);
    CHECK_INT(config.settings.text_every, 10);
    CHECK(config.settings.stage_bounds == ifm_buckets_stage(&count));
    CHECK_INT(config.settings.stage_bound_count, count);
    CHECK(config.settings.text_directory == NULL);
    ifm_config_deinit(&config);

    const ifm_logger_options by_time = {.text_seconds = 5};
    assert_true(ifm_config_init(&config, &by_time, no_environment, &err));
    CHECK_INT(config.settings.text_every, 0);
    ifm_config_deinit(&config);
    check_end();
}

static void config_takes_the_environment_last(void **state)
{
    (void)state;
    ifm_error err;
    ifm_config config;
    const ifm_logger_options options = {.port = 9000};
    assert_true(ifm_config_init(&config, &options, port_environment, &err));
    CHECK_INT(config.settings.port, 4711);
    ifm_config_deinit(&config);

    static const char text[] = "port: 9000\n";
    const ifm_logger_options by_file = {.config_file = write_config(text, sizeof text - 1)};
    assert_true(ifm_config_init(&config, &by_file, port_environment, &err));
    CHECK_INT(config.settings.port, 4711);
    ifm_config_deinit(&config);
    check_end();
}

static void config_refuses_wrong_options(void **state)
{
    (void)state;
    static const double bounds[] = {1, 2};
    const struct {
        ifm_logger_options options;
        const char *part;
    } rows[] = {
        {{.port = -3}, "port -3 cannot be used"},
        {{.port = 65536}, "port 65536 cannot be used"},
        {{.naming = (ifm_naming)4}, "naming 4"},
        {{.monitoring = (ifm_monitoring)4}, "monitoring 4"},
        {{.registration = (ifm_registration)2}, "registration 2"},
        {{.text_seconds = -1}, "text_seconds -1"},
        {{.text_seconds = NAN}, "text_seconds nan"},
        {{.stage_bounds = bounds}, "given together"},
        {{.stage_bound_count = 2}, "given together"},
        {{.config_file = path, .port = 1}, "option \"port\" is given beside config_file"},
        {{.config_file = path, .address = "::1"}, "option \"address\""},
        {{.config_file = path, .user = "u"}, "option \"user\""},
        {{.config_file = path, .password_hash = "h"}, "option \"password_hash\""},
        {{.config_file = path, .tls_cert_file = "c"}, "option \"tls_cert_file\""},
        {{.config_file = path, .tls_key_file = "k"}, "option \"tls_key_file\""},
        {{.config_file = path, .naming = IFM_NAMING_BOTH}, "option \"naming\""},
        {{.config_file = path, .text_directory = "."}, "option \"text_directory\""},
        {{.config_file = path, .text_name = "n"}, "option \"text_name\""},
        {{.config_file = path, .text_every = 1}, "option \"text_every\""},
        {{.config_file = path, .text_seconds = 1}, "option \"text_seconds\""},
        {{.config_file = path, .monitoring = IFM_MONITORING_STACK}, "option \"monitoring\""},
        {{.config_file = path, .registration = IFM_REGISTRATION_OFF}, "option \"registration\""},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        ifm_error err = {.code = IFM_OK};
        ifm_config config;
        CHECK(!ifm_config_init(&config, &rows[i].options, no_environment, &err));
        CHECK_INT(err.code, IFM_INVALID);
        CHECK_CONTAINS(err.message, rows[i].part);
    }
    check_end();
}

static void config_reads_every_setting_of_a_file(void **state)
{
    (void)state;
    ifm_error err;
    ifm_config config;
    if (!load("# settings\n"
              "port: any\naddress: \"::1\"\nuser: prometheus\npassword_hash: '$6$salt$hash'\n"
              "tls_cert_file: cert.pem\ntls_key_file: key.pem\nnaming: both\ntext_directory: /var/lib/node\n"
              "text_name: ocr.prom\ntext_every: 100\ntext_seconds: 2.5\nmonitoring: auto\n"
              "registration: off\n"
              "stage_bounds: [0.001, 1e-2, 1]\n",
              &config, &err)) {
        fail_msg("%s", err.message);
    }
    const ifm_logger_options *settings = &config.settings;
    CHECK_INT(settings->port, IFM_ENDPOINT_PORT_ANY);
    CHECK_TEXT(settings->address, "::1");
    CHECK_TEXT(settings->user, "prometheus");
    CHECK_TEXT(settings->password_hash, "$6$salt$hash");
    CHECK_TEXT(settings->tls_cert_file, "cert.pem");
    CHECK_TEXT(settings->tls_key_file, "key.pem");
    CHECK_INT(settings->naming, IFM_NAMING_BOTH);
    CHECK_TEXT(settings->text_directory, "/var/lib/node");
    CHECK_TEXT(settings->text_name, "ocr.prom");
    CHECK_INT(settings->text_every, 100);
    CHECK_DOUBLE(settings->text_seconds, 2.5);
    CHECK_INT(settings->monitoring, IFM_MONITORING_AUTO);
    CHECK_INT(settings->registration, IFM_REGISTRATION_OFF);
    CHECK_INT(settings->stage_bound_count, 3);
    CHECK_DOUBLE(settings->stage_bounds[1], 0.01);
    ifm_config_deinit(&config);
    check_end();
}

/* The file that is shown to users. */
static void config_reads_the_example(void **state)
{
    (void)state;
    ifm_error err;
    ifm_config config;
    char example[1024];
    const char *slash = strrchr(__FILE__, '/');
    snprintf(example, sizeof example, "%.*s/../../../examples/inferometer.yaml", (int)(slash - __FILE__),
             __FILE__);
    const ifm_logger_options options = {.config_file = example};
    if (!ifm_config_init(&config, &options, no_environment, &err)) {
        fail_msg("%s", err.message);
    }
    size_t count;
    const double *bounds = ifm_buckets_stage(&count);
    CHECK_INT(config.settings.port, 8000);
    CHECK_INT(config.settings.stage_bound_count, count);
    for (size_t i = 0; i < count && i < config.settings.stage_bound_count; i++) {
        CHECK_DOUBLE(config.settings.stage_bounds[i], bounds[i]);
    }
    ifm_config_deinit(&config);
    check_end();
}

static void config_reads_other_forms_of_yaml(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "{port: 9001, naming: both}",
        "---\nport: '9001'\nnaming: \"both\"\n...\n",
        "naming: both\r\nport: 9001\r\n",
        "# a\n\nport:   9001   # b\nnaming:\n  both\n",
    };
    for (size_t i = 0; i < IFM_COUNT_OF(texts); i++) {
        ifm_error err;
        ifm_config config;
        if (!load(texts[i], &config, &err)) {
            fail_msg("%s", err.message);
        }
        CHECK_INT(config.settings.port, 9001);
        CHECK_INT(config.settings.naming, IFM_NAMING_BOTH);
        ifm_config_deinit(&config);
    }
    check_end();
}

static void config_takes_an_empty_file_for_defaults(void **state)
{
    (void)state;
    static const char *const texts[] = {"", "# nothing yet\n"};
    for (size_t i = 0; i < IFM_COUNT_OF(texts); i++) {
        ifm_error err;
        ifm_config config;
        if (!load(texts[i], &config, &err)) {
            fail_msg("%s", err.message);
        }
        CHECK_INT(config.settings.port, 8000);
        ifm_config_deinit(&config);
    }
    check_end();
}

static void config_says_where_a_file_is_wrong(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *part;
    } rows[] = {
        {"port: 1\nadress: x\n", "line 2, column 1: there is no setting \"adress\""},
        {"# a comment\n\n\n  colour: red\n", "line 4, column 3: there is no setting \"colour\""},
        {"port: [1, 2]\n", "line 1, column 7: a single value belongs here, not a list or a mapping"},
        {"address: x\nport: {a: 1}\n",
         "line 2, column 7: a single value belongs here, not a list or a mapping"},
        {"stage_bounds: 5\n", "line 1, column 15: a list belongs here; hint: write [1, 2, 3]"},
        {"address: x\nport: 70000\n",
         "line 2, column 7: port \"70000\" cannot be used; accepted: 1 to 65535, \"any\" or \"off\""},
        {"{address: port, port: 0}", "line 1, column 23: port \"0\" cannot be used"},
        {"port:\n", "line 1, column 6: port \"\" cannot be used"},
        {"address: ''\n", "line 1, column 10: address \"\" cannot be used; accepted: a text"},
        {"naming: prometheus\n", "line 1, column 9: naming \"prometheus\" cannot be used; accepted: \"infer"},
        {"text_every: 1.5\n", "line 1, column 13: text_every \"1.5\" cannot be used"},
        {"text_seconds: soon\n", "line 1, column 15: text_seconds \"soon\" cannot be used"},
        {"monitoring: all\n", "line 1, column 13: monitoring \"all\" cannot be used; accepted: \"none\""},
        {"registration: yes\n",
         "line 1, column 15: registration \"yes\" cannot be used; accepted: \"on\" or \"off\""},
        {"stage_bounds: [1, two]\n",
         "line 1, column 15: stage_bounds \"two\" cannot be used; accepted: numbers"},
        {"stage_bounds: [1, [2]]\n", "line 1, column 19: a single value belongs here"},
        {"stage_bounds: []\n", "line 1, column"},
        {"port: 1\n# again\nport: 2\n", "line 3, column 1: setting \"port\" is given twice"},
        {"stage_bounds: [port]\nstage_bounds: [2]\n", "line 2, column 1: setting \"stage_bounds\" is given"},
        {"- a\n", "the file is no mapping; hint: write lines such as port: 8000"},
        {"hello\n", "the file is no mapping"},
        {"port: 1\n  address: 2\n", "line 2, column 10: libyaml: mapping values are not allowed"},
        {"port: \"abc\n", "line 2, column 1: libyaml: found unexpected end of stream"},
        {"\tport: 1\n", "line 1, column 1: libyaml: found character that cannot start any token"},
        {"port: 1\n---\nport: 2\n", "documents"},
        {"port: &a 1\naddress: *a\n", "line 2, column"},
        {"port: \xff\n", "libyaml: invalid leading UTF-8 octet"},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        ifm_error err = {.code = IFM_OK};
        ifm_config config;
        CHECK(!load(rows[i].text, &config, &err));
        CHECK_INT(err.code, IFM_INVALID);
        CHECK_CONTAINS(err.message, rows[i].part);
        CHECK_CONTAINS(err.message, "could not use \"/tmp/ifm_config_");
    }
    check_end();
}

static void config_says_nothing_on_stderr(void **state)
{
    (void)state;
    ifm_error err;
    ifm_config config;
    fflush(stderr);
    FILE *captured = tmpfile();
    assert_non_null(captured);
    int saved = dup(STDERR_FILENO);
    dup2(fileno(captured), STDERR_FILENO);
    bool ok = load("port: 1\nadress: x\n", &config, &err);
    fflush(stderr);
    dup2(saved, STDERR_FILENO);
    close(saved);
    CHECK(!ok);
    fseek(captured, 0, SEEK_END);
    CHECK_INT(ftell(captured), 0);
    fclose(captured);
    check_end();
}

static void config_refuses_files_it_cannot_read(void **state)
{
    (void)state;
    ifm_error err;
    ifm_config config;
    const ifm_logger_options missing = {.config_file = "/nonexistent/inferometer.yaml"};
    CHECK(!ifm_config_init(&config, &missing, no_environment, &err));
    CHECK_INT(err.code, IFM_IO);
    CHECK_CONTAINS(err.message, "could not open \"/nonexistent/inferometer.yaml\": No such file");

    static char large[IFM_CONFIG_BYTES_MAX + 1];
    memset(large, '#', sizeof large);
    const ifm_logger_options options = {.config_file = write_config(large, sizeof large)};
    CHECK(!ifm_config_init(&config, &options, no_environment, &err));
    CHECK_INT(err.code, IFM_LIMIT);
    check_end();
}

static void config_refuses_bounds_given_twice(void **state)
{
    (void)state;
    ifm_error err;
    ifm_config config;
    static const double bounds[] = {1, 2};
    static const char text[] = "stage_bounds: [1, 2]\n", other[] = "port: 5\n";
    ifm_logger_options options = {
        .config_file = write_config(text, sizeof text - 1), .stage_bounds = bounds, .stage_bound_count = 2};
    CHECK(!ifm_config_init(&config, &options, no_environment, &err));
    CHECK_INT(err.code, IFM_INVALID);
    CHECK_CONTAINS(err.message, "\"stage_bounds\" is given in the options and in");

    options.config_file = write_config(other, sizeof other - 1);
    assert_true(ifm_config_init(&config, &options, no_environment, &err));
    CHECK(config.settings.stage_bounds == bounds);
    ifm_config_deinit(&config);
    check_end();
}

static bool config_once(void *context, ifm_error *err)
{
    const ifm_logger_options options = {.config_file = context};
    ifm_config config;
    if (!ifm_config_init(&config, &options, no_environment, err)) {
        return false;
    }
    ifm_config_deinit(&config);
    return true;
}

static void config_survives_lack_of_memory(void **state)
{
    (void)state;
    static const char text[] = "port: 9\naddress: x\nstage_bounds: [1, 2]\n";
    write_config(text, sizeof text - 1);
    CHECK(torture_allocations(config_once, path, TORTURE_MUST_FAIL) >= 5);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(config_fills_in_defaults),
        cmocka_unit_test(config_takes_the_environment_last),
        cmocka_unit_test(config_refuses_wrong_options),
        cmocka_unit_test(config_reads_every_setting_of_a_file),
        cmocka_unit_test(config_reads_the_example),
        cmocka_unit_test(config_reads_other_forms_of_yaml),
        cmocka_unit_test(config_takes_an_empty_file_for_defaults),
        cmocka_unit_test(config_says_where_a_file_is_wrong),
        cmocka_unit_test(config_says_nothing_on_stderr),
        cmocka_unit_test(config_refuses_files_it_cannot_read),
        cmocka_unit_test(config_refuses_bounds_given_twice),
        cmocka_unit_test(config_survives_lack_of_memory),
    };
    return cmocka_run_group_tests(tests, make_file, remove_file);
}
