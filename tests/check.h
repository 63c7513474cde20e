/* SPDX-License-Identifier: Apache-2.0
 *
 * What every unit test includes: cmocka, and checks that print both expressions and both values and go on
 * to the next row. A test that failed a check fails at its end, in check_end().
 *
 *     static void number_writes_shortest(void **state)
 *     {
 *         CHECK_TEXT(written, "0.1");
 *         check_end();
 *     }
 */
#ifndef IFM_TESTS_CHECK_H
#define IFM_TESTS_CHECK_H

/* cmocka.h wants these first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Skips the rest of a test that forks beside busy threads, where that cannot work: the address sanitizer does
 * not take its allocator's locks around fork() (clang does since 17), so a child may inherit one locked, and
 * the thread sanitizer does not take those of its shadow memory. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SKIP_FORK_BESIDE_THREADS()                                                                           \
    do {                                                                                                     \
        printf("skipped: the sanitizer's locks do not survive a fork beside busy threads\n");                \
        skip();                                                                                              \
    } while (0)
#else
#define SKIP_FORK_BESIDE_THREADS() ((void)0)
#endif

static int check_failures;

static inline bool check_report(bool ok, const char *file, int line)
{
    if (!ok) {
        check_failures++;
        fprintf(stderr, "%s:%d: ", file, line);
    }
    return ok;
}

static inline void check_end(void)
{
    int failures = check_failures;
    check_failures = 0;
    if (failures > 0) {
        fail_msg("%d check(s) failed", failures);
    }
}

#define CHECK(condition)                                                                                     \
    do {                                                                                                     \
        if (!check_report((condition), __FILE__, __LINE__)) {                                                \
            fprintf(stderr, "%s is false\n", #condition);                                                    \
        }                                                                                                    \
    } while (0)

#define CHECK_INT(got, want)                                                                                 \
    do {                                                                                                     \
        int64_t check_got = (int64_t)(got), check_want = (int64_t)(want);                                    \
        if (!check_report(check_got == check_want, __FILE__, __LINE__)) {                                    \
            fprintf(stderr, "%s = %" PRId64 ", want %s = %" PRId64 "\n", #got, check_got, #want,             \
                    check_want);                                                                             \
        }                                                                                                    \
    } while (0)

/* Bit for bit, but any NaN equals any NaN. */
#define CHECK_DOUBLE(got, want)                                                                              \
    do {                                                                                                     \
        double check_got = (got), check_want = (want);                                                       \
        bool check_same = (check_got != check_got && check_want != check_want) ||                            \
                          memcmp(&check_got, &check_want, sizeof check_got) == 0;                            \
        if (!check_report(check_same, __FILE__, __LINE__)) {                                                 \
            fprintf(stderr, "%s = %.17g, want %s = %.17g\n", #got, check_got, #want, check_want);            \
        }                                                                                                    \
    } while (0)

#define CHECK_TEXT(got, want)                                                                                \
    do {                                                                                                     \
        const char *check_got = (got), *check_want = (want);                                                 \
        bool check_same = check_got != NULL && check_want != NULL && strcmp(check_got, check_want) == 0;     \
        if (!check_report(check_same, __FILE__, __LINE__)) {                                                 \
            fprintf(stderr, "%s = \"%s\", want %s = \"%s\"\n", #got,                                         \
                    check_got == NULL ? "(null)" : check_got, #want,                                         \
                    check_want == NULL ? "(null)" : check_want);                                             \
        }                                                                                                    \
    } while (0)

/* `part` occurs in `text`. */
#define CHECK_CONTAINS(text, part)                                                                           \
    do {                                                                                                     \
        const char *check_text = (text), *check_part = (part);                                               \
        if (!check_report(strstr(check_text, check_part) != NULL, __FILE__, __LINE__)) {                     \
            fprintf(stderr, "%s = \"%s\" does not contain %s = \"%s\"\n", #text, check_text, #part,          \
                    check_part);                                                                             \
        }                                                                                                    \
    } while (0)

#endif
