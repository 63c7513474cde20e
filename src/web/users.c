/* SPDX-License-Identifier: Apache-2.0 */
#include "web/users.h"

#include "os/os.h"
#include "web/limits.h"

#include <pthread.h>

struct web_users {
    pthread_mutex_t lock;      /* held while a password is verified */
    pthread_mutex_t line_lock; /* protects `waiting` */
    unsigned waiting;          /* with the one whose password is verified */
    size_t count;
    ifm_auth *items[];
};

web_users *web_users_new(const config_web *web, ifm_error *err)
{
    *err = (ifm_error){.code = IFM_OK};
    if (web == NULL || web->user_count == 0) {
        return NULL;
    }
    web_users *users = ifm_alloc_zero(1, sizeof *users + web->user_count * sizeof users->items[0]);
    if (users == NULL) {
        ifm_error_nomem(err);
        return NULL;
    }
    pthread_mutex_init(&users->lock, NULL);
    pthread_mutex_init(&users->line_lock, NULL);
    for (; users->count < web->user_count; users->count++) {
        const config_web_user *user = &web->users[users->count];
        users->items[users->count] = ifm_auth_new(user->name, user->hash, err);
        if (users->items[users->count] == NULL) {
            web_users_free(users);
            return NULL;
        }
    }
    return users;
}

void web_users_free(web_users *users)
{
    if (users == NULL) {
        return;
    }
    for (size_t i = 0; i < users->count; i++) {
        ifm_auth_free(users->items[i]);
    }
    pthread_mutex_destroy(&users->line_lock);
    pthread_mutex_destroy(&users->lock);
    ifm_free(users);
}

/* What is known without work: granted by one, or denied by all. */
static ifm_verdict users_recall(web_users *users, const char *authorization)
{
    ifm_verdict verdict = IFM_DENIED;
    for (size_t i = 0; i < users->count; i++) {
        ifm_verdict one = ifm_auth_recall(users->items[i], authorization);
        if (one == IFM_GRANTED) {
            return IFM_GRANTED;
        }
        verdict = one == IFM_UNDECIDED ? IFM_UNDECIDED : verdict;
    }
    return verdict;
}

static bool line_enter(web_users *users)
{
    pthread_mutex_lock(&users->line_lock);
    bool room = users->waiting < WEB_VERIFICATIONS_MAX;
    users->waiting += room;
    pthread_mutex_unlock(&users->line_lock);
    return room;
}

static void line_leave(web_users *users)
{
    pthread_mutex_lock(&users->line_lock);
    users->waiting--;
    pthread_mutex_unlock(&users->line_lock);
}

web_admission web_users_check(web_users *users, const char *authorization)
{
    ifm_verdict verdict = users_recall(users, authorization);
    if (verdict != IFM_UNDECIDED) {
        return verdict == IFM_GRANTED ? WEB_ADMITTED : WEB_REFUSED;
    }
    if (!line_enter(users)) {
        return WEB_TOO_MANY;
    }
    pthread_mutex_lock(&users->lock);
    /* All of them, so that the time does not tell which user there is. */
    bool granted = false;
    for (size_t i = 0; i < users->count; i++) {
        granted = ifm_auth_verify(users->items[i], authorization) == IFM_GRANTED || granted;
    }
    pthread_mutex_unlock(&users->lock);
    line_leave(users);
    return granted ? WEB_ADMITTED : WEB_REFUSED;
}
