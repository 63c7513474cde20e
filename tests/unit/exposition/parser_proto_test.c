/* SPDX-License-Identifier: Apache-2.0
 *
 * The protobuf parser: what it reads of what our encoder writes, of what only others write, and of what
 * nobody should write.
 */
#include "exposition/limits.h"
#include "exposition/parser_proto.h"

#include "torture.h"
#include "unit/exposition/encoder_fixture.h"
#include "unit/exposition/parser_proto_fixture.h"

enum { VALUE_GAUGE = 2, VALUE_COUNTER = 3, VALUE_SUMMARY = 4, VALUE_UNTYPED = 5, VALUE_HISTOGRAM = 7 };
enum { TYPE_COUNTER, TYPE_GAUGE, TYPE_SUMMARY, TYPE_UNTYPED, TYPE_HISTOGRAM, TYPE_GAUGE_HISTOGRAM };

static void check_bytes(ifm_proto_histograms histograms, const void *bytes, size_t size, const char *want)
{
    ifm_buf out;
    ifm_error err;
    ifm_buf_init(&out, 1 << 20);
    ifm_proto_parser *parser = ifm_proto_parser_new(histograms, &err);
    assert_non_null(parser);
    if (!show_document(parser, bytes, size, &out, &err)) {
        ifm_buf_printf(&out, "%s", err.message);
        CHECK(err.offset <= size);
        ifm_error again;
        ifm_proto_entry entry;
        CHECK(!ifm_proto_parser_next(parser, &entry, &again));
        CHECK_TEXT(again.message, err.message);
    }
    ifm_buf_append_char(&out, '\0');
    CHECK_TEXT(out.data, want);
    ifm_proto_parser_free(parser);
    ifm_buf_deinit(&out);
}

static void check_document(ifm_buf *document, const char *want)
{
    check_bytes(IFM_PROTO_NATIVE, document->data, document->size, want);
    ifm_buf_clear(document);
}

static void check_encoded(ifm_proto_histograms histograms, fixture_function *write, const char *want)
{
    size_t size;
    char *bytes = fixture_bytes(&(ifm_encoder_options){.format = IFM_FORMAT_PROTOBUF}, write, &size);
    check_bytes(histograms, bytes, size, want);
    ifm_free(bytes);
}

/* --- What our encoder writes ------------------------------------------------------------------------ */

static void an_empty_document_ends_at_once(void **state)
{
    (void)state;
    check_bytes(IFM_PROTO_NATIVE, "", 0, "END\n");
    check_end();
}

static void counters_have_exemplars_and_creation_times(void **state)
{
    (void)state;
    check_encoded(IFM_PROTO_NATIVE, fixture_counter,
                  "HELP requests_total All requests.\n"
                  "TYPE requests_total 1\n"
                  "requests_total{method=GET,path=/} 3 created 1700000000123"
                  " # {trace_id=a\"b} 0.5 @1700000000500\n"
                  "requests_total{method=PUT,path=} 0.1\n"
                  "END\n");
    check_end();
}

static void classic_histograms_are_count_sum_and_buckets(void **state)
{
    (void)state;
    check_encoded(IFM_PROTO_NATIVE, fixture_histogram,
                  "HELP duration_seconds How long it takes.\n"
                  "TYPE duration_seconds 3\n"
                  "UNIT duration_seconds seconds\n"
                  "duration_seconds_count 7 created 1700000000123\n"
                  "duration_seconds_sum 12.5 created 1700000000123\n"
                  "duration_seconds_bucket{le=1e-05} 1 created 1700000000123\n"
                  "duration_seconds_bucket{le=0.5} 3 created 1700000000123 # {t=1} 0.5\n"
                  "duration_seconds_bucket{le=1.0} 3 created 1700000000123\n"
                  "duration_seconds_bucket{le=+Inf} 7 created 1700000000123 #  7 @1000\n"
                  "END\n");
    check_end();
}

static void summaries_are_count_sum_and_quantiles(void **state)
{
    (void)state;
    check_encoded(IFM_PROTO_NATIVE, fixture_summary,
                  "HELP size_bytes Sizes.\n"
                  "TYPE size_bytes 5\n"
                  "UNIT size_bytes bytes\n"
                  "size_bytes_count{shard=a} 12 created 1700000000123\n"
                  "size_bytes_sum{shard=a} 34.5 created 1700000000123\n"
                  "size_bytes{shard=a,quantile=0.5} 0.25 created 1700000000123\n"
                  "size_bytes{shard=a,quantile=0.99} NaN created 1700000000123\n"
                  "size_bytes{shard=a,quantile=1.0} 1e+21 created 1700000000123\n"
                  "size_bytes_count{shard=b} 1\n"
                  "size_bytes_sum{shard=b} 2\n"
                  "END\n");
    check_end();
}

static void gauges_and_untyped_are_one_sample(void **state)
{
    (void)state;
    check_encoded(IFM_PROTO_NATIVE, fixture_simple,
                  "HELP temperature Degrees.\nTYPE temperature 2\ntemperature -1.5\n"
                  "HELP other Something.\nTYPE other 0\nother 42\n"
                  "HELP build_info Build.\nTYPE build_info 2\nbuild_info{version=1.2} 1\n"
                  "HELP state State.\nTYPE state 2\n"
                  "state{version=1.2,state=idle} 0\nstate{version=1.2,state=busy} 1\n"
                  "END\n");
    check_end();
}

/* Native and classic at once, two points, the second without observations. */
static void write_native(ifm_encoder *encoder)
{
    static const uint64_t counts[] = {1, 0, 0, 0, 2, 1};
    static const double bounds[] = {2};
    static const uint64_t buckets[] = {1, 4};
    static const ifm_text names[] = {TEXT("t")};
    static const ifm_text values[] = {TEXT("1")};
    static const ifm_exemplar_view exemplars[] = {{names, values, 1, 1, 1000}, {NULL, NULL, 0, 2, 2000}};
    static const ifm_native_point native = {.schema = 3,
                                            .zero_threshold = 0.25,
                                            .zero_count = 1,
                                            .positive = {5, 6, counts},
                                            .negative = {-2, 1, counts},
                                            .exemplars = exemplars,
                                            .exemplar_count = 2};
    static const ifm_native_point empty = {.schema = 0};
    const ifm_family_head head = {TEXT("n"), TEXT("H"), {NULL, 0}, IFM_TYPE_HISTOGRAM, names, 1};
    const ifm_point first = {TEXTS(TEXT("a")), FIXTURE_TIME_MS};
    const ifm_point second = {TEXTS(TEXT("b")), 0};
    ifm_encoder_family_begin(encoder, &head);
    ifm_encoder_histogram(encoder, &first,
                          &(ifm_histogram_point){.classic = true,
                                                 .bounds = bounds,
                                                 .buckets = buckets,
                                                 .bound_count = 1,
                                                 .count = 5,
                                                 .sum = 1.5,
                                                 .native = &native});
    ifm_encoder_histogram(encoder, &second, &(ifm_histogram_point){.native = &empty});
    ifm_encoder_family_end(encoder);
}

#define NATIVE_A                                                                                             \
    "n{t=a} native schema 3 zero 1/0.25 count 5 sum 1.5 +[5:1 3:2 = 1 2 1] -[-2:1 = 1]"                      \
    " created 1700000000123 # {t=1} 1 @1000 #  2 @2000\n"
#define CLASSIC_A                                                                                            \
    "n_count{t=a} 5 created 1700000000123\nn_sum{t=a} 1.5 created 1700000000123\n"                           \
    "n_bucket{t=a,le=2.0} 1 created 1700000000123\nn_bucket{t=a,le=+Inf} 5 created 1700000000123\n"

static void native_histograms_hide_their_classic_buckets_unless_asked(void **state)
{
    (void)state;
    static const char head[] = "HELP n H\nTYPE n 3\n";
    static const char native_b[] = "n{t=b} native schema 0 zero 0/0 count 0 sum 0\nEND\n";
    static const char classic_b[] = "n_count{t=b} 0\nn_sum{t=b} 0\nn_bucket{t=b,le=+Inf} 0\nEND\n";
    char want[1024];
    snprintf(want, sizeof want, "%s%s%s", head, NATIVE_A, native_b);
    check_encoded(IFM_PROTO_NATIVE, write_native, want);
    snprintf(want, sizeof want, "%s%s%s%s", head, NATIVE_A, CLASSIC_A, native_b);
    check_encoded(IFM_PROTO_NATIVE_AND_CLASSIC, write_native, want);
    snprintf(want, sizeof want, "%s%s%s", head, CLASSIC_A, classic_b);
    check_encoded(IFM_PROTO_CLASSIC, write_native, want);
    check_end();
}

/* --- What others write ------------------------------------------------------------------------------ */

/* Counts that are no integers, buckets packed (positive) and one by one (negative), a gauge histogram. */
static void float_histograms_have_absolute_counts(void **state)
{
    (void)state;
    static const double counts[] = {0.5, 2.25};
    proto_parts p;
    parts_init(&p);
    put_bytes(&p.value, 14, counts, sizeof counts);
    put_double(&p.value, 11, 7.5);
    put_span(&p.value, 12, -3, 2);
    put_span(&p.value, 9, 0, 1);
    put_double(&p.value, 8, 0.75);
    put_double(&p.value, 6, 0.001);
    put_sint(&p.value, 5, -4);
    put_double(&p.value, 4, 11);
    put_double(&p.value, 2, -2.5);
    put_family(&p.document, "g", TYPE_GAUGE_HISTOGRAM, VALUE_HISTOGRAM, &p.value);
    check_document(&p.document, "HELP g \nTYPE g 4\n"
                                "g native floats gauge schema -4 zero 0.75/0.001 count 11 sum -2.5"
                                " +[-3:2 = 0.5 2.25] -[0:1 = 7.5]\nEND\n");
    parts_deinit(&p);
    check_end();
}

static void spans_are_joined_where_they_touch(void **state)
{
    (void)state;
    proto_parts p;
    parts_init(&p);
    put_span(&p.value, 12, -5, 0); /* one without buckets adds to the next one's offset */
    put_span(&p.value, 12, 6, 1);
    put_span(&p.value, 12, 0, 2); /* one without a gap */
    put_span(&p.value, 12, 2, 0);
    put_span(&p.value, 12, 1, 1);
    for (int i = 0; i < 4; i++) {
        put_sint(&p.value, 13, i == 3 ? -2 : 1); /* not packed */
    }
    put_uint(&p.value, 1, 7);
    put_family(&p.document, "h", TYPE_HISTOGRAM, VALUE_HISTOGRAM, &p.value);
    check_document(&p.document, "HELP h \nTYPE h 3\n"
                                "h native schema 0 zero 0/0 count 7 sum 0 +[1:3 3:1 = 1 2 3 1]\nEND\n");
    parts_deinit(&p);
    check_end();
}

/* A native histogram without exemplars of its own has those of its buckets, if they have a time. */
static void exemplars_of_buckets_serve_native_histograms(void **state)
{
    (void)state;
    proto_parts p;
    parts_init(&p);
    put_double(&p.value, 6, 1);
    for (int i = 0; i < 4; i++) {
        put_double(&p.bucket, 2, i);
        if (i != 1) {
            put_label(&p.exemplar, 1, "trace", "x");
            put_double(&p.exemplar, 2, i);
            if (i != 2) {
                put_time(&p.exemplar, 3, i - 2, 500000000);
            }
            put_message(&p.bucket, 3, &p.exemplar);
        }
        put_message(&p.value, 3, &p.bucket);
    }
    put_family(&p.document, "h", TYPE_HISTOGRAM, VALUE_HISTOGRAM, &p.value);
    check_document(&p.document, "HELP h \nTYPE h 3\n"
                                "h native schema 0 zero 0/1 count 0 sum 0"
                                " # {trace=x} 0 @-1500 # {trace=x} 3 @1500\nEND\n");
    parts_deinit(&p);
    check_end();
}

/* Unit behind the metrics, a timestamp, fields that are not known, families without metrics. */
static void fields_come_in_any_order(void **state)
{
    (void)state;
    proto_parts p;
    parts_init(&p);
    put_text(&p.family, 1, "nothing");
    put_delimited(&p.document, &p.family);
    put_varint(&p.document, 0);

    put_uint(&p.metric, 6, (uint64_t)-1500);
    put_double(&p.value, 1, 8);
    put_message(&p.metric, VALUE_COUNTER, &p.value);
    put_uint(&p.metric, 99, 1);
    put_double(&p.metric, 100, 1);
    put_label(&p.metric, 1, "a.b", "\xe6\xb8\xa9");
    put_message(&p.family, 4, &p.metric);
    put_message(&p.family, 4, &p.metric); /* empty: every value is 0 */
    put_text(&p.family, 5, "bytes");
    put_text(&p.family, 2, "Sent.");
    put_text(&p.family, 77, "?");
    put_text(&p.family, 1, "sent_bytes_total"); /* without a type: the first one, counter */
    put_delimited(&p.document, &p.family);
    check_document(&p.document, "HELP sent_bytes_total Sent.\nTYPE sent_bytes_total 1\n"
                                "UNIT sent_bytes_total bytes\n"
                                "sent_bytes_total{a.b=\xe6\xb8\xa9} 8 @-1500\nsent_bytes_total 0\nEND\n");
    parts_deinit(&p);
    check_end();
}

/* A bucket for +Inf is added where there is none; float counts count where they are not 0. */
static void classic_buckets_end_at_infinity(void **state)
{
    (void)state;
    proto_parts p;
    parts_init(&p);
    put_uint(&p.bucket, 1, 1);
    put_double(&p.bucket, 2, 1e6);
    put_double(&p.bucket, 4, 2.5);
    put_message(&p.value, 3, &p.bucket);
    put_double(&p.value, 4, 4.5);
    put_family(&p.document, "h", TYPE_HISTOGRAM, VALUE_HISTOGRAM, &p.value);
    check_document(&p.document, "HELP h \nTYPE h 3\nh_count 4.5\nh_sum 0\nh_bucket{le=1e+06} 2.5\n"
                                "h_bucket{le=+Inf} 4.5\nEND\n");
    parts_deinit(&p);
    check_end();
}

/* --- What nobody should write ----------------------------------------------------------------------- */

#define FAILURE(text) "cannot parse metric family 1: " text

static void broken_wire_formats_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t size;
        const char *want;
    } rows[] = {
        {"\x05\x0a\x01", 3, FAILURE("5 bytes are announced, but 2 are left")},
        {"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 10,
         FAILURE("18446744073709551615 bytes are announced, but 0 are left")},
        {"\x80", 1, FAILURE("the message ends inside a number")},
        {"\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01", 11, FAILURE("a number has more than 10 bytes")},
        {"\x02\x0a\x05", 3, FAILURE("a field of 5 bytes does not fit in the 0 that are left of its message")},
        {"\x02\x02\x00", 3, FAILURE("a field has a number out of range")},
        {"\x01\x0b", 2, FAILURE("wire type 3 cannot be read")},
        {"\x02\x08\x01", 3, FAILURE("field 1 has wire type 0 instead of 2")},
        {"\x02\x1a\x00", 3, FAILURE("field 3 has wire type 2 instead of 0")},
        {"\x02\x22\x00", 3, FAILURE("\"\" is not a metric name")},
        {"\x05\x0a\x01\xff\x22\x00", 6, FAILURE("\"?\" is not a metric name")},
        {"\x08\x0a\x01x\x12\x01\xff\x22\x00", 9, FAILURE("the help of \"x\" is not UTF-8")},
        {"\x07\x0a\x01x\x18\x06\x22\x00", 8, FAILURE("\"x\" has type 6, which is none")},
        {"\x08\x0a\x01x\x2a\x01s\x22\x00", 9, FAILURE("the name of \"x\" does not end with its unit")},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        check_bytes(IFM_PROTO_NATIVE, rows[i].bytes, rows[i].size, rows[i].want);
    }
    check_end();
}

/* A document of one metric x of `type`, of which `value` is emptied, is refused. */
static void check_refused(unsigned type, unsigned value_field, ifm_buf *value, const char *want)
{
    char whole[512];
    ifm_buf document;
    ifm_buf_init(&document, 1 << 24);
    put_family(&document, "x", type, value_field, value);
    snprintf(whole, sizeof whole, "HELP x \nTYPE x %d\ncannot parse metric family 1: %s",
             type == TYPE_GAUGE_HISTOGRAM ? 4
             : type == TYPE_HISTOGRAM     ? 3
                                          : 1,
             want);
    check_document(&document, whole);
    ifm_buf_deinit(&document);
}

static void broken_native_histograms_are_refused(void **state)
{
    (void)state;
    ifm_buf value;
    ifm_buf_init(&value, 1 << 16);
    put_span(&value, 12, 0, 2);
    put_sint(&value, 13, 1);
    check_refused(TYPE_HISTOGRAM, VALUE_HISTOGRAM, &value, "a histogram has spans of 2 buckets and 1 counts");
    put_span(&value, 12, 0, 1);
    put_span(&value, 12, -1, 1);
    check_refused(TYPE_HISTOGRAM, VALUE_HISTOGRAM, &value, "the offset -1 of a span is out of range");
    put_span(&value, 9, INT32_MAX, 0);
    put_span(&value, 9, 1, 1);
    check_refused(TYPE_HISTOGRAM, VALUE_HISTOGRAM, &value, "the offsets of spans are out of range");
    put_span(&value, 12, 0, 1);
    put_sint(&value, 13, -1);
    check_refused(TYPE_HISTOGRAM, VALUE_HISTOGRAM, &value, "the count of a bucket is negative");
    put_span(&value, 12, 0, 2);
    put_sint(&value, 13, INT64_MAX);
    put_sint(&value, 13, 1);
    check_refused(TYPE_HISTOGRAM, VALUE_HISTOGRAM, &value, "the count of a bucket is out of range");
    put_span(&value, 12, 0, IFM_PARSE_NATIVE_BUCKETS_MAX);
    put_span(&value, 12, 5, 1);
    check_refused(TYPE_HISTOGRAM, VALUE_HISTOGRAM, &value, "a histogram has more than 1048576 buckets");
    put_double(&value, 4, 1);
    put_span(&value, 12, 0, 1);
    put_bytes(&value, 14, "1234567", 7);
    check_refused(TYPE_GAUGE_HISTOGRAM, VALUE_HISTOGRAM, &value, "counts end inside a number");
    put_double(&value, 6, 1);
    put_sint(&value, 5, INT64_C(1) << 31);
    check_refused(TYPE_HISTOGRAM, VALUE_HISTOGRAM, &value, "schema 2147483648 is out of range");
    ifm_buf_deinit(&value);
    check_end();
}

static void broken_exemplars_and_times_are_refused(void **state)
{
    (void)state;
    proto_parts p;
    parts_init(&p);
    put_time(&p.value, 3, INT64_MAX / 1000, 0);
    check_refused(TYPE_COUNTER, VALUE_COUNTER, &p.value, "a time is out of range");
    put_time(&p.value, 3, 0, 1000000000);
    check_refused(TYPE_COUNTER, VALUE_COUNTER, &p.value, "a time is out of range");
    put_label(&p.exemplar, 1, "a", "\xff");
    put_message(&p.value, 2, &p.exemplar);
    check_refused(TYPE_COUNTER, VALUE_COUNTER, &p.value, "the value of label \"a\" is not UTF-8");
    parts_deinit(&p);
    check_end();
}

/* Reads a gauge, or what `type` says, with these labels. */
static void check_labels(unsigned type, const char *const *names, size_t count, const char *want)
{
    proto_parts p;
    parts_init(&p);
    put_text(&p.family, 1, "x");
    put_uint(&p.family, 3, type);
    for (size_t i = 0; i < count; i++) {
        put_label(&p.metric, 1, names[i], "v");
    }
    put_message(&p.family, 4, &p.metric);
    put_delimited(&p.document, &p.family);
    check_document(&p.document, want);
    parts_deinit(&p);
}

static void label_names_are_valid_and_occur_once(void **state)
{
    (void)state;
    static const struct {
        unsigned type;
        size_t count;
        const char *names[2];
        const char *want;
    } rows[] = {
        {TYPE_GAUGE, 2, {"le", "quantile"}, "HELP x \nTYPE x 2\nx{le=v,quantile=v} 0\nEND\n"},
        {TYPE_GAUGE, 2, {"a", "a"}, "HELP x \nTYPE x 2\n" FAILURE("label \"a\" occurs twice")},
        {TYPE_GAUGE, 1, {"__name__"}, "HELP x \nTYPE x 2\n" FAILURE("label \"__name__\" occurs twice")},
        {TYPE_GAUGE, 1, {""}, "HELP x \nTYPE x 2\n" FAILURE("\"\" is not a label name")},
        {TYPE_HISTOGRAM,
         1,
         {"le"},
         "HELP x \nTYPE x 3\n" FAILURE("a histogram has a label \"le\" of its own")},
        {TYPE_SUMMARY,
         1,
         {"quantile"},
         "HELP x \nTYPE x 5\n" FAILURE("a summary has a label \"quantile\" of its own")},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        check_labels(rows[i].type, rows[i].names, rows[i].count, rows[i].want);
    }
    check_end();
}

/* One label less than the limit, as many, one more. */
static void labels_are_limited(void **state)
{
    (void)state;
    for (size_t count = IFM_PARSE_LABELS_MAX - 1; count <= IFM_PARSE_LABELS_MAX + 1; count++) {
        char names[IFM_PARSE_LABELS_MAX + 1][8];
        const char *list[IFM_PARSE_LABELS_MAX + 1];
        char want[8192];
        int at = snprintf(want, sizeof want, "HELP x \nTYPE x 2\n");
        for (size_t i = 0; i < count; i++) {
            snprintf(names[i], sizeof names[i], "l%zu", i);
            list[i] = names[i];
            if (count <= IFM_PARSE_LABELS_MAX) {
                at += snprintf(want + at, sizeof want - (size_t)at, "%sl%zu=v", i == 0 ? "x{" : ",", i);
            }
        }
        snprintf(want + at, sizeof want - (size_t)at, "%s",
                 count > IFM_PARSE_LABELS_MAX ? FAILURE("more than 256 labels") : "} 0\nEND\n");
        check_labels(TYPE_GAUGE, list, count, want);
    }
    check_end();
}

static void names_are_limited(void **state)
{
    (void)state;
    static const size_t room = (IFM_PARSE_NAMES_BYTES_MAX - 3 * sizeof "_bucket") / 3;
    for (size_t size = room - 1; size <= room + 1; size++) {
        ifm_error err;
        ifm_proto_entry entry;
        ifm_buf document;
        ifm_buf value;
        ifm_buf_init(&document, 1 << 24);
        ifm_buf_init(&value, 1 << 16);
        char *name = ifm_alloc_zero(size + 1, 1);
        assert_non_null(name);
        memset(name, 'n', size);
        put_family(&document, name, TYPE_HISTOGRAM, VALUE_HISTOGRAM, &value);
        ifm_proto_parser *parser = ifm_proto_parser_new(IFM_PROTO_NATIVE, &err);
        assert_non_null(parser);
        ifm_proto_parser_start(parser, document.data, document.size);
        bool read = ifm_proto_parser_next(parser, &entry, &err);
        CHECK(read == (size <= room));
        if (!read) {
            CHECK_INT(err.code, IFM_LIMIT);
            CHECK_CONTAINS(err.message, "bytes is too long");
        }
        ifm_proto_parser_free(parser);
        ifm_free(name);
        ifm_buf_deinit(&value);
        ifm_buf_deinit(&document);
    }
    check_end();
}

/* Cut anywhere, and with any byte changed, it is read or refused. */
static void damaged_documents_are_read_or_refused(void **state)
{
    (void)state;
    size_t size;
    ifm_error err;
    ifm_buf out;
    char *bytes = fixture_bytes(&(ifm_encoder_options){.format = IFM_FORMAT_PROTOBUF}, write_native, &size);
    ifm_proto_parser *parser = ifm_proto_parser_new(IFM_PROTO_NATIVE_AND_CLASSIC, &err);
    assert_non_null(parser);
    ifm_buf_init(&out, 1 << 24);
    for (size_t cut = 1; cut < size; cut++) {
        CHECK(!show_document(parser, bytes, cut, &out, &err));
        CHECK_INT(err.code, IFM_INVALID);
    }
    for (size_t i = 0; i < size * 8; i++) {
        ifm_buf_clear(&out);
        bytes[i / 8] = (char)(bytes[i / 8] ^ 1 << i % 8);
        if (!show_document(parser, bytes, size, &out, &err)) {
            CHECK(err.offset <= size);
        }
        bytes[i / 8] = (char)(bytes[i / 8] ^ 1 << i % 8);
    }
    ifm_proto_parser_free(parser);
    ifm_buf_deinit(&out);
    ifm_free(bytes);
    check_end();
}

/* --- Memory ----------------------------------------------------------------------------------------- */

typedef struct document {
    char *bytes;
    size_t size;
} document;

static bool parse_all(void *context, ifm_error *err)
{
    const document *from = context;
    ifm_proto_entry entry = {.base = {.kind = IFM_ENTRY_COMMENT}};
    ifm_proto_parser *parser = ifm_proto_parser_new(IFM_PROTO_NATIVE_AND_CLASSIC, err);
    bool read = parser != NULL;
    if (read) {
        ifm_proto_parser_start(parser, from->bytes, from->size);
    }
    while (read && entry.base.kind != IFM_ENTRY_END) {
        read = ifm_proto_parser_next(parser, &entry, err);
    }
    ifm_proto_parser_free(parser);
    return read;
}

static void write_everything(ifm_encoder *encoder)
{
    fixture_all(encoder);
    write_native(encoder);
}

static void every_failed_allocation_fails_the_document(void **state)
{
    (void)state;
    document from;
    from.bytes =
        fixture_bytes(&(ifm_encoder_options){.format = IFM_FORMAT_PROTOBUF}, write_everything, &from.size);
    /* The parser, names, spans and counts of both signs. */
    CHECK_INT(torture_allocations(parse_all, &from, TORTURE_MUST_FAIL), 6);
    ifm_free(from.bytes);
    check_end();
}

/* The second document of the same parser allocates nothing. */
static void a_parser_keeps_its_memory(void **state)
{
    (void)state;
    ifm_error err;
    document from;
    from.bytes =
        fixture_bytes(&(ifm_encoder_options){.format = IFM_FORMAT_PROTOBUF}, write_everything, &from.size);
    ifm_proto_parser *parser = ifm_proto_parser_new(IFM_PROTO_NATIVE, &err);
    assert_non_null(parser);
    ifm_proto_parser_set_histograms(parser, IFM_PROTO_NATIVE_AND_CLASSIC);
    for (int i = 0; i < 2; i++) {
        ifm_proto_entry entry = {.base = {.kind = IFM_ENTRY_COMMENT}};
        size_t before = torture_allocation_count();
        ifm_proto_parser_start(parser, from.bytes, from.size);
        while (entry.base.kind != IFM_ENTRY_END) {
            assert_true(ifm_proto_parser_next(parser, &entry, &err));
        }
        CHECK_INT(torture_allocation_count() - before, i == 0 ? 5 : 0);
    }
    ifm_proto_parser_free(parser);
    ifm_free(from.bytes);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_document_ends_at_once),
        cmocka_unit_test(counters_have_exemplars_and_creation_times),
        cmocka_unit_test(classic_histograms_are_count_sum_and_buckets),
        cmocka_unit_test(summaries_are_count_sum_and_quantiles),
        cmocka_unit_test(gauges_and_untyped_are_one_sample),
        cmocka_unit_test(native_histograms_hide_their_classic_buckets_unless_asked),
        cmocka_unit_test(float_histograms_have_absolute_counts),
        cmocka_unit_test(spans_are_joined_where_they_touch),
        cmocka_unit_test(exemplars_of_buckets_serve_native_histograms),
        cmocka_unit_test(fields_come_in_any_order),
        cmocka_unit_test(classic_buckets_end_at_infinity),
        cmocka_unit_test(broken_wire_formats_are_refused),
        cmocka_unit_test(broken_native_histograms_are_refused),
        cmocka_unit_test(broken_exemplars_and_times_are_refused),
        cmocka_unit_test(label_names_are_valid_and_occur_once),
        cmocka_unit_test(labels_are_limited),
        cmocka_unit_test(names_are_limited),
        cmocka_unit_test(damaged_documents_are_read_or_refused),
        cmocka_unit_test(every_failed_allocation_fails_the_document),
        cmocka_unit_test(a_parser_keeps_its_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
