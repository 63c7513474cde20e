/* SPDX-License-Identifier: Apache-2.0 */
#include "config/md5.h"

#include "base/base.h"
#include "check.h"

static void print_hex(const uint8_t digest[16], char out[33])
{
    for (int i = 0; i < 16; i++) {
        snprintf(out + 2 * i, 3, "%02x", digest[i]);
    }
}

/* Appendix A.5 of RFC 1321. */
static void md5_is_that_of_the_rfc(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"", "d41d8cd98f00b204e9800998ecf8427e"},
        {"a", "0cc175b9c0f1b6a831c399e269772661"},
        {"abc", "900150983cd24fb0d6963f7d28e17f72"},
        {"message digest", "f96b697d7cb7938d525a2f31aaf161d0"},
        {"abcdefghijklmnopqrstuvwxyz", "c3fcd3d76192e4007dfb496cca67e13b"},
        {"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
         "d174ab98d277d9f5a5611c2c9f419d9f"},
        {"12345678901234567890123456789012345678901234567890123456789012345678901234567890",
         "57edf4a22be3c955ac49da2e2107b67a"},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        uint8_t digest[16];
        char hex[33];
        config_md5(rows[i][0], strlen(rows[i][0]), digest);
        print_hex(digest, hex);
        CHECK_TEXT(hex, rows[i][1]);
    }
    check_end();
}

/* Where the length stands, a block more or less; and many blocks. From md5sum. */
static void md5_is_right_at_the_ends_of_blocks(void **state)
{
    (void)state;
    static const struct {
        size_t size;
        const char *want;
    } rows[] = {{55, "ef1772b6dff9a122358552954ad0df65"},  {56, "3b0c8ac703f828b04c6c197006d17218"},
                {63, "b06521f39153d618550606be297466d5"},  {64, "014842d480b571495a4a0363793f7367"},
                {65, "c743a45e0d2e6a95cb859adae0248435"},  {128, "e510683b3f5ffe4093d021808bc6ff70"},
                {1000, "cabe45dcc9ae5b66ba86600cca6b8ba8"}};
    static char text[1000];
    memset(text, 'a', sizeof text);
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        uint8_t digest[16];
        char hex[33];
        config_md5(text, rows[i].size, digest);
        print_hex(digest, hex);
        CHECK_TEXT(hex, rows[i].want);
    }
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(md5_is_that_of_the_rfc),
        cmocka_unit_test(md5_is_right_at_the_ends_of_blocks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
