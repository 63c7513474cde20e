/* SPDX-License-Identifier: Apache-2.0
 *
 * The ids of units that Grafana 13.2 knows, and "farenheit", which it takes too.
 */
#include "dashboard/units.h"

#include "base/base.h"

#include <string.h>

/* Sorted by their bytes. Micro is U+00B5 in some and the Greek letter U+03BC in others. */
static const char *const units[] = {
    /* clang-format off */
    "Bps", "EHs", "GBs", "GHs", "Gbits", "GiBs", "Gibits", "Hs", "KBs", "KHs", "Kbits", "KiBs", "Kibits",
    "MBs", "MHs", "Mbits", "MiBs", "Mibits", "Mohm", "Nm3", "PBs", "PHs", "Pbits", "PiBs", "Pibits",
    "TBs", "THs", "Tbits", "TiBs", "Tibits", "Wm2", "accFS2", "accG", "accMS2", "acres", "amp", "amph",
    "arcmin", "arcsec", "areaF2", "areaM2", "areaMI2", "binBps", "binbps", "bits", "bool", "bool_on_off",
    "bool_yes_no", "bps", "bytes", "candela", "celsius", "clockms", "clocks", "congNm3", "congm3",
    "conmgNm3", "conmgdL", "conmgm3", "conmmolL", "conngNm3", "conngm3", "conppb", "con\xCE\xBCgNm3",
    "con\xCE\xBCgm3", "cpm", "cps", "currencyBGN", "currencyBRL", "currencyBTC", "currencyCHF",
    "currencyCZK", "currencyDKK", "currencyEUR", "currencyGBP", "currencyIDR", "currencyILS",
    "currencyINR", "currencyISK", "currencyJPY", "currencyKRW", "currencyMYR", "currencyNOK",
    "currencyPHP", "currencyPLN", "currencyPYG", "currencyRUB", "currencySEK", "currencyTRY",
    "currencyUAH", "currencyUSD", "currencyUYU", "currencyVND", "currencyXPF", "currencyZAR",
    "currencymBTC", "currency\xCE\xBC" "BTC", "d", "dB", "dBm", "dateTimeAsIso",
    "dateTimeAsIsoNoDateIfToday", "dateTimeAsLocal", "dateTimeAsLocalNoDateIfToday", "dateTimeAsSystem",
    "dateTimeAsUS", "dateTimeAsUSNoDateIfToday", "dateTimeFromNow", "decbits", "decbytes", "decgbytes",
    "deckbytes", "decmbytes", "decpbytes", "dectbytes", "degree", "dm3", "dtdhms", "dtdurationms",
    "dtdurations", "dthms", "eflops", "epm", "eps", "ev", "fahrenheit", "farad", "farenheit", "ffarad",
    "flops", "flowcfm", "flowcfs", "flowcms", "flowgpm", "flowlpm", "flowmlpm", "forceN", "forceNm",
    "forcekN", "forcekNm", "gallons", "gbytes", "gflops", "grad", "gwatt", "h", "hectares", "henry",
    "hertz", "hex", "hex0x", "humidity", "iops", "joule", "kamp", "kamph", "kbytes", "kelvin", "kohm",
    "kvolt", "kvoltamp", "kvoltampreact", "kwatt", "kwatth", "kwattm", "lengthcm", "lengthft", "lengthin",
    "lengthkm", "lengthm", "lengthmi", "lengthmm", "litre", "litreh", "locale", "lumens", "lux", "m",
    "m3", "mamp", "mamph", "massg", "masskg", "masslb", "massmg", "masst", "mbytes", "megwatt", "mflops",
    "mhenry", "mlitre", "mohm", "mpm", "mps", "ms", "mvolt", "mwatt", "mwatth", "nfarad", "none", "ns",
    "ohm", "opm", "ops", "pbytes", "percent", "percentunit", "pfarad", "pflops", "pixel", "ppm", "pps",
    "pressurebar", "pressurehg", "pressurehpa", "pressurekbar", "pressurekpa", "pressurembar",
    "pressurepa", "pressurepsi", "radbq", "radci", "radexpckg", "radgy", "radian", "radmsv", "radmsvh",
    "radr", "radrad", "radrem", "radsv", "radsvh", "radusv", "radusvh", "recpm", "recps", "reqpm",
    "reqps", "rotdegs", "rotghz", "rothz", "rotkhz", "rotmhz", "rotrads", "rotrpm", "rowspm", "rowsps",
    "rpm", "rps", "s", "sci", "short", "sishort", "string", "tbytes", "tflops", "timeticks",
    "velocitykmh", "velocityknot", "velocitymph", "velocityms", "volt", "voltamp", "voltampreact", "watt",
    "watth", "watthperkg", "wpm", "wps", "yflops", "zflops", "\xC2\xB5" "farad", "\xC2\xB5henry",
    "\xC2\xB5s",
    /* clang-format on */
};

/* What stands before the colon of a unit that is described rather than named. */
static const char *const forms[] = {"prefix", "suffix", "time", "si", "count", "currency", "bool"};

static bool is_described(const char *unit)
{
    size_t size = strcspn(unit, ":");
    for (size_t i = 0; i < IFM_COUNT_OF(forms) && unit[size] == ':'; i++) {
        if (strlen(forms[i]) == size && memcmp(unit, forms[i], size) == 0) {
            return unit[size + 1] != '\0';
        }
    }
    return false;
}

bool dashboard_unit_is_known(const char *unit)
{
    size_t low = 0, high = IFM_COUNT_OF(units);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(unit, units[middle]);
        if (order == 0) {
            return true;
        }
        if (order < 0) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return *unit == '\0' || is_described(unit);
}
