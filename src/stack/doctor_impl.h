/* SPDX-License-Identifier: Apache-2.0
 *
 * What the checks of doctor.h share: reporting, and answers that several need but that are asked for once.
 *
 * Thread-safety: one thread.
 * Q1  a question is asked at most once in a run, so a server that hangs costs its time limit once.
 */
#ifndef STACK_DOCTOR_IMPL_H
#define STACK_DOCTOR_IMPL_H

#include "stack/compose.h"
#include "stack/doctor.h"
#include "stack/verify.h"

#define DOCTOR_NO_STACK   "no stack was started"
#define DOCTOR_NO_GRAFANA "the stack has no Grafana: grafana-server is not installed"

enum {
    DOCTOR_HTTP_MS = 3000,     /* this machine answers within milliseconds, or something is wrong */
    DOCTOR_COMMAND_MS = 10000, /* docker and podman need up to 2 s when they are cold */
    DOCTOR_LINES_MAX = 8,      /* of one check: more targets that are down have the same cause */
    DOCTOR_LOG_LINES = 200,    /* a start of Grafana writes 100 */
    DOCTOR_PATH_SIZE = 4096,
    DOCTOR_DASHBOARDS_MAX = 200,
    DOCTOR_PROBLEMS_MAX = 24 /* of dashboards: who sees so many looks into the first */
};

/* Something that was asked for once. */
typedef struct doctor_answer {
    bool asked;
    bool ok;
    ifm_error err;       /* when not ok */
    int64_t date_ms;     /* what its clock said; -1: it did not tell */
    int64_t asked_at_ms; /* by our clock, in the middle of asking */
} doctor_answer;

typedef enum doctor_login {
    DOCTOR_LOGIN_NOT_ASKED,
    DOCTOR_LOGIN_OK,
    DOCTOR_LOGIN_REFUSED,
    DOCTOR_LOGIN_UNKNOWN
} doctor_login;

typedef struct doctor_problem { /* of a dashboard */
    const char *check;          /* "D12", "D15", "D17" */
    bool warning;
    char text[STACK_SENTENCE_SIZE];
} doctor_problem;

typedef struct doctor_dashboards {
    bool asked;
    size_t file_count;
    size_t problem_count; /* more than DOCTOR_PROBLEMS_MAX are not kept */
    doctor_problem problems[DOCTOR_PROBLEMS_MAX];
} doctor_dashboards;

typedef struct doctor_state {
    const stack_doctor *doctor;
    const stack_system *system;
    const stack_record *record; /* NULL: no stack was started */
    size_t check;               /* in doctor_checks */
    size_t lines;               /* that it reported */
    bool probed[STACK_ENGINE_NATIVE + 1];
    stack_engine_info engines[STACK_ENGINE_NATIVE + 1];
    char prometheus_url[STACK_URL_SIZE], grafana_url[STACK_URL_SIZE];
    doctor_answer prometheus, grafana, targets_answer;
    stack_targets targets;
    doctor_login login;
    char login_reason[STACK_SENTENCE_SIZE]; /* with UNKNOWN */
    doctor_dashboards dashboards;
} doctor_state;

typedef void doctor_check(doctor_state *state);

typedef struct doctor_entry {
    const char *id;
    const char *title;
    doctor_check *check;
} doctor_entry;

extern const doctor_entry doctor_checks[STACK_DOCTOR_COUNT];

void doctor_state_init(doctor_state *state, const stack_doctor *doctor);
void doctor_state_deinit(doctor_state *state);

/* --- Reporting. `fix` may be "". */
void doctor_say(doctor_state *state, stack_doctor_status status, const char *fix, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
#define doctor_ok(state, ...)        doctor_say(state, STACK_DOCTOR_OK, "", __VA_ARGS__)
#define doctor_skip(state, ...)      doctor_say(state, STACK_DOCTOR_SKIPPED, "", __VA_ARGS__)
#define doctor_warn(state, fix, ...) doctor_say(state, STACK_DOCTOR_WARNING, fix, __VA_ARGS__)
#define doctor_fail(state, fix, ...) doctor_say(state, STACK_DOCTOR_FAILED, fix, __VA_ARGS__)

/* Reports why the check is left out and returns true, unless a stack of containers was started. */
bool doctor_skip_without_stack(doctor_state *state);
bool doctor_skip_without_containers(doctor_state *state);
bool doctor_skip_without_grafana(doctor_state *state);

/* --- Asking. */
const stack_engine_info *doctor_engine(doctor_state *state, stack_engine engine);
/* The engine that was used, or that `stack up` would take; NULL when none works. */
const stack_engine_info *doctor_engine_used(doctor_state *state);
bool doctor_is_native(const doctor_state *state); /* false without a record */

stack_server doctor_prometheus(const doctor_state *state);
stack_server doctor_grafana(const doctor_state *state); /* with the admin's password */
const doctor_answer *doctor_ask_prometheus(doctor_state *state);
const doctor_answer *doctor_ask_grafana(doctor_state *state);
const doctor_answer *doctor_ask_targets(doctor_state *state); /* into state->targets */
doctor_login doctor_ask_login(doctor_state *state);
/* Reports and returns true when Grafana does not let us ask what only its admin may. */
bool doctor_skip_without_login(doctor_state *state);

stack_compose doctor_compose(const doctor_state *state);
/* Whether the service runs, as its container or its pid file says; "running", "exited (1)", "" not known. */
void doctor_service_state(doctor_state *state, const char *service, char out[STACK_STATE_SIZE]);
/* The end of its log, freed with ifm_free(); NULL when there is none. */
char *doctor_log(doctor_state *state, const char *service);

/* "FOLDER/NAME" in `out` of DOCTOR_PATH_SIZE bytes. */
const char *doctor_path(const doctor_state *state, const char *name, char *out);
/* A path as a shell takes it: quoted when it has to be. `out` has DOCTOR_PATH_SIZE bytes. */
const char *doctor_quote(const char *path, char *out);

/* --- A bind mount of compose.yaml. */
typedef struct doctor_mount {
    char service[64];
    char source[DOCTOR_PATH_SIZE]; /* absolute */
    char target[256];              /* inside the container */
    bool relabelled;               /* ":z" or ":Z" */
    bool is_file;                  /* it has to be a file */
} doctor_mount;

/* Calls `found` for each bind mount; false when compose.yaml cannot be read. */
bool doctor_each_mount(doctor_state *state, void (*found)(void *context, const doctor_mount *mount),
                       void *context, ifm_error *err);

/* --- The checks. */
doctor_check doctor_d1_engine, doctor_d2_socket, doctor_d3_tool, doctor_d4_host_name, doctor_d5_targets,
    doctor_d6_ports, doctor_d7_files, doctor_d8_data, doctor_d9_permissions, doctor_d10_mounts,
    doctor_d11_source_health, doctor_d12_sources, doctor_d13_source_uid, doctor_d14_password,
    doctor_d15_interval, doctor_d16_series, doctor_d17_form, doctor_d18_tunnel, doctor_d19_images,
    doctor_d20_clocks;

#endif
