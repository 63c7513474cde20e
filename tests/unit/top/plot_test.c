/* SPDX-License-Identifier: Apache-2.0
 *
 * Samples in, cells out: lines, sparklines, bars and heatmaps, each as it is printed.
 */
#include "top/plot.h"

#include "base/base.h"
#include "check.h"
#include "torture.h"

#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <time.h>

static char printed[8192];

static void print(top_screen *screen)
{
    ifm_buf out;
    ifm_buf_init(&out, sizeof printed - 1);
    top_screen_print(screen, &out);
    memcpy(printed, out.size > 0 ? out.data : "", out.size);
    printed[out.size] = '\0';
    ifm_buf_deinit(&out);
}

static void open_screen(top_screen *screen, bool utf8, int width, int height)
{
    ifm_error err;
    top_screen_init(screen, utf8);
    assert_true(top_screen_resize(screen, width, height, &err));
}

static void braille_has_a_dot_for_each_bit(void **state)
{
    (void)state;
    static const struct {
        int x, y;
        const char *want;
    } rows[] = {{0, 0, "\xe2\xa0\x81\n"}, {1, 0, "\xe2\xa0\x88\n"}, {0, 1, "\xe2\xa0\x82\n"},
                {1, 1, "\xe2\xa0\x90\n"}, {0, 2, "\xe2\xa0\x84\n"}, {1, 2, "\xe2\xa0\xa0\n"},
                {0, 3, "\xe2\xa1\x80\n"}, {1, 3, "\xe2\xa2\x80\n"}};
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        top_canvas canvas;
        top_screen screen;
        ifm_error err;
        open_screen(&screen, true, 1, 1);
        assert_true(top_canvas_init(&canvas, TOP_GRAPH_BRAILLE, 1, 1, &err));
        top_canvas_dot(&canvas, rows[i].x, rows[i].y, 0);
        top_canvas_dot(&canvas, -1, 0, 0); /* outside */
        top_canvas_dot(&canvas, 0, 4, 0);
        top_canvas_draw(&canvas, &screen, 0, 0);
        print(&screen);
        CHECK_TEXT(printed, rows[i].want);
        top_canvas_deinit(&canvas);
        top_screen_deinit(&screen);
    }
    check_end();
}

static void lines_are_drawn_in_each_kind(void **state)
{
    (void)state;
    static const struct {
        top_graph graph;
        const char *want;
    } rows[] = {
        {TOP_GRAPH_ASCII, " 11\n1\n"},
        {TOP_GRAPH_BLOCK, " \xe2\x96\x97\xe2\x96\x9e\n\xe2\x96\x9e\xe2\x96\x98\n"},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        top_canvas canvas;
        top_screen screen;
        ifm_error err;
        open_screen(&screen, true, 3, 2);
        assert_true(top_canvas_init(&canvas, rows[i].graph, 3, 2, &err));
        top_canvas_line(&canvas, 0, 2 * canvas.dots_high - 1, 3 * canvas.dots_wide - 1, 0, 0);
        top_canvas_draw(&canvas, &screen, 0, 0);
        print(&screen);
        CHECK_TEXT(printed, rows[i].want);
        top_canvas_deinit(&canvas);
        top_screen_deinit(&screen);
    }
    check_end();
}

static void sparklines_show_zero_gaps_and_the_most(void **state)
{
    (void)state;
    static const double values[] = {0, 1, 2, NAN, 8};
    top_screen screen;
    open_screen(&screen, false, 8, 1);
    const top_spark spark = {.values = values, .count = 5};
    top_spark_draw(&screen, (top_area){0, 0, 1, 8}, TOP_GRAPH_ASCII, &spark);
    print(&screen);
    CHECK_TEXT(printed, "   _.- #\n");
    top_screen_clear(&screen);
    top_spark_draw(&screen, (top_area){0, 0, 1, 2}, TOP_GRAPH_ASCII, &spark); /* means of several */
    print(&screen);
    CHECK_TEXT(printed, "_+\n");
    top_screen_deinit(&screen);
    check_end();
}

static void bars_are_parts_of_their_width(void **state)
{
    (void)state;
    static const struct {
        double share;
        top_graph graph;
        const char *want;
    } rows[] = {
        {0, TOP_GRAPH_ASCII, ""},
        {0.5, TOP_GRAPH_ASCII, "##\n"},
        {1, TOP_GRAPH_ASCII, "####\n"},
        {7, TOP_GRAPH_ASCII, "####\n"},
        {0.01, TOP_GRAPH_ASCII, "#\n"},
        {NAN, TOP_GRAPH_ASCII, ""},
        {-1, TOP_GRAPH_ASCII, ""},
        {0.375, TOP_GRAPH_BRAILLE, "\xe2\x96\x88\xe2\x96\x8c\n"},
        {0.001, TOP_GRAPH_BLOCK, "\xe2\x96\x8f\n"},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        top_screen screen;
        open_screen(&screen, true, 6, 1);
        top_bar_draw(&screen, (top_area){0, 0, 1, 4}, rows[i].graph, rows[i].share, TOP_PLAIN);
        print(&screen);
        CHECK_TEXT(printed, rows[i].want);
        top_screen_deinit(&screen);
    }
    check_end();
}

static void plots_have_axes_with_units_and_times(void **state)
{
    (void)state;
    static const double rising[] = {0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1};
    const top_plot_series series[] = {{rising, "p50", 0}};
    const top_plot plot = {.series = series,
                           .series_count = 1,
                           .count = 11,
                           .start_ms = INT64_C(1700000000000),
                           .step_ms = 60000,
                           .unit = TOP_UNIT_SECONDS,
                           .graph = TOP_GRAPH_ASCII};
    top_screen screen;
    ifm_error err;
    open_screen(&screen, false, 30, 8);
    CHECK(top_plot_draw(&screen, (top_area){0, 0, 8, 30}, &plot, &err));
    print(&screen);
    CHECK_TEXT(printed, "     1s+                 11111\n"
                        "       |               11\n"
                        "       |           1111\n"
                        "  500ms+       1111\n"
                        "       |   1111\n"
                        "     0s+111\n"
                        "       +---+------------------\n"
                        "         22:15\n");
    top_screen_deinit(&screen);
    check_end();
}

static void hidden_lines_have_no_part_in_the_axis(void **state)
{
    (void)state;
    static const double small[] = {1, 1}, large[] = {100, 100};
    const top_plot_series series[] = {{small, "a", 0}, {large, "b", 1}};
    top_plot plot = {.series = series,
                     .series_count = 2,
                     .count = 2,
                     .step_ms = 1000,
                     .unit = TOP_UNIT_NUMBER,
                     .graph = TOP_GRAPH_ASCII};
    top_screen screen;
    ifm_error err;
    open_screen(&screen, false, 30, 6);
    CHECK(top_plot_draw(&screen, (top_area){0, 0, 6, 30}, &plot, &err));
    print(&screen);
    CHECK_CONTAINS(printed, "    100+22222");
    top_screen_clear(&screen);
    plot.hidden = 1U << 1;
    CHECK(top_plot_draw(&screen, (top_area){0, 0, 6, 30}, &plot, &err));
    print(&screen);
    CHECK_CONTAINS(printed, "      1+11111");
    CHECK(strstr(printed, "2222") == NULL);
    top_screen_clear(&screen);
    CHECK_INT(top_plot_legend(&screen, (top_area){0, 0, 1, 30}, &plot), 17);
    print(&screen);
    CHECK_TEXT(printed, "1 a 1.00  2 b off\n");
    CHECK_INT(top_plot_legend(&screen, (top_area){0, 0, 1, 9}, &plot), 8); /* only the first fits */
    top_screen_deinit(&screen);
    check_end();
}

static void a_young_line_is_as_wide_as_its_life(void **state)
{
    (void)state;
    static const struct {
        int first, count, want;
    } rows[] = {{0, 60, 0}, {30, 60, 0}, {31, 60, 30}, {59, 60, 52}, {60, 60, 0}, {5, 6, 0}, {0, 0, 0}};
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        CHECK_INT(top_plot_trim(rows[i].first, rows[i].count), rows[i].want);
    }
    double values[60];
    for (int i = 0; i < 60; i++) {
        values[i] = i < 50 ? NAN : 5;
    }
    const top_plot_series series[] = {{values, "a", 0}};
    const top_plot plot = {.series = series,
                           .series_count = 1,
                           .count = 60,
                           .start_ms = INT64_C(1700000000000),
                           .step_ms = 1000,
                           .graph = TOP_GRAPH_ASCII};
    top_screen screen;
    ifm_error err;
    open_screen(&screen, false, 30, 6);
    CHECK(top_plot_draw(&screen, (top_area){0, 0, 6, 30}, &plot, &err));
    print(&screen);
    CHECK_CONTAINS(printed, "5s+  11111111111111111111\n");
    top_screen_deinit(&screen);
    check_end();
}

/* Whatever the values, nothing is drawn outside, and small areas stay empty. */
static void strange_values_and_areas_do_no_harm(void **state)
{
    (void)state;
    static const double values[] = {NAN, INFINITY, -INFINITY, -5, 1e308, 1e-308, 0};
    const top_plot_series series[] = {{values, "x", 0}, {values, "y", 40}};
    for (int graph = 0; graph < TOP_GRAPH_COUNT; graph++) {
        for (int width = 0; width < 40; width += 3) {
            for (int height = 0; height < 12; height++) {
                const top_plot plot = {.series = series,
                                       .series_count = 2,
                                       .count = height % 8,
                                       .step_ms = 1000,
                                       .graph = (top_graph)graph};
                top_screen screen;
                ifm_error err;
                open_screen(&screen, true, 50, 14);
                CHECK(top_plot_draw(&screen, (top_area){1, 1, height, width}, &plot, &err));
                for (int i = 0; i < 50; i++) {
                    CHECK_TEXT(screen.cells[i].text, " ");
                    CHECK_TEXT(screen.cells[13 * 50 + i].text, " ");
                }
                top_screen_deinit(&screen);
            }
        }
    }
    check_end();
}

static void heatmaps_put_buckets_on_a_logarithmic_axis(void **state)
{
    (void)state;
    static const top_heat_cell cells[] = {
        {0, 0.01, 0.1, 1}, {1, 0.1, 1, 100}, {2, 0.001, 0.01, 25}, {3, 0.001, 0.01, 0}, {9, 0.1, 1, 5},
    };
    const top_heat heat = {.cells = cells,
                           .cell_count = IFM_COUNT_OF(cells),
                           .columns = 4,
                           .start_ms = INT64_C(1700000000000),
                           .step_ms = 60000,
                           .unit = TOP_UNIT_SECONDS,
                           .graph = TOP_GRAPH_ASCII};
    top_screen screen;
    ifm_error err;
    double max;
    open_screen(&screen, false, 24, 8);
    CHECK(top_heat_draw(&screen, (top_area){0, 0, 8, 24}, &heat, &max, &err));
    print(&screen);
    CHECK_DOUBLE(round(max), 50);
    CHECK_CONTAINS(printed, "       |    ####\n"
                            "  100ms+    ####\n"
                            "       |....\n");
    CHECK_CONTAINS(printed, "       |        ===="); /* a quarter: its root is a half */
    top_screen_deinit(&screen);
    check_end();
}

static void heatmaps_of_strange_buckets_do_no_harm(void **state)
{
    (void)state;
    static const top_heat_cell cells[] = {
        {0, -INFINITY, INFINITY, 1},
        {0, 0, 0, 1},
        {1, 5, INFINITY, 1},
        {1, -1, 1e-300, INFINITY},
        {2, 1e-308, 1e308, 1},
        {2, 5e-324, 1, 1},
        {-1, 1, 2, 1},
        {100, 1, 2, 1},
        {0, 0, 1, NAN},
        {0, NAN, NAN, 1},
        {0, -5, -1, 1},
        {0, INFINITY, INFINITY, 1},
    };
    top_screen screen;
    ifm_error err;
    double max;
    open_screen(&screen, true, 60, 20);
    for (size_t i = 0; i < IFM_COUNT_OF(cells); i++) {
        for (size_t count = 1; i + count <= IFM_COUNT_OF(cells); count++) {
            const top_heat heat = {.cells = cells + i, .cell_count = count, .columns = 3, .step_ms = 1000};
            CHECK(top_heat_draw(&screen, (top_area){0, 0, 20, 60}, &heat, &max, &err));
        }
    }
    top_screen_deinit(&screen);
    check_end();
}

static bool plot_and_heat(void *context, ifm_error *err)
{
    static const double values[] = {1, 2, 3};
    static const top_heat_cell cell = {0, 1, 2, 3};
    const top_plot_series series[] = {{values, "x", 0}};
    const top_plot plot = {.series = series, .series_count = 1, .count = 3, .step_ms = 1000};
    const top_heat heat = {.cells = &cell, .cell_count = 1, .columns = 1, .step_ms = 1000};
    double max;
    top_screen *screen = context;
    return top_plot_draw(screen, (top_area){0, 0, 10, 40}, &plot, err) &&
           top_heat_draw(screen, (top_area){0, 0, 10, 40}, &heat, &max, err);
}

static void memory_that_is_out_is_said(void **state)
{
    (void)state;
    top_screen screen;
    open_screen(&screen, true, 40, 10);
    CHECK_INT(torture_allocations(plot_and_heat, &screen, TORTURE_MUST_FAIL), 2);
    top_screen_deinit(&screen);
    check_end();
}

int main(void)
{
    setenv("TZ", "UTC", 1);
    tzset();
    setlocale(LC_CTYPE, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(braille_has_a_dot_for_each_bit),
        cmocka_unit_test(lines_are_drawn_in_each_kind),
        cmocka_unit_test(sparklines_show_zero_gaps_and_the_most),
        cmocka_unit_test(bars_are_parts_of_their_width),
        cmocka_unit_test(plots_have_axes_with_units_and_times),
        cmocka_unit_test(hidden_lines_have_no_part_in_the_axis),
        cmocka_unit_test(a_young_line_is_as_wide_as_its_life),
        cmocka_unit_test(strange_values_and_areas_do_no_harm),
        cmocka_unit_test(heatmaps_put_buckets_on_a_logarithmic_axis),
        cmocka_unit_test(heatmaps_of_strange_buckets_do_no_harm),
        cmocka_unit_test(memory_that_is_out_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
