/* SPDX-License-Identifier: Apache-2.0
 *
 * URLs as they are shown: nobody's password is among what is.
 */
#include "http/http.h"

#include "check.h"

static void users_are_left_out(void **state)
{
    static const struct {
        const char *url, *want;
    } rows[] = {
        {"http://h:1/x?y#z", "http://h:1/x?y#z"},
        {"http://me:secret@h:1/x", "http://h:1/x"},
        {"https://me@h", "https://h"},
        {"http://me:sec@ret@h", "http://h"},
        {"http://h/@scope/x", "http://h/@scope/x"},
        {"http://h:1/@scope/x", "http://h:1/@scope/x"},
        {"http://[::1]/@scope", "http://[::1]/@scope"},
        {"http://h?to=a@b", "http://h?to=a@b"},
        /* And those that are none: */
        {"http://me:sec/ret@h", "http://h"},
        {"http://me:sec?ret@h", "http://h"},
        {"http://me:1/ret@h", "http://me:1/ret@h"}, /* a path as good as any */
        {"me:secret@h", "h"},
        {"http:/me:secret@h", "h"},
        {"me:://secret@h", "h"},
        {"://me:secret@h", "h"},
        {"", ""},
        {"@", ""},
        {"h", "h"},
    };
    (void)state;
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        char shown[64];
        int scheme;
        const char *rest = http_url_without_user(rows[i].url, &scheme);
        snprintf(shown, sizeof shown, "%.*s%s", scheme, rows[i].url, rest);
        CHECK_TEXT(shown, rows[i].want);
    }
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(users_are_left_out)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
