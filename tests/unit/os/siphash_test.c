/* SPDX-License-Identifier: Apache-2.0 */
#include "os/siphash.h"

#include "check.h"

/* Key 00 01 .. 0f, message 00 01 .. of `size` bytes; appendix A of the paper has the one of 15 bytes, the
 * others are of its authors' reference implementation. */
static void siphash_matches_its_authors_vectors(void **state)
{
    static const struct {
        size_t size;
        uint64_t want;
    } rows[] = {
        {0, UINT64_C(0x726fdb47dd0e0e31)},
        {1, UINT64_C(0x74f839c593dc67fd)},
        {8, UINT64_C(0x93f5f5799a932462)},
        {15, UINT64_C(0xa129ca6149be45e5)},
    };
    static const ifm_siphash_key key = {{UINT64_C(0x0706050403020100), UINT64_C(0x0f0e0d0c0b0a0908)}};
    unsigned char message[16];
    (void)state;
    for (size_t i = 0; i < sizeof message; i++) {
        message[i] = (unsigned char)i;
    }
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        CHECK_INT(ifm_siphash(&key, message, rows[i].size), rows[i].want);
    }
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(siphash_matches_its_authors_vectors)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
