/* SPDX-License-Identifier: Apache-2.0
 *
 * A block as it was written once, taken apart by the tables of docs/format/block.md: what is in folders of
 * users must stay readable.
 */
#include "unit/tsdb/block_fixture.h"

#include "tsdb/page.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

static const uint8_t golden[] = {
    0x69, 0x66, 0x6d, 0x62, 0x6c, 0x6f, 0x63, 0x6b, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xd9,
    0xaa, 0xa0, 0x7e, 0x79, 0x7f, 0x3b, 0x64, 0x80, 0xa0, 0xab, 0xfe, 0xf9, 0x62, 0x98, 0x75, 0x00, 0xbf,
    0x4e, 0xd6, 0x0e, 0x6a, 0x79, 0x80, 0xd8, 0x11, 0x11, 0x04, 0x04, 0x03, 0x03, 0x00, 0x04, 0x04, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x08, 0x60, 0x20, 0x00, 0x00, 0x00, 0x04,
    0xc8, 0x01, 0x02, 0x02, 0x59, 0x01, 0x01, 0x14, 0x05, 0x00, 0x00, 0x03, 0x01, 0x02, 0x01, 0x02, 0x03,
    0x05, 0x00, 0x00, 0x28, 0xb5, 0x2f, 0xfd, 0x20, 0x40, 0x01, 0x02, 0x00, 0x02, 0x08, 0x5f, 0x5f, 0x6e,
    0x61, 0x6d, 0x65, 0x5f, 0x5f, 0x02, 0x0e, 0x72, 0x65, 0x71, 0x75, 0x65, 0x73, 0x74, 0x73, 0x5f, 0x74,
    0x6f, 0x74, 0x61, 0x6c, 0x02, 0x75, 0x70, 0x03, 0x6a, 0x6f, 0x62, 0x01, 0x01, 0x61, 0x02, 0x02, 0x00,
    0x02, 0x02, 0x01, 0x01, 0x00, 0x00, 0x01, 0x02, 0x01, 0x01, 0x21, 0x37, 0x80, 0xa0, 0xab, 0xfe, 0xf9,
    0x62, 0xc8, 0xdf, 0x02, 0x01, 0x10, 0x11, 0x04, 0x01, 0x00, 0x02, 0x08, 0x58, 0x49, 0x40, 0x80, 0xa0,
    0xab, 0xfe, 0xf9, 0x62, 0x90, 0xdf, 0xb0, 0xfe, 0xf9, 0x62, 0x2b, 0xf4, 0x93, 0xc0, 0x38, 0x8c, 0x02,
    0x15, 0x00, 0xa1, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x1c, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0xa5, 0x3a, 0x96, 0xb0, 0xb9, 0x54, 0x7f, 0x2f, 0xed, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x62, 0xe0, 0x86, 0x1a, 0x0b, 0x86, 0x0a, 0xc9, 0x69, 0x66, 0x6d, 0x65, 0x6e, 0x64, 0x30, 0x31,
};

/* Two series with a column of four times: a counter, and one that ends with a staleness marker. */
static void golden_fixture(fixture *f)
{
    fixture_init(f);
    const tsdb_column *column = fixture_column(f, 1700000000000, 4, 15000, 0);
    double *values = fixture_run(f, fixture_add(f, "__name__=requests_total,job=a"), column);
    for (size_t i = 0; i < 4; i++) {
        values[i] = 100 + (double)(i * i);
    }
    values = fixture_run(f, fixture_add(f, "__name__=up,job=a"), column);
    values[0] = values[1] = 1;
    values[2] = 0.5;
    values[3] = model_from_bits(MODEL_STALE_BITS);
}

static void golden_block_is_read(void **state)
{
    (void)state;
    const char *name = "0000000000000001-0.block";
    char path[300];
    snprintf(path, sizeof path, "%s/%s", scratch, name);
    int fd = open(path, O_WRONLY | O_CREAT, 0644);
    CHECK_INT(write(fd, golden, sizeof golden), sizeof golden);
    close(fd);
    fixture f;
    golden_fixture(&f);
    ifm_error err = {.code = IFM_OK};
    tsdb_block_info info;
    tsdb_source *source = tsdb_block_open(&ifm_os_files_real, scratch, name, &info, &err);
    CHECK_TEXT(err.message, "");
    if (source != NULL) {
        CHECK_INT(fixture_differences(&f, source, &err), 0);
        CHECK_INT(info.samples, 8);
        CHECK_INT(info.min_ms, 1700000000000);
        CHECK_INT(info.max_ms, 1700000045000);
        source->functions->release(source);
    }
    fixture_deinit(&f);
    check_end();
}

static void golden_block_is_as_the_tables_say(void **state)
{
    (void)state;
    const uint8_t *trailer = golden + sizeof golden - 48;
    CHECK(memcmp(golden, "ifmblock", 8) == 0);
    CHECK_INT(bytes_load_u32(golden + 8), 1);
    CHECK(memcmp(trailer + 40, "ifmend01", 8) == 0);
    uint64_t offset = bytes_load_u64(trailer);
    uint64_t size = bytes_load_u64(trailer + 8);
    CHECK_INT(offset + size, sizeof golden - 48);
    CHECK(bytes_load_u64(trailer + 16) == tsdb_checksum(golden + offset, size));
    CHECK_INT(bytes_load_u64(trailer + 24), sizeof golden);
    CHECK(bytes_load_u64(trailer + 32) == tsdb_checksum(trailer, 32));

    bytes_cursor summary = {golden + offset, golden + offset + size, false};
    CHECK_INT(bytes_get_varint(&summary), 1); /* sequence */
    CHECK_INT(bytes_get_varint(&summary), 0); /* level */
    CHECK_INT(bytes_get_varint(&summary), 2); /* series */
    CHECK_INT(bytes_get_varint(&summary), 8); /* samples */
    uint64_t index_offset = bytes_get_varint(&summary);
    uint64_t index_size = bytes_get_varint(&summary);
    uint64_t raw_size = bytes_get_varint(&summary);
    CHECK_INT(bytes_get_signed(&summary), 1700000000000);
    CHECK_INT(bytes_get_signed(&summary), 1700000045000);
    CHECK(bytes_get_u64(&summary) == tsdb_checksum(golden + index_offset, index_size));
    CHECK_INT(bytes_get_varint(&summary), 0); /* replaces */
    CHECK(!summary.failed && summary.at == summary.end);

    uint8_t raw[512];
    CHECK_INT(ZSTD_decompress(raw, sizeof raw, golden + index_offset, index_size), raw_size);
    static const uint8_t want[] = "\x02"             /* names */
                                  "\x08__name__\x02" /* with two values */
                                  "\x0erequests_total\x02up"
                                  "\x03job\x01" /* with one */
                                  "\x01"
                                  "a"
                                  "\x02"         /* series: */
                                  "\x02\x00\x02" /* pairs 0, 2 */
                                  "\x02\x01\x01" /* pairs 1, 2 */
                                  "\x00\x00"     /* at positions 0 and 1 */
                                  "\x01\x02\x01" /* a batch of two series, one page */
                                  "\x01";        /* a page */
    CHECK(memcmp(raw, want, sizeof want - 1) == 0);

    bytes_cursor column = {golden + 16 + 8, golden + index_offset, false};
    CHECK_INT(bytes_get_signed(&column), 1700000000000);
    CHECK_INT(bytes_get_varint(&column), 15000);
    CHECK_INT(bytes_get_byte(&column), 0); /* all steps are the same */
    CHECK(bytes_load_u64(golden + 16) == tsdb_checksum(golden + 24, (size_t)(column.at - golden) - 24));
    size_t page = (size_t)(column.at - golden);
    CHECK(bytes_load_u64(golden + page) == tsdb_checksum(golden + page + 8, index_offset - page - 8));
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(golden_block_is_read),
        cmocka_unit_test(golden_block_is_as_the_tables_say),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
