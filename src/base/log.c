/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

static struct {
    pthread_mutex_t lock; /* protects the fields below, and is held while the function runs */
    ifm_log_function function;
    void *context;
} logging = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* Whether this thread is inside the function: what it makes the library say there is dropped, since the
 * lock is held. */
static _Thread_local bool inside;

void ifm_log_set(ifm_log_function function, void *context)
{
    pthread_mutex_lock(&logging.lock);
    logging.function = function;
    logging.context = context;
    pthread_mutex_unlock(&logging.lock);
}

void ifm_log(ifm_log_level level, const char *format, ...)
{
    char message[512];
    va_list arguments;
    if (inside) {
        return;
    }
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    pthread_mutex_lock(&logging.lock);
    if (logging.function != NULL) {
        inside = true;
        logging.function(logging.context, level, message);
        inside = false;
    }
    pthread_mutex_unlock(&logging.lock);
}

void ifm_log_to_stderr(void *context, ifm_log_level level, const char *message)
{
    static const char *const names[] = {"error", "warning", "info"};
    (void)context;
    fprintf(stderr, "inferometer: %s: %s\n", (unsigned)level < 3 ? names[level] : "error", message);
}

void ifm_log_after_fork(void)
{
    pthread_mutex_init(&logging.lock, NULL);
    inside = false;
}
