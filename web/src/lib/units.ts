// SPDX-License-Identifier: Apache-2.0
// Numbers with their units, as Grafana writes them: its ids, and the forms "suffix:", "prefix:", "time:",
// "si:", "count:", "currency:" and "bool:". The table holds facts of @grafana/data; web/compat compares the
// two.
import {
  count,
  currency,
  fixed,
  iec,
  plain,
  scaled,
  si,
  siOffset,
  type Formatted,
  type Formatter,
} from "./number";
import { dateBy, timeFormatters } from "./unittime";

export { fixed, type Formatted } from "./number";

// "id=unit", or "id=unit,offset" where values are in thousands, millions, ... of the unit.
const plainUnits =
  "humidity=%H dB=dB pixel=px accMS2=m/sec² accFS2=f/sec² accG=g degree=° radian=rad grad=grad " +
  "arcmin=arcmin arcsec=arcsec areaM2=m² areaF2=ft² areaMI2=mi² acres=ac hectares=ha ppm=ppm conppb=ppb " +
  "congm3=g/m³ conngm3=ng/m³ conngNm3=ng/Nm³ conμgm3=μg/m³ conμgNm3=μg/Nm³ conmgNm3=mg/Nm³ " +
  "congNm3=g/Nm³ conmgdL=mg/dL conmmolL=mmol/L conmgm3=mg/m³ dBm=dbm flowgpm=gpm flowcms=cms " +
  "flowcfs=cfs flowcfm=cfm litreh=L/h flowlpm=L/min flowmlpm=mL/min lux=lux masslb=lb masst=t " +
  "lengthcm=cm lengthin=in lengthft=ft lengthmi=mi pressurehpa=hPa pressurekpa=kPa rotrpm=rpm " +
  "rotrads=rad/s rotdegs=°/s celsius=°C fahrenheit=°F farenheit=°F kelvin=K velocityms=m/s " +
  "velocitykmh=km/h velocitymph=mph velocityknot=kn m3=m³ Nm3=Nm³ dm3=dm³ gallons=gal";
const siUnits =
  "sishort= candela=cd flops=FLOPS mflops=FLOPS,2 gflops=FLOPS,3 tflops=FLOPS,4 pflops=FLOPS,5 " +
  "eflops=FLOPS,6 zflops=FLOPS,7 yflops=FLOPS,8 decbytes=B decbits=b deckbytes=B,1 decmbytes=B,2 " +
  "decgbytes=B,3 dectbytes=B,4 decpbytes=B,5 pps=p/s Bps=B/s bps=b/s KBs=B/s,1 Kbits=b/s,1 MBs=B/s,2 " +
  "Mbits=b/s,2 GBs=B/s,3 Gbits=b/s,3 TBs=B/s,4 Tbits=b/s,4 PBs=B/s,5 Pbits=b/s,5 watt=W kwatt=W,1 " +
  "megwatt=W,2 gwatt=W,3 mwatt=W,-1 Wm2=W/m² voltamp=VA kvoltamp=VA,1 voltampreact=VAr " +
  "kvoltampreact=VAr,1 watth=Wh watthperkg=Wh/kg kwatth=Wh,1 kwattm=W-Min,1 mwatth=Wh,2 amph=Ah " +
  "kamph=Ah,1 mamph=Ah,-1 joule=J ev=eV amp=A kamp=A,1 mamp=A,-1 volt=V kvolt=V,1 mvolt=V,-1 mohm=Ω,-1 " +
  "ohm=Ω kohm=Ω,1 Mohm=Ω,2 farad=F µfarad=F,-2 nfarad=F,-3 pfarad=F,-4 ffarad=F,-5 henry=H mhenry=H,-1 " +
  "µhenry=H,-2 lumens=Lm forceNm=Nm forcekNm=Nm,1 forceN=N forcekN=N,1 Hs=H/s KHs=H/s,1 MHs=H/s,2 " +
  "GHs=H/s,3 THs=H/s,4 PHs=H/s,5 EHs=H/s,6 massmg=g,-1 massg=g masskg=g,1 lengthmm=m,-1 lengthm=m " +
  "lengthkm=m,1 pressurembar=bar,-1 pressurebar=bar pressurekbar=bar,1 pressurepa=Pa rothz=Hz " +
  "rotkhz=Hz,1 rotmhz=Hz,2 rotghz=Hz,3 hertz=Hz mlitre=L,-1 litre=L radbq=Bq radci=Ci radgy=Gy " +
  "radrad=rad radsv=Sv radmsv=Sv,-1 radusv=Sv,-2 radrem=rem radexpckg=C/kg radr=R radsvh=Sv/h " +
  "radmsvh=Sv/h,-1 radusvh=Sv/h,-2";
const iecUnits =
  "bytes=B bits=b kbytes=B,1 mbytes=B,2 gbytes=B,3 tbytes=B,4 pbytes=B,5 binBps=B/s binbps=b/s " +
  "KiBs=B/s,1 Kibits=b/s,1 MiBs=B/s,2 Mibits=b/s,2 GiBs=B/s,3 Gibits=b/s,3 TiBs=B/s,4 Tibits=b/s,4 " +
  "PiBs=B/s,5 Pibits=b/s,5";
const countUnits =
  "cps=c/s ops=ops/s reqps=req/s rps=rd/s wps=wr/s iops=io/s eps=evt/s mps=msg/s recps=rec/s " +
  "rowsps=rows/s cpm=c/m opm=ops/m reqpm=req/m rpm=rd/m wpm=wr/m epm=evts/m mpm=msgs/m recpm=rec/m " +
  "rowspm=rows/m";
const currencies =
  "USD=$ GBP=£ EUR=€ JPY=¥ BRL=R$ CHF=CHF PLN=PLN INR=₹ KRW=₩ CZK=czk ZAR=R ILS=₪ " +
  "RUB=₽ UAH=₴ BTC=฿ " +
  "mBTC=mBTC μBTC=μBTC IDR=Rp PHP=PHP MYR=RM XPF=XPF BGN=BGN PYG=₲ UYU=UYU";
const currenciesBehind = "DKK=kr ISK=kr NOK=kr SEK=kr TRY=₺ VND=đ";

const shortNames = ["", " K", " Mil", " Bil", " Tri", " Quadr", " Quint", " Sext", " Sept"];

function bool(yes: string, no: string): Formatter {
  return (value) => ({ text: value !== 0 && !Number.isNaN(value) ? yes : no });
}

function grouped(value: number, decimals: number | undefined): Formatted {
  const digits = Math.min(100, Math.max(0, decimals ?? 3));
  return { text: new Intl.NumberFormat("en-US", { maximumFractionDigits: digits }).format(value) };
}

function hex(prefix: string): Formatter {
  return (value, decimals) => {
    const text = Number(fixed(value, decimals)).toString(16).toUpperCase();
    return { text: text.startsWith("-") ? `-${prefix}${text.slice(1)}` : prefix + text };
  };
}

const special: Readonly<Record<string, Formatter>> = {
  ...timeFormatters,
  none: plain(""),
  string: (value) => ({ text: String(value) }),
  short: scaled(1000, shortNames),
  percent: (value, decimals) => ({ text: fixed(value, decimals), suffix: "%" }),
  percentunit: (value, decimals) => ({ text: fixed(100 * value, decimals), suffix: "%" }),
  hex: hex(""),
  hex0x: hex("0x"),
  sci: (value, decimals) => ({
    text: value.toExponential(decimals === undefined ? undefined : Math.min(100, Math.max(0, decimals))),
  }),
  locale: grouped,
  pressurepsi: scaled(1000, ["psi", "ksi", "Mpsi"]),
  pressurehg: plain('"Hg'),
  bool: bool("True", "False"),
  bool_yes_no: bool("Yes", "No"),
  bool_on_off: bool("On", "Off"),
};

let known: Map<string, Formatter> | null = null;

function table(): Map<string, Formatter> {
  if (known !== null) {
    return known;
  }
  const made = new Map(Object.entries(special));
  const add = (text: string, prefix: string, make: (unit: string, offset: number) => Formatter) => {
    for (const entry of text.split(" ")) {
      const [id = "", value = ""] = entry.split("=");
      const [unit = "", offset = "0"] = value.split(",");
      made.set(prefix + id, make(unit, Number(offset)));
    }
  };
  add(plainUnits, "", plain);
  add(siUnits, "", si);
  add(iecUnits, "", iec);
  add(countUnits, "", count);
  add(currencies, "currency", (symbol) => currency(symbol));
  add(currenciesBehind, "currency", (symbol) => currency(symbol, true));
  known = made;
  return made;
}

function financial(rest: string): Formatter {
  const [symbol = "", place = ""] = rest.split(":");
  return (value, decimals) => {
    const options = { minimumFractionDigits: decimals ?? 0, maximumFractionDigits: decimals ?? 1 };
    const text = new Intl.NumberFormat("en-US", options).format(value);
    return place === "suffix" ? { text, suffix: symbol } : { prefix: symbol, text };
  };
}

// Units that carry their text.
function form(kind: string, rest: string): Formatter | undefined {
  switch (kind) {
    case "suffix":
      return plain(rest);
    case "prefix":
      return (value, decimals) => ({ prefix: rest, text: fixed(value, decimals) });
    case "time":
      return dateBy(rest);
    case "si": {
      const offset = siOffset(rest.charAt(0));
      return offset === 0 ? si(rest) : si(rest.slice(1), offset);
    }
    case "count":
      return count(rest);
    case "currency":
      return rest.startsWith("financial:") ? financial(rest.slice("financial:".length)) : currency(rest);
    case "bool": {
      const slash = rest.indexOf("/");
      return slash < 0 ? bool(rest, "-") : bool(rest.slice(0, slash), rest.slice(slash + 1));
    }
    default:
      return undefined;
  }
}

function formatterOf(unit: string): Formatter | undefined {
  const found = table().get(unit);
  const colon = unit.indexOf(":");
  return found ?? (colon > 0 ? form(unit.slice(0, colon), unit.slice(colon + 1)) : undefined);
}

function isWord(unit: string): boolean {
  return unit.startsWith("bool");
}

// Units of points in time: their numbers are not rounded or trimmed.
export function isDateUnit(unit: string): boolean {
  return unit.startsWith("dateTime") || unit.startsWith("time:");
}

// Null is "": what stands for no value is the panel's decision. A unit nobody knows stands behind the number.
// What is no number, or has no end, has no unit. Without decimals, three digits count.
export function formatValue(value: number | null, unit = "", decimals?: number, utc = false): Formatted {
  if (value === null) {
    return { text: "" };
  }
  const formatter = formatterOf(unit) ?? plain(unit);
  return Number.isFinite(value) || isWord(unit) ? formatter(value, decimals, utc) : { text: fixed(value) };
}

export function joined(formatted: Formatted): string {
  return `${formatted.prefix ?? ""}${formatted.text}${formatted.suffix ?? ""}`;
}

export function formatText(value: number | null, unit = "", decimals?: number, utc = false): string {
  return joined(formatValue(value, unit, decimals, utc));
}
