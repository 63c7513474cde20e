/* SPDX-License-Identifier: Apache-2.0
 *
 * Matchers of labels, and the regular expressions in them: RE2's syntax only, anchored at both ends, dot
 * matches a line feed. A pattern may cost an error, never a hang.
 *
 * Thread-safety: a compiled one may be used by one thread at a time (it owns scratch memory).
 */
#ifndef IFM_MODEL_MATCHER_H
#define IFM_MODEL_MATCHER_H

#include "model/labels.h"

typedef struct model_regex model_regex;

/* Compiles ^(?s:PATTERN)$. What RE2 refuses is refused (IFM_INVALID, with Go's words: "error parsing regexp:
 * ..."). Freed with model_regex_free(). */
model_regex *model_regex_new(model_text pattern, ifm_error *err);
void model_regex_free(model_regex *regex);

/* One that may match a part of a text, as Go's regexp.MatchString(): PATTERN, in which a dot does not match a
 * line feed. */
model_regex *model_regex_new_search(model_text pattern, ifm_error *err);

/* Whether model_regex_new() takes the pattern for RE2's syntax; cheap. Errors as there. */
bool model_regex_check(model_text pattern, ifm_error *err);

/* Whether it matches all of `text`. False also when *err is set: IFM_LIMIT, the pattern backtracks too
 * much. */
bool model_regex_matches(model_regex *regex, model_text text, ifm_error *err);

/* When it matches all of `text`, appends `replacement` with $1 and ${name} expanded as Go's Regexp.Expand()
 * does; *matched says whether. False with IFM_LIMIT or IFM_NOMEM. */
bool model_regex_expand(model_regex *regex, model_text text, model_text replacement, ifm_buf *out,
                        bool *matched, ifm_error *err);

/* Of model_regex_new_search(): appends `text` with all that matches replaced, as Go's ReplaceAllString()
 * does. False with IFM_LIMIT or IFM_NOMEM. */
bool model_regex_replace_all(model_regex *regex, model_text text, model_text replacement, ifm_buf *out,
                             ifm_error *err);

typedef enum model_match { MODEL_EQUAL, MODEL_NOT_EQUAL, MODEL_REGEX, MODEL_NOT_REGEX } model_match;

typedef struct model_matcher {
    model_text name;
    model_text value;
    model_match match;
    model_regex *regex; /* of MODEL_REGEX and MODEL_NOT_REGEX; whoever compiled it frees it */
} model_matcher;

/* Whether a label with this value (empty: none) matches. *err is set as of model_regex_matches(). */
bool model_matcher_matches(const model_matcher *matcher, model_text value, ifm_error *err);

#endif
