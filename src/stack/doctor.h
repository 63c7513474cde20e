/* SPDX-License-Identifier: Apache-2.0
 *
 * Why the stack does not work: twenty checks, D1 to D20, each of something that went wrong on other people's
 * machines. A check gives one line of cause and one command that mends it, or says why it could not be made.
 * Nothing is changed anywhere, and nothing is waited for longer than a few seconds.
 *
 * Thread-safety: one thread.
 */
#ifndef STACK_DOCTOR_H
#define STACK_DOCTOR_H

#include "stack/stack.h"

struct stack_folder;
struct stack_record;
struct stack_system;

typedef enum stack_doctor_status {
    STACK_DOCTOR_OK,
    STACK_DOCTOR_SKIPPED, /* it could not be looked at; `cause` says why */
    STACK_DOCTOR_WARNING, /* it works, but not as well as it could, or not for long */
    STACK_DOCTOR_FAILED   /* it is broken */
} stack_doctor_status;

enum { STACK_DOCTOR_COUNT = 20, STACK_DOCTOR_TEXT_SIZE = 768 };

typedef struct stack_doctor_result {
    const char *id;    /* "D5" */
    const char *title; /* "targets" */
    stack_doctor_status status;
    char cause[STACK_DOCTOR_TEXT_SIZE]; /* one line; what was found when all is well */
    char fix[STACK_DOCTOR_TEXT_SIZE];   /* one command, or what to do; "" when there is nothing to do */
} stack_doctor_result;

typedef struct stack_doctor {
    const struct stack_system *system;
    const struct stack_folder *folder; /* need not be there */
    const struct stack_record *record; /* what was started; NULL: nothing */
    const char *record_error;          /* why stack.json cannot be read; NULL: it can, or is not there */
    const char *password;              /* of Grafana's admin; NULL: not known */
    int cancel_fd;                     /* readable: no further check is made; -1: none */
    const char *check;                 /* "D5": only this one; NULL: all */
    /* Each result, in the order of the checks. A check that finds several things reports each. */
    void (*report)(void *context, const stack_doctor_result *result);
    void *context;
} stack_doctor;

/* Whether there is a check of that name. */
bool stack_doctor_has_check(const char *id);

/* Makes the checks. `choice` (STACK_DOCTOR_TEXT_SIZE bytes) becomes what `stack up` would start with when
 * nothing was started and all checks are made, or "". False only when it was cancelled: IFM_CANCELED. */
bool stack_doctor_run(const stack_doctor *doctor, char *choice, ifm_error *err);

/* The same for the stack of this user: `doctor` without system, folder, record and password.
 * Errors: also IFM_NOT_FOUND (there is no home folder), IFM_NOMEM. */
bool stack_doctor_run_here(const stack_doctor *doctor, char *choice, ifm_error *err);

#endif
