/* SPDX-License-Identifier: Apache-2.0 */
#include "top/list.h"

static int height_of(const unsigned char *heights, int i)
{
    return heights != NULL ? heights[i] : 1;
}

int top_list_lines(const unsigned char *heights, int count)
{
    int lines = 0;
    for (int i = 0; i < count; i++) {
        lines += height_of(heights, i);
    }
    return lines;
}

/* How many of those before `end` fit, at least one. */
static int fit_before(const unsigned char *heights, int end, int lines)
{
    int count = 0;
    for (int used = 0; count < end; count++) {
        used += height_of(heights, end - 1 - count);
        if (used > lines) {
            break;
        }
    }
    return count > 0 ? count : 1;
}

static int fit_from(const top_list_wanted *wanted, int first, int lines)
{
    int count = 0;
    for (int used = 0; first + count < wanted->count; count++) {
        used += height_of(wanted->heights, first + count);
        if (used > lines) {
            break;
        }
    }
    return count > 0 ? count : 1;
}

top_list top_list_lay_out(const top_list_wanted *wanted)
{
    int count = wanted->count, lines = wanted->lines;
    if (count <= 0) {
        return (top_list){.count = 0};
    }
    if (top_list_lines(wanted->heights, count) <= lines && wanted->left_out == 0) {
        return (top_list){.count = count, .shown = count, .before = 1};
    }
    top_list out = {.count = count, .has_foot = lines > 1};
    lines -= out.has_foot ? 1 : 0;
    out.first_max = count - fit_before(wanted->heights, count, lines);
    out.first = wanted->first < 0 ? 0 : wanted->first > out.first_max ? out.first_max : wanted->first;
    out.shown = fit_from(wanted, out.first, lines);
    out.before = fit_before(wanted->heights, out.first, lines);
    return out;
}

int top_list_show(const top_list *list, int at)
{
    return at < list->first ? at : at >= list->first + list->shown ? at - list->shown + 1 : list->first;
}
