/* SPDX-License-Identifier: Apache-2.0
 *
 * After it was started: waiting until everything answers, and every target is up.
 *
 * Thread-safety: one thread.
 */
#ifndef STACK_VERIFY_H
#define STACK_VERIFY_H

#include "stack/explain.h"
#include "stack/grafana.h"
#include "stack/prometheus.h"
#include "stack/services.h"

/* Prometheus and Grafana of the record; `url` has STACK_URL_SIZE bytes and is borrowed, as is `password`. */
stack_server stack_server_prometheus(const stack_session *session, const stack_record *record,
                                     const char *password, char *url);
stack_server stack_server_grafana(const stack_session *session, const stack_record *record,
                                  const char *password, char *url);

/* Waits until both answer. When one of them ended instead, the error has the last words of its log. */
bool stack_verify_ready(const stack_services *services, const char *password, ifm_error *err);

/* Tells when Grafana has another admin password than ours, because its data is of an earlier time, and when
 * it does not reach Prometheus. */
void stack_verify_grafana(const stack_services *services, const char *password);

/* Waits until every target is up, for a few scrapes at most, and fills in the counts and the complaint
 * of *result. Each that stays down is told, with cause and fix. */
bool stack_verify_targets(const stack_services *services, const char *password, const stack_reach *reach,
                          stack_result *result, ifm_error *err);

#endif
