/* SPDX-License-Identifier: Apache-2.0
 *
 * Numbers are read here and not by strtod() and its kin, which take what nobody means on a command line:
 * "0x10", "inf", " 5", "1e999".
 */
#include "common/args.h"

#include <errno.h>
#include <inferometer/endpoint.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool args_complain(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fprintf(stderr, "%s: ", program_invocation_short_name);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    return false;
}

int args_next(int argc, char **argv, const struct option *options)
{
    opterr = 0; /* getopt's own messages are no sentences */
    int option = getopt_long(argc, argv, ":", options, NULL);
    if (option == ':') {
        args_complain("%s wants a value; hint: --help lists all options", argv[optind - 1]);
        return ARGS_WRONG;
    }
    if (option == ARGS_WRONG) {
        /* A single letter is in optopt; then optind may still point at the word that it stands in. */
        char letter[] = {'-', (char)optopt, '\0'};
        bool is_letter = optopt > 0 && optopt < ARGS_FIRST;
        args_complain("there is no option \"%s\"; hint: --help lists all options",
                      is_letter ? letter : argv[optind - 1]);
    }
    return option;
}

/* Reads digits; false when there are none or the value does not fit. */
static bool read_digits(const char **text, uint64_t *out)
{
    const char *at = *text;
    uint64_t value = 0;
    for (; *at >= '0' && *at <= '9'; at++) {
        uint64_t digit = (uint64_t)(*at - '0');
        if (value > (UINT64_MAX - digit) / 10) {
            return false;
        }
        value = value * 10 + digit;
    }
    bool any = at != *text;
    *text = at;
    *out = value;
    return any;
}

bool args_whole(const char *option, const char *text, uint64_t min, uint64_t max, uint64_t *out)
{
    const char *at = text;
    uint64_t value;
    if (!read_digits(&at, &value) || *at != '\0' || value < min || value > max) {
        return args_complain("%s \"%s\" is not a whole number from %llu to %llu", option, text,
                             (unsigned long long)min, (unsigned long long)max);
    }
    *out = value;
    return true;
}

bool args_number(const char *option, const char *text, double max, double *out)
{
    const char *at = text;
    uint64_t whole;
    bool ok = read_digits(&at, &whole);
    double value = ok ? (double)whole : 0;
    if (ok && *at == '.') {
        double place = 0.1;
        for (at++; *at >= '0' && *at <= '9'; at++, place /= 10) {
            value += (*at - '0') * place;
        }
    }
    if (!ok || *at != '\0' || !(value > 0) || value > max) {
        return args_complain("%s \"%s\" is not a number above 0 and up to %.0f", option, text, max);
    }
    *out = value;
    return true;
}

bool args_port(const char *text, int *out)
{
    if (strcmp(text, "any") == 0) {
        *out = IFM_ENDPOINT_PORT_ANY;
        return true;
    }
    const char *at = text;
    uint64_t value;
    if (!read_digits(&at, &value) || *at != '\0' || value < 1 || value > 65535) {
        return args_complain("--port \"%s\" is not a port; hint: give a number from 1 to 65535, or any",
                             text);
    }
    *out = (int)value;
    return true;
}

bool args_monitoring(const char *text, ifm_monitoring *out)
{
    static const struct {
        const char *name;
        ifm_monitoring monitoring;
    } known[] = {
        {"none", IFM_MONITORING_NONE},
        {"stack", IFM_MONITORING_STACK},
        {"embedded", IFM_MONITORING_EMBEDDED},
        {"auto", IFM_MONITORING_AUTO},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (strcmp(text, known[i].name) == 0) {
            *out = known[i].monitoring;
            return true;
        }
    }
    return args_complain("--monitoring \"%s\" is none of none, stack, embedded, auto", text);
}
