/* SPDX-License-Identifier: Apache-2.0
 *
 * RE2's syntax, as Go's regexp/syntax reads it with its Perl flags: checked, and translated to PCRE2's, where
 * many things are written alike but mean something else ($, \s, \p{Greek}, flags, names of groups).
 */
#ifndef IFM_MODEL_REGEX_SYNTAX_H
#define IFM_MODEL_REGEX_SYNTAX_H

#include "model/labels.h"

/* Alternatives without anything but characters, perhaps with .* or .+ around a single one, are matched
 * without an engine. */
typedef struct regex_shape {
    bool simple;
    bool wrapped;      /* one group is around all of it */
    ifm_buf literals;  /* the bytes of all alternatives */
    ifm_buf ends;      /* uint32_t: where each but the last ends in `literals` */
    int before, after; /* the least number of bytes that anything stands for there; -1: nothing does */
    size_t start;      /* of the alternative being read, in `literals` */
    bool dot;          /* a dot came last; what repeats it decides */
} regex_shape;

/* The name of a group. */
typedef struct regex_name {
    uint32_t start, size; /* in the pattern */
} regex_name;

typedef struct regex_syntax {
    ifm_buf code;  /* the translation, of the pattern alone */
    ifm_buf names; /* regex_name of groups 1, 2, ..; size 0 without one */
    regex_shape shape;
} regex_syntax;

void regex_syntax_init(regex_syntax *syntax);
void regex_syntax_deinit(regex_syntax *syntax);

/* False with IFM_INVALID and Go's words, IFM_LIMIT or IFM_NOMEM. */
bool regex_syntax_read(regex_syntax *syntax, model_text pattern, ifm_error *err);

/* The shape is told what is read. */
void regex_shape_init(regex_shape *shape);
void regex_shape_deinit(regex_shape *shape);
void regex_shape_literal(regex_shape *shape, const char *bytes, size_t size);
void regex_shape_dot(regex_shape *shape);
void regex_shape_repeat(regex_shape *shape, int min, int max);
void regex_shape_alternative(regex_shape *shape);
void regex_shape_open(regex_shape *shape, bool at_start);
void regex_shape_close(regex_shape *shape, bool at_end);
void regex_shape_other(regex_shape *shape);

/* Of a simple shape: sorts the alternatives into *items, which ifm_free() frees. */
bool regex_shape_finish(regex_shape *shape, model_text **items, size_t *count, ifm_error *err);
bool regex_shape_matches(const regex_shape *shape, const model_text *items, size_t count, model_text text);

#endif
