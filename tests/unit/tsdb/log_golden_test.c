/* SPDX-License-Identifier: Apache-2.0
 *
 * A log as it was written once, taken apart by the tables of docs/format/log.md: what is in folders of users
 * must stay readable. Three batches of one group, a second apart: {a="1"} and {a="2"} with a sample of
 * {own="x"} at a time of its own; the same with a histogram {h="x"}; then a staleness marker and two new
 * series, one with so long a label that the record is packed.
 */
#include "tsdb/log_impl.h"

#include "check.h"
#include "scratch.h"
#include "tsdb_store.h"

#include "tsdb/page.h"

#include <fcntl.h>
#include <unistd.h>
#include <zstd.h>

enum { START_S = 1700000000, FIRST_AT = 32, PAYLOAD = 32, LONG_SIZE = 100 };

static const uint8_t golden[] = {
    0x49, 0x46, 0x4d, 0x54, 0x53, 0x4c, 0x4f, 0x47, 0x01, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x01,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x44, 0xc6, 0xd6, 0x07, 0x50, 0x07, 0x49, 0xcd, 0xf1, 0x4c,
    0x52, 0x42, 0x4a, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0xa2, 0x87, 0x35, 0x16, 0x89, 0x39, 0xbf, 0x58, 0x03, 0x01, 0x80, 0xa0,
    0xab, 0xfe, 0xf9, 0x62, 0x03, 0x00, 0x01, 0x01, 0x61, 0x01, 0x31, 0x01, 0x01, 0x01, 0x61, 0x01, 0x32,
    0x02, 0x01, 0x03, 0x6f, 0x77, 0x6e, 0x01, 0x78, 0x02, 0x00, 0x02, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xf0, 0x04, 0x3f, 0x40, 0xe6, 0x2c, 0x69, 0x09, 0x09, 0x6c, 0xdb,
    0xb5, 0x01, 0x02, 0x09, 0x02, 0xb0, 0x90, 0xab, 0xfe, 0xf9, 0x62, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x1c, 0x40, 0xf1, 0x4c, 0x52, 0x42, 0x65, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x02, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x97, 0x35, 0xb4, 0x1e, 0x44, 0x62, 0x82, 0x8a,
    0x00, 0x01, 0xd0, 0xaf, 0xab, 0xfe, 0xf9, 0x62, 0x01, 0x03, 0x01, 0x01, 0x68, 0x01, 0x78, 0x02, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xf0, 0x00, 0x7f, 0x00, 0xf4, 0x63,
    0x93, 0xd7, 0x62, 0xf9, 0x56, 0x0c, 0x01, 0x03, 0x00, 0x01, 0x04, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x10, 0x40, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x1a, 0x40, 0x01, 0x01, 0x02, 0x02, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x08, 0x40, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xf0, 0x3f, 0x00, 0x00, 0x00, 0xf1,
    0x4c, 0x52, 0x42, 0x40, 0x00, 0x00, 0x00, 0xa0, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x03, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x0a, 0x74, 0x31, 0x03, 0x6d, 0xf3, 0x95, 0x0e, 0x28, 0xb5, 0x2f,
    0xfd, 0x20, 0xa0, 0xbd, 0x01, 0x00, 0xd4, 0x02, 0x02, 0x01, 0xa0, 0xbf, 0xab, 0xfe, 0xf9, 0x62, 0x02,
    0x04, 0x01, 0x01, 0x61, 0x01, 0x33, 0x05, 0x01, 0x04, 0x6c, 0x6f, 0x6e, 0x67, 0x64, 0x61, 0x03, 0x00,
    0x08, 0x02, 0x02, 0x00, 0xf0, 0x10, 0x14, 0x3f, 0x40, 0x40, 0xc6, 0x1e, 0x3a, 0x5a, 0xed, 0x4d, 0x50,
    0x14, 0x00, 0x02, 0x00, 0x00, 0x29, 0x80, 0x14, 0x8c, 0x01};

static void golden_log_is_read(void **state)
{
    store s;
    char path[512];
    ifm_error err;
    tsdb_stats stats;
    (void)state;
    snprintf(path, sizeof path, "%s/golden/log", getenv("XDG_STATE_HOME"));
    assert_true(ifm_os_make_folders(path, 0700, &err));
    snprintf(path, sizeof path, "%s/golden/log/00000001.log", getenv("XDG_STATE_HOME"));
    int fd = open(path, O_WRONLY | O_CREAT, 0600);
    assert_int_equal(write(fd, golden, sizeof golden), sizeof golden);
    close(fd);
    store_open(&s, "golden");
    tsdb_stats_now(s.db, &stats);
    CHECK_INT(stats.damages, 0);
    CHECK_INT(stats.replayed_samples, 9);
    CHECK_TEXT(store_print(&s, "a"), "1@1700000000000 2@1700000001000 nan@1700000002000 2.5@1700000000000 "
                                     "2.5@1700000001000 4@1700000002000 ");
    CHECK_TEXT(store_print(&s, "own"), "7@1699999999995/1699999999000 ");
    CHECK_TEXT(store_print(&s, "h"), "h4@1700000001000 ");
    CHECK_TEXT(store_print(&s, "long"), "5@1700000002000 ");
    store_close(&s);
    check_end();
}

/* ---- By the tables ---- */

/* The header of the record at `at`; returns where the next one begins. */
static size_t check_record(size_t at, uint64_t sequence, uint32_t unpacked)
{
    const uint8_t *record = golden + at;
    uint32_t stored = bytes_load_u32(record + 4);
    CHECK(memcmp(record, "\xf1LRB", 4) == 0);
    CHECK(at + PAYLOAD + stored <= sizeof golden);
    CHECK_INT(bytes_load_u32(record + 8), unpacked);
    CHECK_INT(bytes_load_u32(record + 12), 0);
    CHECK(bytes_load_u64(record + 16) == sequence);
    CHECK(bytes_load_u64(record + 24) == log_row_hash(tsdb_checksum(record, 24), record + PAYLOAD, stored));
    return at + PAYLOAD + stored;
}

static void check_begin(bytes_cursor *in, uint8_t flags, int64_t time_s)
{
    CHECK_INT(bytes_get_byte(in), flags);
    CHECK_INT(bytes_get_varint(in), 1); /* group */
    CHECK_INT(bytes_get_signed(in), time_s * 1000);
}

static void check_text(bytes_cursor *in, const char *want)
{
    size_t size = bytes_get_varint(in);
    const uint8_t *text = bytes_get_bytes(in, size);
    CHECK_INT(size, strlen(want));
    CHECK(text != NULL && memcmp(text, want, strlen(want)) == 0);
}

static void check_definition(bytes_cursor *in, uint64_t slot, const char *name, const char *value)
{
    CHECK_INT(bytes_get_varint(in), slot);
    CHECK_INT(bytes_get_varint(in), 1); /* label */
    check_text(in, name);
    check_text(in, value);
}

/* Planes and hash of a row; `before` is what its values refer to. */
static void check_row(bytes_cursor *in, const uint32_t *slots, const double *values, const double *before,
                      size_t rows)
{
    const uint8_t *planes = bytes_get_bytes(in, 8 * rows);
    uint64_t bits[4] = {0};
    assert_non_null(planes);
    for (size_t i = 0; i < rows; i++) {
        for (size_t plane = 0; plane < 8; plane++) {
            bits[i] |= (uint64_t)planes[plane * rows + i] << (8 * plane);
        }
        bits[i] ^= before[i] == 0 ? 0 : model_bits(before[i]);
        CHECK(bits[i] == model_bits(values[i]));
    }
    CHECK(bytes_get_u64(in) == log_row_hash(tsdb_checksum(bits, 8 * rows), slots, 4 * rows));
}

static void check_number(bytes_cursor *in, double want)
{
    CHECK(bytes_get_u64(in) == model_bits(want));
}

static void check_key_row(bytes_cursor in)
{
    check_begin(&in, 3, START_S); /* key, layout */
    CHECK_INT(bytes_get_varint(&in), 3);
    check_definition(&in, 0, "a", "1");
    check_definition(&in, 1, "a", "2");
    check_definition(&in, 2, "own", "x");
    CHECK_INT(bytes_get_varint(&in), 2); /* samples in the row */
    CHECK_INT(bytes_get_signed(&in), 0); /* slot 0 */
    CHECK_INT(bytes_get_signed(&in), 1); /* slot 0 + 1 */
    check_row(&in, (uint32_t[]){0, 1}, (double[]){1, 2.5}, (double[]){0, 0}, 2);
    CHECK_INT(bytes_get_varint(&in), 1);  /* extra sample */
    CHECK_INT(bytes_get_varint(&in), 2);  /* slot */
    CHECK_INT(bytes_get_signed(&in), -5); /* ms before the batch */
    CHECK_INT(bytes_get_byte(&in), 2);    /* with a start timestamp */
    CHECK_INT(bytes_get_signed(&in), (int64_t)START_S * 1000 - 1000);
    check_number(&in, 7);
    CHECK(!in.failed && in.at == in.end);
}

static void check_histogram(bytes_cursor *in)
{
    CHECK_INT(bytes_get_signed(in), 2); /* schema */
    CHECK_INT(bytes_get_varint(in), 0); /* nothing is known of a reset */
    check_number(in, 0);                /* zero threshold */
    check_number(in, 0);                /* zero count */
    check_number(in, 4);
    check_number(in, 6.5);
    CHECK_INT(bytes_get_varint(in), 1);  /* positive span */
    CHECK_INT(bytes_get_signed(in), -1); /* offset */
    CHECK_INT(bytes_get_varint(in), 2);  /* length */
    CHECK_INT(bytes_get_varint(in), 2);  /* buckets */
    check_number(in, 3);
    check_number(in, 1);
    CHECK_INT(bytes_get_varint(in), 0); /* negative spans */
    CHECK_INT(bytes_get_varint(in), 0); /* negative buckets */
    CHECK_INT(bytes_get_varint(in), 0); /* custom bounds */
}

/* The slots are those of the row before, and its values what this one refers to. */
static void check_next_row(bytes_cursor in)
{
    check_begin(&in, 0, START_S + 1);
    CHECK_INT(bytes_get_varint(&in), 1);
    check_definition(&in, 3, "h", "x");
    CHECK_INT(bytes_get_varint(&in), 2);
    check_row(&in, (uint32_t[]){0, 1}, (double[]){2, 2.5}, (double[]){1, 2.5}, 2);
    CHECK_INT(bytes_get_varint(&in), 1);
    CHECK_INT(bytes_get_varint(&in), 3); /* slot */
    CHECK_INT(bytes_get_signed(&in), 0); /* at the batch's time */
    CHECK_INT(bytes_get_byte(&in), 1);   /* a histogram */
    check_histogram(&in);
    CHECK(!in.failed && in.at == in.end);
}

static void check_new_series(bytes_cursor in)
{
    char text[LONG_SIZE + 1] = {0};
    memset(text, 'a', LONG_SIZE);
    check_begin(&in, 2, START_S + 2); /* layout */
    CHECK_INT(bytes_get_varint(&in), 2);
    check_definition(&in, 4, "a", "3");
    check_definition(&in, 5, "long", text);
    CHECK_INT(bytes_get_varint(&in), 3);
    CHECK_INT(bytes_get_signed(&in), 0); /* slots 0, 4, 5 */
    CHECK_INT(bytes_get_signed(&in), 4);
    CHECK_INT(bytes_get_signed(&in), 1);
    check_row(&in, (uint32_t[]){0, 4, 5}, (double[]){model_from_bits(MODEL_STALE_BITS), 4, 5},
              (double[]){2, 0, 0}, 3);
    CHECK_INT(bytes_get_varint(&in), 0);
    CHECK(!in.failed && in.at == in.end);
}

static void golden_log_is_as_the_tables_say(void **state)
{
    (void)state;
    CHECK(memcmp(golden, "IFMTSLOG", 8) == 0);
    CHECK_INT(bytes_load_u32(golden + 8), 1);  /* version */
    CHECK_INT(bytes_load_u32(golden + 12), 1); /* begins */
    CHECK_INT(bytes_load_u64(golden + 16), 1); /* number */
    CHECK(bytes_load_u64(golden + 24) == tsdb_checksum(golden, 24));
    size_t second = check_record(FIRST_AT, 1, 0);
    size_t third = check_record(second, 2, 0);
    uint8_t raw[256];
    CHECK_INT(check_record(third, 3, 160), sizeof golden);
    CHECK_INT(ZSTD_decompress(raw, sizeof raw, golden + third + PAYLOAD, sizeof golden - third - PAYLOAD),
              160);
    check_key_row((bytes_cursor){golden + FIRST_AT + PAYLOAD, golden + second, false});
    check_next_row((bytes_cursor){golden + second + PAYLOAD, golden + third, false});
    check_new_series((bytes_cursor){raw, raw + 160, false});
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(golden_log_is_read),
        cmocka_unit_test(golden_log_is_as_the_tables_say),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
