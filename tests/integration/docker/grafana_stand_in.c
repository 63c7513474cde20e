/* SPDX-License-Identifier: Apache-2.0
 *
 * Stands in for Grafana in the tests of the stack, where its image and its package are out of reach. It takes
 * Grafana's command line, settings, folders and the few requests that the stack makes, and is stricter about
 * the provisioning files. It shows no dashboards.
 *
 *     grafana server [OPTION...] [cfg:SECTION.KEY=VALUE...]
 *     grafana-server ...                        the same
 *     grafana cli [OPTION...] admin reset-admin-password (PASSWORD | --password-from-stdin)
 *     grafana-cli ...                           the same
 *     grafana -v
 *
 *     --homepath FOLDER   has conf/defaults.ini; the working folder, or the one above, without this option
 *     --config FILE       HOMEPATH/conf/custom.ini without, which need not be there
 *     --pidfile FILE      where the server writes its process id
 *
 * Settings (stand_in_settings.h says from where): server.http_addr, server.http_port, paths.data,
 * paths.provisioning, security.admin_user, security.admin_password, auth.anonymous.enabled,
 * dashboards.default_home_dashboard_path.
 *
 * Requests:
 *
 *     GET /api/health                        200 {"database":"ok",...}
 *     GET /                                  200 a page where anonymous visitors are let in, else 302
 *     GET /api/org                           200 with user and password, else 401
 *     GET /api/datasources/uid/UID           200 with user and password, else 401; 404
 *     GET /api/datasources/uid/UID/health    200 {"status":"OK"} when Prometheus answers a query at the url
 *                                            of the data source, else 400 with the reason; 401; 404
 *
 * As with Grafana, the password of the first start goes into DATA/grafana.db, and later starts ignore theirs;
 * reset-admin-password changes it, also while the server runs. This grafana.db is the password and no more.
 */
#include "stand_in_http.h"
#include "stand_in_provisioning.h"
#include "stand_in_settings.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    ANSWER_BYTES = 16 << 10, /* what Prometheus says to a query of one number, and more than it */
    PASSWORD_LENGTH_MIN = 4  /* Grafana's */
};

static const char version[] = "13.2.1";

typedef struct command_line {
    grafana_settings settings;
    const char *pid_file;
    bool from_stdin;
    char *words[4]; /* what is neither an option nor cfg: */
    size_t word_count;
} command_line;

typedef struct grafana_server {
    char provisioning[SETTING_PATH_BYTES];
    char database[SETTING_PATH_BYTES];
    char user[SETTING_BYTES];
    bool lets_anonymous_in;
} grafana_server;

/* -NAME VALUE, -NAME=VALUE, with one dash or two. Advances *at past a value of its own. */
static const char *option_value(char ***at, const char *name)
{
    const char *argument = **at + strspn(**at, "-");
    size_t length = strlen(name);
    if (**at == argument || strncmp(argument, name, length) != 0) {
        return NULL;
    }
    if (argument[length] == '=') {
        return argument + length + 1;
    }
    if (argument[length] != '\0') {
        return NULL;
    }
    ++*at;
    if (**at == NULL) {
        stand_in_die("flag needs an argument: -%s", name);
    }
    return **at;
}

static void take_argument(command_line *line, char ***at)
{
    const char *value;
    if ((value = option_value(at, "homepath")) != NULL) {
        line->settings.home = value;
    } else if ((value = option_value(at, "config")) != NULL) {
        line->settings.config = value;
    } else if ((value = option_value(at, "pidfile")) != NULL) {
        line->pid_file = value;
    } else if (option_value(at, "packaging") != NULL || option_value(at, "configOverrides") != NULL) {
        return; /* they change nothing that is told apart here */
    } else if (strcmp(**at, "--password-from-stdin") == 0) {
        line->from_stdin = true;
    } else if (***at == '-') {
        stand_in_die("flag provided but not defined: %s", **at);
    } else if (strncmp(**at, "cfg:", 4) != 0) {
        if (line->word_count == sizeof line->words / sizeof *line->words) {
            stand_in_die("too many arguments: \"%s\"", **at);
        }
        line->words[line->word_count++] = **at;
    }
}

static void find_home(grafana_settings *settings)
{
    static char config[SETTING_PATH_BYTES];
    char path[SETTING_PATH_BYTES];
    if (settings->home == NULL) {
        settings->home = access("conf/defaults.ini", R_OK) == 0 ? "." : "..";
    }
    stand_in_format(path, sizeof path, "%s/conf/defaults.ini", settings->home);
    if (access(path, R_OK) != 0) {
        stand_in_die("Grafana-server Init Failed: Could not find config defaults, make sure homepath command "
                     "line parameter is set or working directory is homepath");
    }
    stand_in_format(config, sizeof config, "%s/conf/custom.ini", settings->home);
    if (settings->config == NULL && access(config, R_OK) == 0) {
        settings->config = config;
    }
}

static command_line parse_command_line(char **arguments)
{
    command_line line = {.settings = {.arguments = arguments}};
    for (char **at = arguments; *at != NULL; at++) {
        take_argument(&line, &at);
    }
    find_home(&line.settings);
    return line;
}

/* A relative path is one below HOMEPATH, as in Grafana. */
static void read_path(const grafana_settings *settings, const char *key, const char *fallback, char *path,
                      size_t size)
{
    char value[SETTING_BYTES];
    settings_read(settings, "paths", key, fallback, value, sizeof value);
    if (*value == '/') {
        stand_in_format(path, size, "%s", value);
    } else {
        stand_in_format(path, size, "%s/%s", settings->home, value);
    }
}

static void find_database(const grafana_settings *settings, char *path, size_t size)
{
    char data[SETTING_PATH_BYTES];
    read_path(settings, "data", "data", data, sizeof data);
    if (mkdir(data, 0750) != 0 && errno != EEXIST) {
        stand_in_die("could not make the data folder \"%s\": %s", data, strerror(errno));
    }
    if (access(data, W_OK) != 0) {
        stand_in_die("failed to start the database: \"%s\" is not writable: %s", data, strerror(errno));
    }
    stand_in_format(path, size, "%s/grafana.db", data);
}

/* A reader meets the old password or the new one. */
static void write_password(const char *database, const char *password)
{
    char new[SETTING_PATH_BYTES];
    stand_in_format(new, sizeof new, "%s.new", database);
    FILE *file = fopen(new, "w");
    if (file == NULL || fchmod(fileno(file), 0600) != 0 || fputs(password, file) == EOF ||
        fclose(file) != 0 || rename(new, database) != 0) {
        stand_in_die("could not write \"%s\": %s", database, strerror(errno));
    }
}

static void check_home_dashboard(const grafana_settings *settings)
{
    char path[SETTING_BYTES];
    settings_read(settings, "dashboards", "default_home_dashboard_path", "", path, sizeof path);
    if (*path == '\0') {
        stand_in_die("dashboards.default_home_dashboard_path is not set");
    }
    provisioning_check_dashboard(path);
}

static void keep_first_password(const grafana_settings *settings, const char *database)
{
    char password[SETTING_BYTES];
    settings_read(settings, "security", "admin_password", "", password, sizeof password);
    if (*password == '\0') {
        stand_in_die("security.admin_password is not set: it would be \"admin\"");
    }
    if (access(database, F_OK) != 0) {
        write_password(database, password);
    }
}

/* Whether the credentials are right: true without any where these are not needed. */
static bool is_let_in(const grafana_server *server, const http_request *request, bool needs_login)
{
    char password[SETTING_BYTES];
    char right[2 * SETTING_BYTES];
    if (request->credentials[0] == '\0') {
        return !needs_login && server->lets_anonymous_in;
    }
    if (!stand_in_read_file(server->database, password, sizeof password)) {
        return false;
    }
    stand_in_format(right, sizeof right, "%s:%s", server->user, password);
    return strcmp(request->credentials, right) == 0;
}

/* Answers with {"status":...,"message":...}; quotes in the message become apostrophes. */
static void answer_message(int connection, int status, const char *word, char *message)
{
    char text[ANSWER_BYTES + SETTING_BYTES];
    for (char *c = message; *c != '\0'; c++) {
        *c = *c == '"' || *c == '\\' ? '\'' : *c < ' ' ? ' ' : *c;
    }
    stand_in_format(text, sizeof text, "{\"status\":\"%s\",\"message\":\"%s\"}", word, message);
    http_answer(connection, status, "application/json", text);
}

static void answer_health(const data_source *source, int connection)
{
    char answer[ANSWER_BYTES];
    int status = http_get(source->url, "/api/v1/query?query=1%2B1", answer, sizeof answer);
    if (status == 200 && strstr(answer, "\"status\":\"success\"") != NULL) {
        stand_in_format(answer, sizeof answer, "Successfully queried the Prometheus API.");
        answer_message(connection, 200, "OK", answer);
    } else {
        answer_message(connection, 400, "ERROR", answer);
    }
}

/* rest: UID or UID/health */
static void answer_data_source(const grafana_server *server, const http_request *request, char *rest,
                               int connection)
{
    char text[4 * SETTING_BYTES];
    data_source source;
    char *slash = strchr(rest, '/');
    bool is_health = slash != NULL && strcmp(slash, "/health") == 0;
    if (slash != NULL) {
        *slash = '\0';
    }
    if (!is_let_in(server, request, !is_health)) {
        http_answer(connection, 401, "application/json", "{\"message\":\"Unauthorized\"}");
    } else if ((slash != NULL && !is_health) || strlen(rest) >= SETTING_BYTES ||
               !provisioning_data_source(server->provisioning, rest, &source)) {
        http_answer(connection, 404, "application/json", "{\"message\":\"Data source not found\"}");
    } else if (is_health) {
        answer_health(&source, connection);
    } else {
        stand_in_format(
            text, sizeof text,
            "{\"uid\":\"%s\",\"name\":\"%s\",\"url\":\"%s\",\"jsonData\":{\"timeInterval\":\"%s\"}}",
            source.uid, source.name, source.url, source.interval);
        http_answer(connection, 200, "application/json", text);
    }
}

static void answer(const grafana_server *server, const http_request *request, int connection)
{
    static const char sources[] = "/api/datasources/uid/";
    if (strcmp(request->path, "/api/health") == 0) {
        char text[SETTING_BYTES];
        stand_in_format(text, sizeof text, "{\"database\":\"ok\",\"version\":\"%s\",\"commit\":\"stand-in\"}",
                        version);
        http_answer(connection, 200, "application/json", text);
    } else if (strncmp(request->path, sources, sizeof sources - 1) == 0) {
        answer_data_source(server, request, request->path + sizeof sources - 1, connection);
    } else if (strcmp(request->path, "/api/org") == 0) {
        bool right = is_let_in(server, request, true);
        http_answer(connection, right ? 200 : 401, "application/json",
                    right ? "{\"id\":1,\"name\":\"Main Org.\"}"
                          : "{\"message\":\"Invalid username or password\"}");
    } else if (strcmp(request->path, "/") == 0 && !is_let_in(server, request, false)) {
        http_redirect(connection, "/login");
    } else if (strcmp(request->path, "/") == 0 || strcmp(request->path, "/login") == 0) {
        http_answer(connection, 200, "text/html",
                    "<!doctype html><title>Grafana</title>a stand-in for Grafana\n");
    } else {
        http_answer(connection, 404, "application/json", "{\"message\":\"Not found\"}");
    }
}

static void stop(int number)
{
    (void)number;
    _exit(0);
}

static int serve(char **arguments)
{
    grafana_server server;
    http_request request;
    char address[SETTING_BYTES];
    char port[SETTING_BYTES];
    command_line line = parse_command_line(arguments);
    const grafana_settings *settings = &line.settings;

    read_path(settings, "provisioning", "conf/provisioning", server.provisioning, sizeof server.provisioning);
    find_database(settings, server.database, sizeof server.database);
    settings_read(settings, "security", "admin_user", "admin", server.user, sizeof server.user);
    settings_read(settings, "server", "http_addr", "", address, sizeof address);
    settings_read(settings, "server", "http_port", "3000", port, sizeof port);
    server.lets_anonymous_in = settings_is_true(settings, "auth.anonymous", "enabled");
    keep_first_password(settings, server.database);
    provisioning_check(server.provisioning);
    check_home_dashboard(settings);

    /* Process 1 of a container is not ended by a signal that it does not handle. */
    signal(SIGTERM, stop);
    signal(SIGINT, stop);
    int listener = http_listen(address, port);
    if (line.pid_file != NULL) {
        FILE *file = fopen(line.pid_file, "w");
        if (file == NULL || fprintf(file, "%ld", (long)getpid()) < 0 || fclose(file) != 0) {
            stand_in_die("failed to write pidfile \"%s\": %s", line.pid_file, strerror(errno));
        }
    }
    for (;;) {
        int connection = http_accept(listener, &request);
        if (connection >= 0) {
            answer(&server, &request, connection);
        }
    }
}

static int reset_password(char **arguments)
{
    char database[SETTING_PATH_BYTES];
    char password[SETTING_BYTES] = "";
    command_line line = parse_command_line(arguments);
    if (line.word_count < 2 || strcmp(line.words[0], "admin") != 0 ||
        strcmp(line.words[1], "reset-admin-password") != 0) {
        stand_in_die("this stand-in knows one command: admin reset-admin-password");
    }
    find_database(&line.settings, database, sizeof database);
    if (!line.from_stdin && line.word_count == 3) {
        stand_in_format(password, sizeof password, "%s", line.words[2]);
    } else if (!line.from_stdin || fgets(password, sizeof password, stdin) == NULL) {
        stand_in_die("the new password is missing");
    }
    password[strcspn(password, "\r\n")] = '\0';
    if (strlen(password) < PASSWORD_LENGTH_MIN) {
        stand_in_die("new password is too short");
    }
    if (access(database, F_OK) != 0) {
        stand_in_die("could not read user from database. Error: user not found");
    }
    write_password(database, password);
    puts("Admin password changed successfully");
    return 0;
}

int main(int count, char **arguments)
{
    const char *slash = strrchr(arguments[0], '/');
    const char *name = slash != NULL ? slash + 1 : arguments[0];
    const char *first = count > 1 ? arguments[1] : "";
    if (strcmp(first, "-v") == 0 || strcmp(first, "--version") == 0) {
        printf("Version %s (commit: stand-in, branch: stand-in)\n", version);
        return 0;
    }
    if (strcmp(name, "grafana-server") == 0) {
        return serve(arguments + 1);
    }
    if (strcmp(name, "grafana-cli") == 0) {
        return reset_password(arguments + 1);
    }
    if (strcmp(first, "server") == 0) {
        return serve(arguments + 2);
    }
    if (strcmp(first, "cli") == 0) {
        return reset_password(arguments + 2);
    }
    stand_in_die("usage: grafana server | grafana cli; \"%s\" is neither", first);
}
