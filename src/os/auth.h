/* SPDX-License-Identifier: Apache-2.0
 *
 * Basic authentication against one user and a crypt(3) hash. Verifying a password is slow by design (a
 * bcrypt hash of cost 12 takes a quarter of a second), so verdicts are remembered under a keyed hash of the
 * header; the first look costs microseconds, and only what it does not know goes on to a worker.
 *
 *     Authorization --ifm_auth_recall--> granted, denied
 *                          |
 *                       unknown --ifm_auth_verify, on a worker--> granted, denied
 *
 * Thread-safety: any thread.
 * A1  a wrong user costs what a wrong password costs: the hash is computed either way.
 * A2  neither password nor header is kept, nor compared in a time that depends on where they differ.
 */
#ifndef IFM_OS_AUTH_H
#define IFM_OS_AUTH_H

#include <inferometer/error.h>

typedef struct ifm_auth ifm_auth;

typedef enum ifm_verdict { IFM_DENIED, IFM_GRANTED, IFM_UNDECIDED } ifm_verdict;

enum {
    IFM_AUTH_HEADER_BYTES_MAX = 1024, /* base64 of a user and of the 512 bytes that crypt(3) takes */
    IFM_AUTH_DENIED_MAX = 32          /* wrong credentials remembered: clients with an old password */
};

/* Copies both. Errors: IFM_INVALID (an empty user or one with a colon; a hash that cannot be used),
 * IFM_IO (no random key), IFM_NOMEM. */
ifm_auth *ifm_auth_new(const char *user, const char *password_hash, ifm_error *err);
void ifm_auth_free(ifm_auth *auth);

/* Decides without work: IFM_DENIED when `header` (the value of Authorization, NULL when there is none) holds
 * no credentials, what was found before when it was seen before, else IFM_UNDECIDED. */
ifm_verdict ifm_auth_recall(ifm_auth *auth, const char *header);

/* Decides and remembers; slow. Never IFM_UNDECIDED: when memory is out, IFM_DENIED, not remembered. */
ifm_verdict ifm_auth_verify(ifm_auth *auth, const char *header);

#endif
