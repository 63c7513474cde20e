/* SPDX-License-Identifier: Apache-2.0
 *
 * eq, ne, lt, le, gt, ge, as Go's templates have them: numbers with and without a point are not compared.
 */
#include "rules/template_impl.h"

static bool is_basic(template_kind kind)
{
    return kind >= TEMPLATE_BOOL && kind <= TEMPLATE_TEXT;
}

static bool check_pair(template_run *run, const template_value *a, const template_value *b)
{
    if (!is_basic(a->kind) || !is_basic(b->kind)) {
        return template_run_fail(run, "a %s cannot be compared with a %s", template_kind_name(a->kind),
                                 template_kind_name(b->kind));
    }
    return a->kind == b->kind ||
           template_run_fail(run, "incompatible types for comparison: %s and %s%s",
                             template_kind_name(a->kind), template_kind_name(b->kind),
                             (a->kind == TEMPLATE_INT && b->kind == TEMPLATE_FLOAT) ||
                                     (a->kind == TEMPLATE_FLOAT && b->kind == TEMPLATE_INT)
                                 ? "; hint: write 5.0, not 5, beside a value"
                                 : "");
}

static bool is_equal(template_run *run, const template_value *a, const template_value *b, bool *out)
{
    *out = a->kind == TEMPLATE_NIL && b->kind == TEMPLATE_NIL;
    if (*out) {
        return true;
    }
    if (!check_pair(run, a, b)) {
        return false;
    }
    switch (a->kind) {
    case TEMPLATE_BOOL:
        *out = a->truth == b->truth;
        break;
    case TEMPLATE_INT:
        *out = a->whole == b->whole;
        break;
    case TEMPLATE_FLOAT:
        *out = a->number == b->number;
        break;
    default:
        *out = model_text_equal(a->text, b->text);
    }
    return true;
}

static bool is_less(template_run *run, const template_value *a, const template_value *b, bool *out)
{
    if (!check_pair(run, a, b)) {
        return false;
    }
    switch (a->kind) {
    case TEMPLATE_BOOL:
        return template_run_fail(run, "true and false are not less than one another");
    case TEMPLATE_INT:
        *out = a->whole < b->whole;
        break;
    case TEMPLATE_FLOAT:
        *out = a->number < b->number;
        break;
    default:
        *out = model_text_compare(a->text, b->text) < 0;
    }
    return true;
}

static void answer(bool truth, template_value *out)
{
    *out = (template_value){.kind = TEMPLATE_BOOL, .truth = truth};
}

/* The first with each of the others: whether it is like one of them. */
bool template_equal(template_run *run, const template_value *arguments, size_t count, template_value *out)
{
    bool equal = false;
    for (size_t i = 1; i < count && !equal; i++) {
        if (!is_equal(run, &arguments[0], &arguments[i], &equal)) {
            return false;
        }
    }
    answer(equal, out);
    return true;
}

bool template_not_equal(template_run *run, const template_value *arguments, size_t count, template_value *out)
{
    if (!template_equal(run, arguments, count, out)) {
        return false;
    }
    out->truth = !out->truth;
    return true;
}

bool template_less(template_run *run, const template_value *arguments, size_t count, template_value *out)
{
    bool less = false;
    (void)count;
    bool ok = is_less(run, &arguments[0], &arguments[1], &less);
    answer(less, out);
    return ok;
}

bool template_less_equal(template_run *run, const template_value *arguments, size_t count,
                         template_value *out)
{
    bool less = false, equal = false;
    (void)count;
    bool ok = is_less(run, &arguments[0], &arguments[1], &less) &&
              is_equal(run, &arguments[0], &arguments[1], &equal);
    answer(less || equal, out);
    return ok;
}

/* In Go they are the opposites, which NaN shows. */
bool template_greater(template_run *run, const template_value *arguments, size_t count, template_value *out)
{
    bool ok = template_less_equal(run, arguments, count, out);
    out->truth = !out->truth;
    return ok;
}

bool template_greater_equal(template_run *run, const template_value *arguments, size_t count,
                            template_value *out)
{
    bool ok = template_less(run, arguments, count, out);
    out->truth = !out->truth;
    return ok;
}
