/* SPDX-License-Identifier: Apache-2.0
 *
 * A pattern, a text and a replacement, divided by line feeds: the pattern is compiled or refused with Go's
 * words, and what it then does stays within its limits. Patterns of characters alone match themselves, and
 * nothing else.
 */
#include "model/model.h"

#include <stdlib.h>

enum { FUZZ_OUT_MAX = 1024 * 1024 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
    if (!condition) {
        abort();
    }
}

/* Takes what stands before the next line feed. */
static model_text take(const char **at, size_t *left)
{
    const char *end = memchr(*at, '\n', *left);
    model_text text = {*at, end == NULL ? *left : (size_t)(end - *at)};
    *at += text.size + (end != NULL);
    *left -= text.size + (end != NULL);
    return text;
}

static bool is_plain(model_text text)
{
    for (size_t i = 0; i < text.size; i++) {
        char c = text.data[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == ' ')) {
            return false;
        }
    }
    return true;
}

static void use(model_regex *regex, model_text pattern, model_text text, model_text replacement)
{
    ifm_error err = {.code = IFM_OK};
    ifm_error again = {.code = IFM_OK};
    ifm_buf out;
    bool expanded = false;
    bool matches = model_regex_matches(regex, text, &err);
    require(!matches || err.code == IFM_OK);
    require(err.code == IFM_OK || err.code == IFM_LIMIT || err.code == IFM_NOMEM);
    if (is_plain(pattern)) {
        require(matches == model_text_equal(pattern, text));
    }
    ifm_buf_init(&out, FUZZ_OUT_MAX);
    bool done = model_regex_expand(regex, text, replacement, &out, &expanded, &again);
    require(done == (again.code == IFM_OK));
    /* With an engine and without, it is the same. */
    require(err.code != IFM_OK || !done || matches == expanded);
    ifm_buf_deinit(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *at = (const char *)data;
    model_text pattern = take(&at, &size);
    model_text text = take(&at, &size);
    ifm_error err = {.code = IFM_OK};
    model_regex *regex = model_regex_new(pattern, &err);
    require((regex == NULL) == (err.code != IFM_OK));
    if (regex == NULL) {
        require(ifm_utf8_valid(err.message, strlen(err.message)));
        require(err.code != IFM_INVALID || strncmp(err.message, "error parsing regexp: ", 22) == 0);
        return 0;
    }
    use(regex, pattern, text, (model_text){at, size});
    model_regex_free(regex);
    return 0;
}
