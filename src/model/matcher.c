/* SPDX-License-Identifier: Apache-2.0 */
#include "model/matcher.h"

bool model_matcher_matches(const model_matcher *matcher, model_text value, ifm_error *err)
{
    switch (matcher->match) {
    case MODEL_EQUAL:
        return model_text_equal(matcher->value, value);
    case MODEL_NOT_EQUAL:
        return !model_text_equal(matcher->value, value);
    case MODEL_REGEX:
        return model_regex_matches(matcher->regex, value, err);
    default: {
        ifm_error failure; /* false means two things, and *err may be set already */
        failure.code = IFM_OK;
        bool matches = model_regex_matches(matcher->regex, value, &failure);
        if (failure.code != IFM_OK) {
            *err = failure;
            return false;
        }
        return !matches;
    }
    }
}
