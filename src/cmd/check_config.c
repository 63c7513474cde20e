/* SPDX-License-Identifier: Apache-2.0
 *
 * inferometer check config FILE...: reads configurations as the monitor does, and looks at the files that
 * they name. inferometer check web-config FILE...: the same for files of --web.config.file.
 */
#include "base/base.h"
#include "cmd/all.h"
#include "cmd/check_rules.h"
#include "config/config.h"
#include "os/os.h"

#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { GROUPS_BYTES_MAX = 64 << 20 };

typedef struct findings { /* of one file */
    size_t errors, warnings;
} findings;

static void say(findings *to, const char *kind, const char *text)
{
    printf("  %s: %s\n", kind, text);
    if (strcmp(kind, "FAILED") == 0) {
        to->errors++;
    } else {
        to->warnings++;
    }
}

static void check_readable(findings *to, const char *what, const char *path)
{
    if (path != NULL && access(path, R_OK) != 0) {
        ifm_error err;
        ifm_error_errno(&err, IFM_IO, errno, "%s \"%s\" cannot be read", what, path);
        say(to, "FAILED", err.message);
    }
}

static void check_http(findings *to, const http_options *http)
{
    check_readable(to, "the file of a user", http->user_file);
    check_readable(to, "the file of a password", http->password_file);
    check_readable(to, "the file of credentials", http->authorization_file);
    check_readable(to, "the file of authorities", http->ca_file);
    check_readable(to, "the certificate", http->cert_file);
    check_readable(to, "the key", http->key_file);
}

static bool has_pattern(const char *path)
{
    return strpbrk(path, "*?[") != NULL;
}

static void check_targets(findings *to, const char *path)
{
    ifm_error err;
    ifm_buf text;
    ifm_bump arena;
    const config_target_group *groups;
    size_t count;
    ifm_buf_init(&text, GROUPS_BYTES_MAX);
    ifm_bump_init(&arena, 4 * (size_t)GROUPS_BYTES_MAX);
    if (!ifm_os_read_file(path, &text, &err) ||
        !config_target_groups_parse(text.data == NULL ? "" : text.data, text.size, path, &arena, &groups,
                                    &count, &err)) {
        say(to, "FAILED", err.message);
    }
    ifm_bump_deinit(&arena);
    ifm_buf_deinit(&text);
}

static void check_nothing_found(findings *to, const char *pattern)
{
    ifm_error err;
    ifm_error_set(&err, IFM_NOT_FOUND, "there is no file \"%s\"", pattern);
    say(to, "WARNING", err.message);
}

/* Files may come later: one that is not there is worth a warning. */
static void check_file_sds(findings *to, const config_file_sd *sds, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        for (const char *const *pattern = sds[i].files; *pattern != NULL; pattern++) {
            glob_t found;
            if (glob(*pattern, 0, NULL, &found) != 0) {
                if (!has_pattern(*pattern)) {
                    check_nothing_found(to, *pattern);
                }
                continue;
            }
            for (size_t j = 0; j < found.gl_pathc; j++) {
                check_targets(to, found.gl_pathv[j]);
            }
            globfree(&found);
        }
    }
}

/* What is in the files is said afterwards. Returns how many there are. */
static size_t check_rule_files(findings *to, const char *const *patterns)
{
    size_t count = 0;
    for (; *patterns != NULL; patterns++) {
        glob_t found;
        if (glob(*patterns, 0, NULL, &found) != 0) {
            if (has_pattern(*patterns)) {
                check_nothing_found(to, *patterns);
            } else {
                check_readable(to, "the file of rules", *patterns);
            }
            continue;
        }
        for (size_t i = 0; i < found.gl_pathc; i++) {
            check_readable(to, "the file of rules", found.gl_pathv[i]);
        }
        count += found.gl_pathc;
        globfree(&found);
    }
    return count;
}

static void check_http_sds(findings *to, const config_http_sd *sds, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        check_http(to, &sds[i].http);
    }
}

static void check_references(findings *to, const config_file *config)
{
    for (size_t i = 0; i < config->scrape_count; i++) {
        const config_scrape *scrape = &config->scrapes[i];
        check_http(to, &scrape->http);
        check_file_sds(to, scrape->file_sds, scrape->file_sd_count);
        check_http_sds(to, scrape->http_sds, scrape->http_sd_count);
    }
    for (size_t i = 0; i < config->alertmanager_count; i++) {
        const config_alertmanager *manager = &config->alertmanagers[i];
        check_http(to, &manager->http);
        check_file_sds(to, manager->file_sds, manager->file_sd_count);
        check_http_sds(to, manager->http_sds, manager->http_sd_count);
    }
    for (size_t i = 0; i < config->remote_write_count; i++) {
        check_http(to, &config->remote_writes[i].http);
    }
}

/* What is in the files of rules, each under its own name. */
static bool check_rules(const char *const *patterns)
{
    bool ok = true;
    for (; *patterns != NULL; patterns++) {
        glob_t found;
        if (glob(*patterns, 0, NULL, &found) == 0) {
            for (size_t i = 0; i < found.gl_pathc; i++) {
                if (access(found.gl_pathv[i], R_OK) == 0) { /* else it was said */
                    ok = cmd_check_rules_file(found.gl_pathv[i], true) != CMD_RULES_FAILED && ok;
                }
            }
            globfree(&found);
        }
    }
    return ok;
}

static bool check_config(const char *path)
{
    ifm_error err;
    findings found = {0};
    printf("Checking %s\n", path);
    const config_file *config = config_load(path, &err);
    if (config == NULL) {
        printf("  FAILED: %s\n", err.message);
        return false;
    }
    size_t rules = check_rule_files(&found, config->rule_files);
    check_references(&found, config);
    if (found.errors == 0) {
        printf("  SUCCESS: %s is a valid configuration: %zu scrape config%s, %zu rule file%s\n", path,
               config->scrape_count, config->scrape_count == 1 ? "" : "s", rules, rules == 1 ? "" : "s");
    }
    bool ok = check_rules(config->rule_files) && found.errors == 0;
    config_release(config);
    return ok;
}

static bool check_web(const char *path)
{
    ifm_error err;
    findings found = {0};
    printf("Checking %s\n", path);
    const config_web *web = config_web_load(path, &err);
    if (web == NULL) {
        printf("  FAILED: %s\n", err.message);
        return false;
    }
    check_readable(&found, "the certificate", web->cert_file);
    check_readable(&found, "the key", web->key_file);
    check_readable(&found, "the file of authorities", web->client_ca_file);
    if (found.errors == 0) {
        printf("  SUCCESS: %s: %s, %zu user%s\n", path, web->cert_file == NULL ? "no TLS" : "TLS",
               web->user_count, web->user_count == 1 ? "" : "s");
    }
    config_web_free(web);
    return found.errors == 0;
}

static int check_all(const cmd_call *call, bool (*check)(const char *path))
{
    bool ok = true;
    for (int i = 0; i < call->argument_count; i++) {
        ok = check(call->arguments[i]) && ok;
    }
    return ok ? CMD_OK : CMD_TROUBLE;
}

static int check_config_run(const cmd_call *call, void *settings)
{
    (void)settings;
    return check_all(call, check_config);
}

static int check_web_run(const cmd_call *call, void *settings)
{
    (void)settings;
    return check_all(call, check_web);
}

static const cmd_option no_options[] = {{0}};

const cmd_command cmd_check_config = {
    .name = "check config",
    .arguments = "FILE...",
    .summary = "Checks configurations of the monitor, and the files that they name.",
    .description =
        "Each FILE is read as the monitor reads it: in Prometheus's format, of which docs/configuration.md "
        "lists "
        "the keys there are. Secrets, certificates and files of targets have to be readable, and the rule "
        "files "
        "are checked as by \"check rules\".\n"
        "Ends with 0 when all is well, with 1 otherwise. What is missing but may come later is a warning.",
    .options = no_options,
    .run = check_config_run,
    .arguments_min = 1,
    .arguments_max = -1,
};

const cmd_command cmd_check_web_config = {
    .name = "check web-config",
    .arguments = "FILE...",
    .summary = "Checks files for --web.config.file of the monitor: TLS and users.",
    .description = "Ends with 0 when all is well, with 1 otherwise.",
    .options = no_options,
    .run = check_web_run,
    .arguments_min = 1,
    .arguments_max = -1,
};
