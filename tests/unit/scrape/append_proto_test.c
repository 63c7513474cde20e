/* SPDX-License-Identifier: Apache-2.0
 *
 * From protobuf to samples: native histograms, their limits, and what the cache knows again.
 */
#include "append_fixture.h"
#include "unit/exposition/parser_proto_fixture.h"

enum { TYPE_COUNTER = 0, TYPE_HISTOGRAM = 4, VALUE_COUNTER = 3, VALUE_HISTOGRAM = 7 };

static void put_counter(ifm_buf *out, const char *name, double number)
{
    ifm_buf value;
    ifm_buf_init(&value, 1024);
    put_double(&value, 1, number);
    put_family(out, name, TYPE_COUNTER, VALUE_COUNTER, &value);
    ifm_buf_deinit(&value);
}

/* Buckets 0 to count-1 of schema 0, `each` in each, and one classic bucket. */
static void put_histogram(ifm_buf *out, uint32_t count, int64_t each, int32_t schema)
{
    ifm_buf value;
    ifm_buf bucket;
    ifm_buf_init(&value, 1 << 20);
    ifm_buf_init(&bucket, 1024);
    put_uint(&value, 1, (uint64_t)each * count);
    put_double(&value, 2, 10);
    put_uint(&bucket, 1, (uint64_t)each);
    put_double(&bucket, 2, 1);
    put_message(&value, 3, &bucket);
    put_sint(&value, 5, schema);
    put_double(&value, 6, 0.001);
    put_uint(&value, 7, 0);
    put_span(&value, 12, 0, count);
    put_sint(&value, 13, each);
    for (uint32_t i = 1; i < count; i++) {
        put_sint(&value, 13, 0);
    }
    put_family(out, "h", TYPE_HISTOGRAM, VALUE_HISTOGRAM, &value);
    ifm_buf_deinit(&value);
    ifm_buf_deinit(&bucket);
}

static ifm_buf body; /* of the next answer */

static void open_proto(append_fixture *f)
{
    ifm_buf_init(&body, 1 << 20);
    append_open(f, 0);
}

static void close_proto(append_fixture *f)
{
    append_close(f);
    ifm_buf_deinit(&body);
    check_end();
}

static bool append_proto(append_fixture *f, int64_t time_ms)
{
    size_t size = body.size;
    ifm_buf_append_char(&body, '\0');
    bool ok = append_bytes(f, time_ms, SCRAPE_FORMAT_PROTOBUF, body.data, size);
    ifm_buf_clear(&body);
    return ok;
}

static void protobuf_is_stored_and_known_again(void **state)
{
    append_fixture f;
    (void)state;
    open_proto(&f);
    put_counter(&body, "a", 1);
    put_histogram(&body, 2, 3, 0);
    put_counter(&body, "b", 2);
    CHECK(append_proto(&f, 1000));
    CHECK_INT(f.counts.total, 3);
    put_counter(&body, "a", 4);
    put_histogram(&body, 2, 4, 0);
    CHECK(append_proto(&f, 2000));
    CHECK_INT(f.counts.series_added, 0);
    CHECK_TEXT(store_text(f.db, "a"), "{__name__=\"a\", instance=\"i\", job=\"j\"} 1000=1 2000=4\n");
    CHECK_CONTAINS(store_text(f.db, "b"), "} 1000=2 2000=stale\n");
    CHECK_CONTAINS(
        store_text(f.db, "h"),
        "} 1000={count:6, sum:10, (0.5,1]:3, (1,2]:3} 2000={count:8, sum:10, (0.5,1]:4, (1,2]:4}\n");
    CHECK_TEXT(store_text(f.db, "h_bucket"), "");
    close_proto(&f);
}

static void classic_buckets_come_when_they_are_wanted(void **state)
{
    append_fixture f;
    (void)state;
    open_proto(&f);
    f.config.scrape_classic_histograms = true;
    put_histogram(&body, 2, 3, 0);
    CHECK(append_proto(&f, 1000));
    CHECK_CONTAINS(store_text(f.db, "h"), "} 1000={count:6");
    CHECK_CONTAINS(store_text(f.db, "h_bucket"), "le=\"1.0\"} 1000=3\n");
    CHECK_CONTAINS(store_text(f.db, "h_count"), "} 1000=6\n");
    f.config.scrape_native_histograms = false;
    put_histogram(&body, 2, 4, 0);
    CHECK(append_proto(&f, 2000));
    CHECK_CONTAINS(store_text(f.db, "h_count"), "} 1000=6 2000=8\n");
    CHECK_CONTAINS(store_text(f.db, "h"), "stale\n");
    close_proto(&f);
}

static void histogram_limits_reduce_the_resolution(void **state)
{
    append_fixture f;
    (void)state;
    open_proto(&f);
    f.config.native_histogram_bucket_limit = 4;
    put_histogram(&body, 4, 1, 2);
    CHECK(append_proto(&f, 1000));
    CHECK_CONTAINS(store_text(f.db, "h"), "(1,1.189207115002721]:1");
    put_histogram(&body, 8, 1, 2);
    CHECK(append_proto(&f, 2000));
    CHECK_CONTAINS(store_text(f.db, "h"), "2000={count:8, sum:10, (0.5,1]:1, (1,2]:4, (2,4]:3}");
    f.config.native_histogram_bucket_limit = 1;
    put_histogram(&body, 1000, 1, -4);
    CHECK(!append_proto(&f, 3000));
    CHECK_TEXT(f.err.message, "histogram bucket limit exceeded");
    CHECK(f.counts.bucket_limit);
    f.config.native_histogram_bucket_limit = 0;
    f.config.native_histogram_min_bucket_factor = 1.9; /* schema 0 doubles, 1 is below */
    put_histogram(&body, 2, 1, 3);
    CHECK(append_proto(&f, 4000));
    CHECK_CONTAINS(store_text(f.db, "h"), "4000={count:2, sum:10, (0.5,1]:1, (1,2]:1}");
    close_proto(&f);
}

static void protobuf_that_is_wrong_stores_nothing(void **state)
{
    append_fixture f;
    (void)state;
    open_proto(&f);
    put_counter(&body, "a", 1);
    ifm_buf_append_text(&body, "\x7fgarbage");
    CHECK(!append_proto(&f, 1000));
    CHECK_INT(f.err.code, IFM_INVALID);
    CHECK_TEXT(store_text(f.db, "a"), "");
    put_counter(&body, "a", 1);
    put_histogram(&body, 2, 1, 77);
    CHECK(!append_proto(&f, 2000));
    CHECK_CONTAINS(f.err.message, "native histogram \"h\" in family 2 is not valid: ");
    close_proto(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(protobuf_is_stored_and_known_again),
        cmocka_unit_test(classic_buckets_come_when_they_are_wanted),
        cmocka_unit_test(histogram_limits_reduce_the_resolution),
        cmocka_unit_test(protobuf_that_is_wrong_stores_nothing),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
