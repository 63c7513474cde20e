/* SPDX-License-Identifier: Apache-2.0
 *
 * The extent of numbers and durations. Which of them are valid is found later, when they are read: the rules
 * here decide where the token ends, and follow Prometheus's to the byte, its oddities included (0xee is
 * refused, because the e begins an exponent that ends the text).
 */
#include "promql/lexer_impl.h"

static const char number_decimal[] = "0123456789";
static const char number_hexadecimal[] = "0123456789abcdefABCDEF";

static bool number_at_end(const promql_lexer *lexer)
{
    return promql_lexer_peek(lexer) < 0;
}

static bool number_followed_by_name(const promql_lexer *lexer)
{
    int next = promql_lexer_peek(lexer);
    return promql_is_letter(next) || promql_is_digit(next);
}

/* Takes a point, an exponent or an underscore, which must not repeat, and not be followed by each other. */
static bool number_accept_mark(promql_lexer *lexer, bool hexadecimal, bool *point, bool *exponent)
{
    if (promql_lexer_accept(lexer, ".")) {
        bool again = *point;
        *point = true;
        return !again && !promql_lexer_accept(lexer, "_.") && !hexadecimal;
    }
    if (promql_lexer_accept(lexer, "eE")) {
        if (*exponent) {
            return false;
        }
        *exponent = true;
        promql_lexer_accept(lexer, "+-");
    } else {
        promql_lexer_accept(lexer, "_");
    }
    return !promql_lexer_accept(lexer, "._eE") && !number_at_end(lexer);
}

static bool number_scan(promql_lexer *lexer)
{
    uint32_t before = lexer->at;
    bool hexadecimal = promql_lexer_accept(lexer, "0") && promql_lexer_accept(lexer, "xX");
    const char *digits = hexadecimal ? number_hexadecimal : number_decimal;
    if (hexadecimal) {
        promql_lexer_accept(lexer, "_");
    }
    promql_lexer_accept(lexer, ".");
    promql_lexer_accept(lexer, digits);
    bool point = false;
    bool exponent = false;
    for (;;) {
        if (promql_lexer_sees(lexer, "._eE")) {
            if (!number_accept_mark(lexer, hexadecimal, &point, &exponent)) {
                return false;
            }
        } else if (!promql_lexer_accept(lexer, digits)) {
            break;
        }
    }
    return lexer->at > before && !number_followed_by_name(lexer);
}

/* What follows the first digits of a duration: a unit, and then digits and units. */
static bool number_scan_duration(promql_lexer *lexer)
{
    if (!promql_lexer_accept(lexer, "smhdwy")) {
        return false;
    }
    promql_lexer_accept(lexer, "s"); /* ms; hs and the like are refused when the duration is read */
    while (promql_lexer_accept(lexer, number_decimal)) {
        while (promql_lexer_accept(lexer, number_decimal)) {
        }
        if (!promql_lexer_accept(lexer, "smhdw")) { /* years come first */
            return false;
        }
        promql_lexer_accept(lexer, "s");
    }
    if (number_followed_by_name(lexer)) {
        lexer->at++; /* for the message */
        return false;
    }
    return true;
}

promql_token promql_lexer_number(promql_lexer *lexer, ifm_error *err)
{
    lexer->in_duration = false;
    if (number_scan(lexer)) {
        return promql_lexer_emit(lexer, PROMQL_TOKEN_NUMBER);
    }
    if (number_scan_duration(lexer)) {
        return promql_lexer_emit(lexer, PROMQL_TOKEN_DURATION);
    }
    promql_text scanned = {lexer->text.data + lexer->start, lexer->at - lexer->start};
    return PROMQL_LEXER_FAIL(lexer, err, "bad number or duration syntax: %s", promql_show(scanned).text);
}
