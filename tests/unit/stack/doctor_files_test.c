/* SPDX-License-Identifier: Apache-2.0
 *
 * D6 to D10 and D18: ports, files, permissions, mounts, and the way in over SSH.
 */
#include "doctor_fixture.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/file.h>
#include <sys/socket.h>

static const fake_answer docker_runs[] = {
    DOCKER_WORKS,
    CONTAINERS,
    RUNNING,
    OK("docker exec prometheus cat /etc/prometheus/prometheus.yml", PROMETHEUS_YML),
    OK("docker exec grafana cat /etc/grafana/provisioning/datasources/inferometer.yaml", SOURCE_YAML),
    OK("docker logs*", ""),
    END};
static const fake_answer nothing_runs[] = {DOCKER_WORKS, OK("docker ps*", ""), END};
static const fake_page well[] = {WELL_PAGES};

static void in_stack(const doctor_fixture *fixture, const char *format, const char *name)
{
    char path[600], command[1500];
    snprintf(path, sizeof path, "%s/%s", fixture->path, name);
    snprintf(command, sizeof command, format, path, path);
    assert_int_equal(system(command), 0);
}

/* --- D6 --------------------------------------------------------------------------------------------- */

/* Listens on a free port of 127.0.0.1. */
static int listen_somewhere(int *port)
{
    struct sockaddr_in place = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof place;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0 && bind(fd, (struct sockaddr *)&place, size) == 0 && listen(fd, 1) == 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&place, &size), 0);
    *port = ntohs(place.sin_port);
    return fd;
}

static void d6_names_who_has_the_port(void **state)
{
    char owner[80];
    int port;
    int fd = listen_somewhere(&port);
    doctor_fixture fixture;
    (void)state;
    fixture_init(&fixture, nothing_runs, NULL);
    snprintf(owner, sizeof owner, "is taken by \"stack_doctor_fi\" (process %d)", (int)getpid());
    fixture.record.prometheus_port = port;
    fixture.record.grafana = false;
    CHECK_SAYS(&fixture, "D6", FAILED, owner, "inferometer stack up --prometheus-port=");
    fixture.record.grafana_port = port;
    fixture.record.prometheus_port = port == 65535 ? 65534 : port + 1;
    fixture.record.grafana = true;
    CHECK_SAYS(&fixture, "D6", FAILED, "which Grafana was given, is taken by ",
               "inferometer stack up --grafana-port=");
    fixture_deinit(&fixture);
    close(fd);
    check_end();
}

static void d6_knows_its_own_stack(void **state)
{
    int port;
    int fd = listen_somewhere(&port);
    doctor_fixture fixture;
    char path[600];
    (void)state;
    fixture_init(&fixture, docker_runs, NULL);
    fixture.record.prometheus_port = port;
    fixture.record.grafana = false;
    CHECK_SAYS(&fixture, "D6", OK, "the stack itself has port", "");
    fixture_native(&fixture); /* whoever holds the lock of its pid file is our process */
    fake_file(&fixture.fake, "/state/stack/native/prometheus.pid", "812\n");
    CHECK_SAYS(&fixture, "D6", FAILED, "is taken by", "--prometheus-port=");
    snprintf(path, sizeof path, "%s/native/prometheus.pid", fixture.path);
    int lock = open(path, O_RDWR | O_CLOEXEC);
    assert_int_equal(flock(lock, LOCK_EX), 0);
    CHECK_SAYS(&fixture, "D6", OK, "the stack itself has port", "");
    close(lock);
    close(fd);
    fixture.doctor.record = &fixture.record;
    CHECK_SAYS(&fixture, "D6", OK, "nobody else has port", "");
    fixture_deinit(&fixture);
    check_end();
}

/* --- D7 --------------------------------------------------------------------------------------------- */

static void d7_finds_what_is_missing_or_of_another_kind(void **state)
{
    static const struct {
        const char *command, *name;
        const char *cause, *fix;
    } rows[] = {
        {"true", "", "everything that is read is in", ""},
        {"rm -r %s && mkdir %s", "prometheus/prometheus.yml", "is a folder, but has to be a file", "rmdir "},
        {"rm %s && mkdir %s", STACK_PASSWORD_FILE, "is a folder, but has to be a file",
         STACK_PASSWORD_FILE " && inferometer stack up"},
        {"rm %s", "compose.yaml", "compose.yaml\" is missing", "inferometer stack up"},
        {"rm -r %s", "../targets", "targets\" is missing", "inferometer stack up"},
        {"rm -r %s && touch %s", "grafana/dashboards", "is a file, but has to be a folder",
         "inferometer stack up"},
        {"rm -r %s/*", "grafana/dashboards", "there is no dashboard in", "inferometer stack up"},
        {"rm %s && touch %s", "prometheus/prometheus.yml", "prometheus.yml\" is empty",
         "inferometer stack up"},
        {"rm %s && ln -s nowhere %s", "prometheus/prometheus.yml", "is a link to something that is not there",
         "inferometer stack up"},
        {"echo 'a: [' > %s", "compose.yaml", "compose.yaml\": line", "inferometer stack up"},
        {"echo 'services: {x: {volumes: [\"./gone.yml:/etc/gone.yml:ro\"]}}' > %s", "compose.yaml",
         "gone.yml\" is missing", "inferometer stack up"},
        {"mkdir %s/../a.d && echo 'secrets: {x: {file: ./a.d}}' > %s/../compose.yaml", "prometheus",
         "a.d\" is a folder, but has to be a file", "rmdir "},
        {"rm -r %s", "grafana/provisioning", "datasources/inferometer.yaml\" is missing",
         "inferometer stack up"},
    };
    (void)state;
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        doctor_fixture fixture;
        fixture_init(&fixture, docker_runs, NULL);
        in_stack(&fixture, rows[i].command, rows[i].name);
        fixture_check(&fixture, "D7", i == 0 ? STACK_DOCTOR_OK : STACK_DOCTOR_FAILED, rows[i].cause,
                      rows[i].fix, __FILE__, __LINE__);
        fixture_deinit(&fixture);
    }
    check_end();
}

static void d7_reads_the_record(void **state)
{
    doctor_fixture fixture;
    (void)state;
    fixture_init(&fixture, docker_runs, NULL);
    fixture.doctor.record = NULL;
    CHECK_SAYS(&fixture, "D7", SKIPPED, "no stack was started", "");
    fixture.doctor.record_error = "could not read \"stack.json\": line 1, column 2: invalid token";
    CHECK_SAYS(&fixture, "D7", FAILED, "stack.json", "inferometer stack up");
    fixture_deinit(&fixture);
    check_end();
}

/* --- D8 --------------------------------------------------------------------------------------------- */

static void d8_finds_folders_that_cannot_be_written(void **state)
{
    static const struct {
        const char *log;
        const char *cause, *fix;
    } rows[] = {
        {"GF_PATHS_DATA='/var/lib/grafana' is not writable.\nYou may have issues with file permissions\n",
         "grafana may not write to its folder for data",
         "docker run --rm --user root -v inferometer_grafana-data:/data --entrypoint chown "
         "grafana/grafana:13.2.1 -R "
         "472:0 /data"},
        {"mkdir: can't create directory '/var/lib/grafana/plugins': Permission denied\n", "may not write",
         "472:0 /data"},
        {"level=error component=activeQueryTracker msg=\"Error opening query log file\" "
         "file=/prometheus/queries.active err=\"open /prometheus/queries.active: permission denied\"\n",
         "prometheus may not write", "65534:65534 /data"},
        {"panic: Unable to create mmap-ed active query log\n", "prometheus may not write", "65534"},
        {"err=\"opening storage failed: mkdir /prometheus/wal: permission denied\"\n",
         "prometheus may not write", ""},
        {"err=\"write /prometheus/wal/1: no space left on device\"\n", "is full", "df -h"},
        {"err=\"opening storage failed: lock DB directory: resource temporarily unavailable\"\n",
         "another prometheus uses the same folder", "stack down && inferometer stack up"},
    };
    (void)state;
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        const fake_answer answers[] = {DOCKER_WORKS, CONTAINERS, ANSWER("docker logs*", 0, rows[i].log, ""),
                                       END};
        doctor_fixture fixture;
        fixture_init(&fixture, answers, NULL);
        fixture_check(&fixture, "D8", STACK_DOCTOR_FAILED, rows[i].cause, rows[i].fix, __FILE__, __LINE__);
        fixture.pages = well; /* what runs has no trouble, whatever it said earlier */
        CHECK_SAYS(&fixture, "D8", OK, "data can be written", "");
        fixture_deinit(&fixture);
    }
    check_end();
}

static void d8_reads_the_logs_of_our_own_processes(void **state)
{
    doctor_fixture fixture;
    (void)state;
    fixture_init(&fixture, docker_runs, NULL);
    fixture_native(&fixture);
    CHECK_SAYS(&fixture, "D8", OK, "the logs have no complaint", "");
    fake_file(&fixture.fake, "/state/stack/native/logs/prometheus.log",
              "err=\"opening storage failed: open prometheus-data/lock: permission denied\"\n");
    CHECK_SAYS(&fixture, "D8", FAILED, "prometheus may not write", "native/prometheus-data");
    fixture_deinit(&fixture);
    check_end();
}

/* --- D9 --------------------------------------------------------------------------------------------- */

static void d9_finds_modes_that_keep_containers_out(void **state)
{
    static const struct {
        const char *command, *name, *cause, *fix;
    } rows[] = {
        {"chmod 0600 %s", "prometheus/prometheus.yml", "has mode 0600, which a container's user cannot read",
         "chmod -R go+rX "},
        {"chmod 0700 %s", "grafana/provisioning", "provisioning\" has mode 0700", "/grafana"},
        {"chmod 0640 %s/* %s/../provisioning/*/*", "grafana/dashboards", "(and 2 more)", "chmod -R go+rX "},
        {"chmod 0600 %s", "../targets/8000.json", "8000.json\" has mode 0600", "/targets"},
    };
    (void)state;
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        doctor_fixture fixture;
        fixture_init(&fixture, docker_runs, NULL);
        in_stack(&fixture, "touch %s && chmod 0600 %s", "../targets/.ocr-1-8000.lock");
        CHECK_SAYS(&fixture, "D9", OK, "may read every file", "");
        in_stack(&fixture, rows[i].command, rows[i].name);
        fixture_check(&fixture, "D9", STACK_DOCTOR_FAILED, rows[i].cause, rows[i].fix, __FILE__, __LINE__);
        fixture_native(&fixture); /* our own process reads them as we do */
        CHECK_SAYS(&fixture, "D9", OK, "may read every file", "");
        fixture_deinit(&fixture);
    }
    check_end();
}

static void d9_wants_labels_where_selinux_is_at_work(void **state)
{
    doctor_fixture fixture;
    (void)state;
    fixture_init(&fixture, docker_runs, NULL);
    fake_file(&fixture.fake, "/sys/fs/selinux/enforce", "1");
    CHECK_SAYS(&fixture, "D9", OK, "may read every file", "");
    in_stack(&fixture, "sed -i 's/:ro,z/:ro/' %s", "compose.yaml");
    CHECK_SAYS(&fixture, "D9", FAILED, "SELinux is enforcing, and 3 mounts",
               "sudo chcon -R -t container_file_t ");
    fake_file(&fixture.fake, "/sys/fs/selinux/enforce", "0");
    CHECK_SAYS(&fixture, "D9", OK, "may read every file", "");
    fixture_deinit(&fixture);
    check_end();
}

static void d9_hears_grafana_of_its_last_start(void **state)
{
    static const char complaint[] = "logger=settings msg=\"Starting "
                                    "Grafana\"\nlogger=provisioning.datasources level=error msg=\"can't read "
                                    "datasource provisioning files from directory\" error=\"open "
                                    "/etc/grafana/provisioning/datasources: permission "
                                    "denied\"\n";
    const fake_answer now[] = {DOCKER_WORKS, CONTAINERS, OK("docker logs*", complaint), END};
    char mended[1024];
    snprintf(mended, sizeof mended, "%slogger=settings msg=\"Starting Grafana\"\n", complaint);
    const fake_answer before[] = {DOCKER_WORKS, CONTAINERS, OK("docker logs*", mended), END};
    doctor_fixture fixture;
    (void)state;
    fixture_init(&fixture, now, NULL);
    CHECK_SAYS(&fixture, "D9", FAILED, "Grafana could not read its provisioning", "inferometer stack down");
    fixture_deinit(&fixture);
    fixture_init(&fixture, before, NULL);
    CHECK_SAYS(&fixture, "D9", OK, "may read every file", "");
    fixture_deinit(&fixture);
    check_end();
}

/* --- D10 -------------------------------------------------------------------------------------------- */

#define CAT "docker exec prometheus cat /etc/prometheus/prometheus.yml"

static void d10_compares_what_containers_see(void **state)
{
    static const struct {
        const char *info, *out, *err;
        int status;
        stack_doctor_status want;
        const char *cause, *fix;
    } rows[] = {
        {INFO_DEBIAN, PROMETHEUS_YML, "", 0, STACK_DOCTOR_OK, "containers see the files as this machine does",
         ""},
        {INFO_SNAP, "", "cat: can't open '/etc/prometheus/prometheus.yml': No such file or directory\n", 1,
         STACK_DOCTOR_FAILED, "as Docker from a snap sees no hidden folders",
         "XDG_STATE_HOME=$HOME/inferometer-stack"},
        {INFO_DEBIAN, "", "cat: can't open '/etc/prometheus/prometheus.yml': No such file or directory\n", 1,
         STACK_DOCTOR_FAILED, "its mount is empty", "inferometer stack down && inferometer stack up"},
        {INFO_DEBIAN, "global: {}\n", "", 0, STACK_DOCTOR_FAILED, "sees another prometheus/prometheus.yml",
         "stack up"},
        {INFO_DEBIAN, "", "OCI runtime exec failed: exec: \"cat\": executable file not found in $PATH\n", 126,
         STACK_DOCTOR_SKIPPED, "has no cat", ""},
    };
    (void)state;
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        const fake_answer answers[] = {
            OK(DOCKER_VERSION, CLIENT_SERVER),
            OK(DOCKER_INFO, rows[i].info),
            OK(DOCKER_CONTEXT, CONTEXT_DEFAULT),
            OK(DOCKER_PLUGIN, "v2.24.5\n"),
            CONTAINERS,
            ANSWER(CAT, rows[i].status, rows[i].out, rows[i].err),
            OK("docker exec grafana cat /etc/grafana/provisioning/datasources/inferometer.yaml", SOURCE_YAML),
            END};
        doctor_fixture fixture;
        fixture_init(&fixture, answers, NULL);
        fixture_check(&fixture, "D10", rows[i].want, rows[i].cause, rows[i].fix, __FILE__, __LINE__);
        fixture_deinit(&fixture);
    }
    check_end();
}

static void d10_needs_containers(void **state)
{
    doctor_fixture fixture;
    (void)state;
    fixture_init(&fixture, nothing_runs, NULL);
    CHECK_SAYS(&fixture, "D10", SKIPPED, "there is no container", "");
    fixture_native(&fixture);
    CHECK_SAYS(&fixture, "D10", SKIPPED, "without containers", "");
    fixture.doctor.record = NULL;
    CHECK_SAYS(&fixture, "D10", SKIPPED, "no stack was started", "");
    fixture_deinit(&fixture);
    check_end();
}

/* --- D18 -------------------------------------------------------------------------------------------- */

static void d18_gives_the_tunnel(void **state)
{
    static const struct {
        const char *connection;
        const char *address;
        bool grafana;
        const char *want;
    } rows[] = {
        {"SSH_CONNECTION=10.0.0.5 50222 10.0.0.9 22", "127.0.0.1", true,
         "ssh -N -L 3000:127.0.0.1:3000 -L 9090:127.0.0.1:9090 alice@10.0.0.9"},
        {"SSH_CONNECTION=10.0.0.5 50222 10.0.0.9 2222", "127.0.0.1", false,
         "ssh -N -p 2222 -L 9090:127.0.0.1:9090 alice@10.0.0.9"},
        {"SSH_CONNECTION=fe80::1 50222 fe80::2 22", "::1", false, "ssh -N -L 9090:[::1]:9090 alice@fe80::2"},
        {"SSH_CONNECTION=10.0.0.5 50222 10.0.0.9 22", "0.0.0.0", false, "-L 9090:127.0.0.1:9090"},
        {"SSH_CONNECTION=garbage", "127.0.0.1", true, ""},
        {"OTHER=1", "127.0.0.1", true, ""},
    };
    (void)state;
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        const char *const environment[] = {"USER=alice", rows[i].connection, NULL};
        char address[32];
        doctor_fixture fixture;
        fixture_init(&fixture, docker_runs, NULL);
        fixture.fake.environment = environment;
        snprintf(address, sizeof address, "%s", rows[i].address);
        fixture.record.address = address;
        fixture.record.grafana = rows[i].grafana;
        fixture_check(&fixture, "D18", STACK_DOCTOR_OK,
                      rows[i].want[0] == '\0' ? "no SSH session" : "over SSH", rows[i].want, __FILE__,
                      __LINE__);
        fixture_deinit(&fixture);
    }
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(d6_names_who_has_the_port),
        cmocka_unit_test(d6_knows_its_own_stack),
        cmocka_unit_test(d7_finds_what_is_missing_or_of_another_kind),
        cmocka_unit_test(d7_reads_the_record),
        cmocka_unit_test(d8_finds_folders_that_cannot_be_written),
        cmocka_unit_test(d8_reads_the_logs_of_our_own_processes),
        cmocka_unit_test(d9_finds_modes_that_keep_containers_out),
        cmocka_unit_test(d9_wants_labels_where_selinux_is_at_work),
        cmocka_unit_test(d9_hears_grafana_of_its_last_start),
        cmocka_unit_test(d10_compares_what_containers_see),
        cmocka_unit_test(d10_needs_containers),
        cmocka_unit_test(d18_gives_the_tunnel),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
