/* SPDX-License-Identifier: Apache-2.0
 *
 * No engine is needed: an alternative matches the empty text when all of its parts do, and a part does when
 * it is repeated zero times, or is an assertion that holds there, or a group of which an alternative does.
 */
#include "promql/regex_empty.h"

enum { REGEX_GROUPS_MAX = 1000 }; /* RE2 refuses patterns nested deeper than that */

/* Of one group, packed into two bits per level. */
enum { GROUP_ANY_EMPTY = 1, GROUP_THIS_EMPTY = 2 };

typedef struct regex {
    promql_text pattern;
    size_t at;
    size_t depth;
    bool atom_empty; /* of the atom before; it counts when the next begins */
    unsigned char groups[REGEX_GROUPS_MAX + 1];
} regex;

static bool regex_sees(const regex *r, const char *text)
{
    size_t size = strlen(text);
    return r->pattern.size - r->at >= size && memcmp(r->pattern.data + r->at, text, size) == 0;
}

static void regex_count_atom(regex *r)
{
    if (!r->atom_empty) {
        r->groups[r->depth] &= (unsigned char)~GROUP_THIS_EMPTY;
    }
    r->atom_empty = true;
}

static void regex_begin_alternative(regex *r)
{
    r->groups[r->depth] |= GROUP_THIS_EMPTY;
    r->atom_empty = true;
}

static void regex_end_alternative(regex *r)
{
    regex_count_atom(r);
    if ((r->groups[r->depth] & GROUP_THIS_EMPTY) != 0) {
        r->groups[r->depth] |= GROUP_ANY_EMPTY;
    }
}

/* Behind the opening parenthesis of a group: ?:, ?i:, ?P<name>, or ?i) which is no group. */
static bool regex_begin_group(regex *r)
{
    if (!regex_sees(r, "?")) {
        return true;
    }
    bool named = regex_sees(r, "?P<") || regex_sees(r, "?<");
    for (; r->at < r->pattern.size; r->at++) {
        char c = r->pattern.data[r->at];
        if ((named && c == '>') || (!named && (c == ':' || c == ')'))) {
            r->at++;
            return c != ')';
        }
    }
    return true;
}

static void regex_skip_class(regex *r)
{
    r->at += regex_sees(r, "^");
    r->at += regex_sees(r, "]"); /* first, it stands for itself */
    while (r->at < r->pattern.size && !regex_sees(r, "]")) {
        if (regex_sees(r, "[:")) {
            while (r->at < r->pattern.size && !regex_sees(r, ":]")) {
                r->at++;
            }
            r->at++;
        } else if (regex_sees(r, "\\")) {
            r->at++;
        }
        r->at++;
    }
    r->at++;
}

/* A text between \Q and \E, of which the beginning is taken: what repeats it, repeats its last character.
 * Returns whether it is empty. */
static bool regex_literal(regex *r)
{
    size_t start = r->at;
    while (r->at < r->pattern.size && !regex_sees(r, "\\E")) {
        r->at++;
    }
    size_t length = ifm_utf8_length(r->pattern.data + start, r->at - start);
    if (length > 1) {
        r->groups[r->depth] &= (unsigned char)~GROUP_THIS_EMPTY;
    }
    r->at += 2;
    return length == 0;
}

/* Behind a backslash. Returns whether the escape matches the empty text. */
static bool regex_escape(regex *r)
{
    char c = r->at < r->pattern.size ? r->pattern.data[r->at] : '\0';
    r->at++;
    if (c == 'Q') {
        return regex_literal(r);
    }
    if ((c == 'p' || c == 'P' || c == 'x') && regex_sees(r, "{")) {
        while (r->at < r->pattern.size && !regex_sees(r, "}")) {
            r->at++;
        }
        r->at++;
    } else if (c == 'p' || c == 'P') {
        r->at++;
    } else if (c == 'x') {
        r->at += 2;
    }
    return c == 'A' || c == 'z' || c == 'B' || c == 'E';
}

/* {n}, {n,} or {n,m} behind an atom. Returns whether it is one; *zero, whether n is 0. */
static bool regex_repeat(regex *r, bool *zero)
{
    size_t at = r->at + 1;
    size_t digits = at;
    *zero = true;
    for (; at < r->pattern.size && r->pattern.data[at] >= '0' && r->pattern.data[at] <= '9'; at++) {
        *zero = *zero && r->pattern.data[at] == '0';
    }
    if (at == digits) {
        return false;
    }
    if (at < r->pattern.size && r->pattern.data[at] == ',') {
        do {
            at++;
        } while (at < r->pattern.size && r->pattern.data[at] >= '0' && r->pattern.data[at] <= '9');
    }
    if (at >= r->pattern.size || r->pattern.data[at] != '}') {
        return false;
    }
    r->at = at + 1;
    return true;
}

/* The atom before is repeated, perhaps not even once. A question mark behind that makes it lazy. */
static void regex_repeated(regex *r, bool zero)
{
    r->atom_empty = r->atom_empty || zero;
    r->at += regex_sees(r, "?");
}

static bool regex_open(regex *r)
{
    regex_count_atom(r);
    if (regex_begin_group(r)) {
        if (r->depth == REGEX_GROUPS_MAX) {
            return false;
        }
        r->depth++;
        r->groups[r->depth] = 0;
        regex_begin_alternative(r);
    }
    return true;
}

static bool regex_close(regex *r)
{
    if (r->depth == 0) {
        return false;
    }
    regex_end_alternative(r);
    r->atom_empty = (r->groups[r->depth] & GROUP_ANY_EMPTY) != 0;
    r->depth--;
    return true;
}

/* Takes one atom or repetition. False when the pattern is not valid. */
static bool regex_step(regex *r)
{
    char c = r->pattern.data[r->at];
    bool zero;
    if (c == '{' && regex_repeat(r, &zero)) {
        regex_repeated(r, zero);
        return true;
    }
    r->at++;
    switch (c) {
    case '*':
    case '?':
    case '+':
        regex_repeated(r, c != '+');
        return true;
    case '|':
        regex_end_alternative(r);
        regex_begin_alternative(r);
        return true;
    case '(':
        return regex_open(r);
    case ')':
        return regex_close(r);
    default:
        regex_count_atom(r);
        r->atom_empty = c == '^' || c == '$' || (c == '\\' && regex_escape(r));
        if (c == '[') {
            regex_skip_class(r);
        }
        return true;
    }
}

bool promql_regex_matches_empty(promql_text pattern)
{
    regex r = {.pattern = pattern};
    regex_begin_alternative(&r);
    while (r.at < pattern.size) {
        if (!regex_step(&r)) {
            return false;
        }
    }
    regex_end_alternative(&r);
    return r.depth == 0 && (r.groups[0] & GROUP_ANY_EMPTY) != 0;
}
