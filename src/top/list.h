/* SPDX-License-Identifier: Apache-2.0
 *
 * Private to top: which items of a list a page shows. Items may have several lines, and are shown whole.
 *
 * Thread-safety: any.
 */
#ifndef TOP_LIST_H
#define TOP_LIST_H

#include <stdbool.h>
#include <stddef.h>

typedef struct top_list {
    int count;
    int first, shown; /* those on the page; at least one of a list that has any */
    int before;       /* how many the page before this one has room for */
    int first_max;    /* the first one of the last page */
    bool has_foot;    /* the last line says which of how many these are */
} top_list;

/* What is asked for; the list decides what it can have of it. */
typedef struct top_list_wanted {
    const unsigned char *heights; /* lines of each item; NULL: 1 */
    int count;
    int first;       /* of the page */
    int lines;       /* of the page, with its foot */
    size_t left_out; /* items that are not in the list, which the foot tells */
} top_list_wanted;

top_list top_list_lay_out(const top_list_wanted *wanted);

/* The first item of a page that has the item `at`: that of this page where it can be. */
int top_list_show(const top_list *list, int at);

/* All lines of the items. */
int top_list_lines(const unsigned char *heights, int count);

#endif
