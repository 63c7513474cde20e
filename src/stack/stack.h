/* SPDX-License-Identifier: Apache-2.0
 *
 * Layer 5, the header that other folders include: Prometheus and Grafana on this machine, started,
 * provisioned, stopped, and diagnosed.
 *
 * Everything is kept in one private folder, "stack" of the state folder (os/state.h): configuration,
 * dashboards, the admin password, and stack.json, which says what was started and how. Each call that changes
 * anything holds the folder's lock, so two at once take turns; the lock goes with its process.
 *
 * Thread-safety: one thread.
 */
#ifndef STACK_STACK_H
#define STACK_STACK_H

#include <inferometer/error.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum stack_engine {
    STACK_ENGINE_AUTO, /* the first of the following that works */
    STACK_ENGINE_DOCKER,
    STACK_ENGINE_PODMAN,
    STACK_ENGINE_NATIVE /* prometheus and grafana-server of this machine, as our own processes */
} stack_engine;

typedef enum stack_network {
    STACK_NETWORK_AUTO,
    STACK_NETWORK_HOST,  /* containers share this machine's network: programs stay on 127.0.0.1 */
    STACK_NETWORK_BRIDGE /* a network of their own; this machine has a name in there */
} stack_network;

enum {
    STACK_PROMETHEUS_PORT = 9090,
    STACK_GRAFANA_PORT = 3000,
    STACK_SCRAPE_INTERVAL_S = 5,
    STACK_TIMEOUT_S = 600, /* images of 500 MB over a slow line */
    STACK_TARGETS_MAX = 256
};

/* How far a call has come. STEP: something that takes a while begins. DETAIL: news of it, worth showing for a
 * moment. DONE: a line that stays; what was begun is over. WARN: the same, but a person should read it. */
typedef enum stack_news { STACK_STEP, STACK_DETAIL, STACK_DONE, STACK_WARN } stack_news;

struct stack_system;

/* What is asked of the outside world, as a table of functions: the real one. */
extern const struct stack_system stack_system_real;

typedef struct stack_session {
    const struct stack_system *system; /* &stack_system_real but in tests */
    int cancel_fd;                     /* readable: the call is taken back, IFM_CANCELED; -1: none */
    int64_t deadline_ns;               /* of ifm_os_monotonic_ns(): IFM_TIMEOUT; 0: none */
    void (*tell)(void *context, stack_news news, const char *text); /* one plain line; may be NULL */
    void *context;
} stack_session;

/* Zeros mean the defaults. Texts are borrowed. */
typedef struct stack_options {
    stack_engine engine;
    stack_network network;
    int prometheus_port; /* given: it must be free; 0: STACK_PROMETHEUS_PORT, or the next free one */
    int grafana_port;
    const char *expose;   /* the address to listen on; needs `password`; NULL: 127.0.0.1 */
    const char *password; /* of "admin", in Grafana and with `expose` in Prometheus; NULL: generated once */
    const char *const *targets; /* HOST:PORT or URL, beside the loggers that registered; NULL: as before */
    size_t target_count;
    const char *prometheus_image; /* NULL: that of images.h */
    const char *grafana_image;
    bool offline; /* nothing is pulled */
    int scrape_interval_s;
} stack_options;

enum { STACK_URL_SIZE = 300 };

typedef struct stack_result {
    char prometheus_url[STACK_URL_SIZE];
    char grafana_url[STACK_URL_SIZE]; /* "" without Grafana */
    char password_file[STACK_URL_SIZE];
    char ssh_command[STACK_URL_SIZE]; /* "" when this is no SSH session */
    size_t targets_up;
    size_t targets_down;
    char complaint[512]; /* about the first target that is down: cause and fix */
} stack_result;

/* Starts Prometheus and Grafana, or finds them running, and brings them to what `options` say.
 * Afterwards both answer, and every target is up or said to be down. What was started is taken down
 * again when it fails or is cancelled. Errors: IFM_INVALID (options), IFM_NOT_FOUND (no engine, image or
 * program), IFM_BUSY (a port, or the lock), IFM_TIMEOUT, IFM_CANCELED, IFM_IO, IFM_NOMEM. */
bool stack_up(const stack_session *session, const stack_options *options, stack_result *result,
              ifm_error *err);

/* Whether stack_up() would have containers running soon: it runs already, or a container engine works and has
 * the images. Pulls nothing, and changes nothing. False with why not: IFM_NOT_FOUND, and as stack_up(). */
bool stack_is_at_hand(const stack_session *session, const stack_options *options, ifm_error *err);

/* Stops it; its data stays, unless `volumes`. True with nothing to stop. */
bool stack_down(const stack_session *session, bool volumes, ifm_error *err);

/* The state of everything, as lines through `tell`. `*running` is whether Prometheus answers (and Grafana,
 * when it is part of the stack) and no target is down. */
bool stack_status(const stack_session *session, bool *running, ifm_error *err);

/* The log of "prometheus" or "grafana", NULL for both, to stdout. */
bool stack_logs(const stack_session *session, const char *service, int lines, bool follow, ifm_error *err);

/* A new password for Grafana's admin: `password`, or a generated one for NULL. */
bool stack_reset_password(const stack_session *session, const char *password, ifm_error *err);

/* The rest of what other folders may use; it needs the above. */
#include "stack/doctor.h"
#include "stack/targets.h"
#include "stack/time_text.h"

#endif
