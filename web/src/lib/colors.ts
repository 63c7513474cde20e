// SPDX-License-Identifier: Apache-2.0
// Grafana's colours by name, its palettes for series, and the continuous schemes of values. The hexadecimal
// numbers are facts of @grafana/data and d3-scale-chromatic; web/compat compares them. (Schemes of heatmaps:
// charts/heatcolor.ts.)

export type Theme = "dark" | "light";

type Rgb = readonly [number, number, number];

// Of each hue: super-light, light, itself, semi-dark, dark.
const hues: Readonly<Record<Theme, Readonly<Record<string, string>>>> = {
  dark: {
    red: "ffa6b0 ff7383 f2495c e02f44 c4162a",
    orange: "ffcb7d ffb357 ff9830 ff780a fa6400",
    yellow: "fff899 ffee52 fade2a f2cc0c e0b400",
    green: "c8f2c2 96d98d 73bf69 56a64b 37872d",
    blue: "c0d8ff 8ab8ff 5794f2 3274d9 1f60c4",
    purple: "deb6f2 ca95e5 b877d9 a352cc 8f3bb8",
  },
  light: {
    red: "ff7383 f2495c e02f44 c4162a ad0317",
    orange: "ffb357 ff9830 ff780a fa6400 e55400",
    yellow: "ffee52 fade2a f2cc0c e0b400 cc9d00",
    green: "96d98d 73bf69 56a64b 37872d 19730e",
    blue: "8ab8ff 5794f2 3274d9 1f60c4 1250b0",
    purple: "ca95e5 b877d9 a352cc 8f3bb8 7c2ea3",
  },
};
const shades = ["super-light-", "light-", "", "semi-dark-", "dark-"];

const others: Readonly<Record<Theme, Readonly<Record<string, string>>>> = {
  dark: { transparent: "#00000000", "panel-bg": "#181b1f", text: "#ccccdc" },
  light: { transparent: "#ffffff00", "panel-bg": "#ffffff", text: "#24292e" },
};

const classic = (
  "green semi-dark-yellow blue orange red purple dark-green dark-yellow dark-blue dark-orange dark-red " +
  "dark-purple super-light-green super-light-yellow super-light-blue super-light-orange super-light-red " +
  "super-light-purple #447ebc #c15c17 #890f02 #0a437c #6d1f62 #584477 #b7dbab #f4d598 #70dbed #f9ba8f " +
  "#f29191 #82b5d8 #e5a8e2 #aea2e0 #629e51 #e5ac0e #64b0c8 #e0752d #bf1b00 #0a50a1 #962d82 #614d93 " +
  "#9ac48a #f2c96d #65c5db #f9934e #ea6460 #5195ce #d683ce #806eb7 #3f6833 #967302 #2f575e #99440a " +
  "#58140c #052b51 #511749 #3f2b5b #e0f9d7 #fceaca #cffaff #f9e2d2 #fce2de #badff4 #f9d9f9 #dedaf7"
).split(" ");
const colorblind = "#0072b2 #e69f00 #009e73 #cc79a7 #56b4e9 #d55e00 #f0e442 #000000 #ffffff".split(" ");

const fallback = "#808080";

function own(table: Readonly<Record<string, string>>, name: string): string | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

function named(name: string, theme: Theme): string | undefined {
  const parts = /^(super-light-|light-|semi-dark-|dark-)?([a-z]+)$/.exec(name);
  const row = parts === null ? undefined : own(hues[theme], parts[2] as string);
  const hex = row?.split(" ")[shades.indexOf(parts?.[1] ?? "")];
  return hex === undefined ? own(others[theme], name) : `#${hex}`;
}

// A name, "#rrggbb", "rgb(...)": as CSS. What is no colour is grey.
export function resolveColor(name: string, theme: Theme): string {
  const text = name.trim();
  const known = named(text, theme);
  if (known !== undefined) {
    return known;
  }
  const css = /^(#[0-9a-f]{3,8}|[a-z]+|(rgb|hsl)a?\([\d\s.,%/]+\))$/i.test(text);
  return css ? text.toLowerCase() : fallback;
}

function rgbOf(hex: string): Rgb {
  const number = parseInt(hex.slice(1, 7), 16);
  return [(number >> 16) & 255, (number >> 8) & 255, number & 255];
}

function hexOf(rgb: readonly number[]): string {
  return `#${rgb
    .map((part) =>
      Math.round(Math.min(255, Math.max(0, part)))
        .toString(16)
        .padStart(2, "0"),
    )
    .join("")}`;
}

function luminance(hex: string): number {
  const [red, green, blue] = rgbOf(hex).map((part) => {
    const share = part / 255;
    return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

// As many times brighter than the panel, or darker (WCAG 2).
function contrast(hex: string, theme: Theme): number {
  const [one, two] = [luminance(hex), luminance(others[theme]["panel-bg"] as string)];
  return (Math.max(one, two) + 0.05) / (Math.min(one, two) + 0.05);
}

const contrastLeast = 3; // of colours that nobody chose: below, a line is not seen on its panel

function at(palette: readonly string[], index: number, theme: Theme): string {
  return resolveColor(palette[Math.abs(index) % palette.length] as string, theme);
}

// Of the n-th series of a panel.
export function seriesColor(index: number, theme: Theme): string {
  return at(classic, index, theme);
}

// What string-hash gives: djb2 from the end, by exclusive or.
function hash(text: string): number {
  let sum = 5381;
  for (let i = text.length - 1; i >= 0; i--) {
    sum = Math.imul(sum, 33) ^ text.charCodeAt(i);
  }
  return sum >>> 0;
}

function visible(palette: readonly string[], theme: Theme): string[] {
  return palette
    .map((name) => resolveColor(name, theme))
    .filter((hex) => contrast(hex, theme) >= contrastLeast);
}

// Of a name, the same wherever it stands ("palette-classic-by-name").
export function seriesColorByName(name: string, theme: Theme): string {
  return at(visible(classic, theme), hash(name), theme);
}

// Told apart also by those who see fewer colours ("palette-colorblind").
export function seriesColorSafe(index: number, theme: Theme): string {
  return at(visible(colorblind, theme), index, theme);
}

const schemes: Readonly<Record<string, string>> = {
  GrYlRd: "green yellow red",
  RdYlGr: "red yellow green",
  BlYlRd: "dark-blue super-light-yellow dark-red",
  YlRd: "super-light-yellow dark-red",
  BlPu: "blue purple",
  YlBl: "super-light-yellow dark-blue",
  blues: "panel-bg dark-blue",
  reds: "panel-bg dark-red",
  greens: "panel-bg dark-green",
  purples: "panel-bg dark-purple",
};
// Sampled from d3-scale-chromatic at even distances.
const sampled: Readonly<Record<string, string>> = {
  viridis:
    "440154 48186a 472d7b 424086 3b528b 33638d 2c728e 26828e 21918c " +
    "1fa088 28ae80 3fbc73 5ec962 84d44b addc30 d8e219 fde725",
  magma:
    "000004 0a0822 1d1147 36106b 51127c 6a1c81 832681 9c2e7f b73779 " +
    "d0416f e75263 f56b5c fc8961 fea772 fec488 fde2a3 fcfdbf",
  plasma:
    "0d0887 310597 4c02a1 6600a7 7e03a8 9511a1 aa2395 bc3587 cc4778 " +
    "da5a6a e66c5c f0804e f89540 fdac33 fdc527 f8df25 f0f921",
  inferno:
    "000004 0b0724 210c4a 3d0965 57106e 71196e 8a226a a32c61 bc3754 " +
    "d24644 e45a31 f1731d f98e09 fcac11 f9cb35 f2ea69 fcffa4",
  cividis:
    "002051 012b65 11366c 26426e 3c4d6e 51586e 62646f 727071 7f7c75 " +
    "8c8877 9a9478 a9a177 bbaf71 cebd68 e2cb5c f3da4f fdea45",
};

export function isScheme(mode: string): boolean {
  const name = mode.replace(/^continuous-/, "");
  return mode !== name && (Object.hasOwn(schemes, name) || Object.hasOwn(sampled, name));
}

// The stops of "continuous-GrYlRd" and the like, evenly spaced from 0 to 1, as "#rrggbb".
export function schemeStops(mode: string, theme: Theme): readonly string[] {
  const name = mode.replace(/^continuous-/, "");
  const samples = Object.hasOwn(sampled, name) ? sampled[name] : undefined;
  if (samples !== undefined) {
    return samples.split(" ").map((hex) => `#${hex}`);
  }
  const colors = (Object.hasOwn(schemes, name) && schemes[name]) || (schemes["GrYlRd"] as string);
  return colors.split(" ").map((color) => resolveColor(color, theme));
}

// A uniform cubic B-spline through the ends: how Grafana, by d3, mixes the colours of a scheme.
function spline(values: readonly number[], ratio: number): number {
  const last = values.length - 1;
  const t = Math.min(1, Math.max(0, ratio));
  const index = t >= 1 ? last - 1 : Math.floor(t * last);
  const from = values[index] as number;
  const to = values[index + 1] as number;
  const before = index > 0 ? (values[index - 1] as number) : 2 * from - to;
  const after = index < last - 1 ? (values[index + 2] as number) : 2 * to - from;
  const u = (t - index / last) * last;
  const [u2, u3] = [u * u, u * u * u];
  const weights = [1 - 3 * u + 3 * u2 - u3, 4 - 6 * u2 + 3 * u3, 1 + 3 * u + 3 * u2 - 3 * u3, u3] as const;
  return (weights[0] * before + weights[1] * from + weights[2] * to + weights[3] * after) / 6;
}

function linear(values: readonly number[], ratio: number): number {
  const place = Math.min(1, Math.max(0, ratio)) * (values.length - 1);
  const index = Math.min(values.length - 2, Math.floor(place));
  const from = values[index] as number;
  return from + ((values[index + 1] as number) - from) * (place - index);
}

// `ratio` 0 to 1; outside, the colour of the end.
export function schemeColor(mode: string, ratio: number, theme: Theme): string {
  const stops = schemeStops(mode, theme).map(rgbOf);
  const mix = Object.hasOwn(sampled, mode.replace(/^continuous-/, "")) ? linear : spline;
  return hexOf(
    [0, 1, 2].map((channel) =>
      mix(
        stops.map((rgb) => rgb[channel] as number),
        ratio,
      ),
    ),
  );
}

function hslOf([red, green, blue]: Rgb): [hue: number, saturation: number, lightness: number] {
  const [r, g, b] = [red / 255, green / 255, blue / 255];
  const [most, least] = [Math.max(r, g, b), Math.min(r, g, b)];
  const [light, span] = [(most + least) / 2, most - least];
  if (span === 0) {
    return [0, 0, light];
  }
  const hue =
    most === r ? (g - b) / span + (g < b ? 6 : 0) : most === g ? (b - r) / span + 2 : (r - g) / span + 4;
  return [hue * 60, span / (light > 0.5 ? 2 - most - least : most + least), light];
}

function fromHsl(hue: number, saturation: number, lightness: number): Rgb {
  const reach = saturation * Math.min(lightness, 1 - lightness);
  const channel = (shift: number) => {
    const k = (shift + ((hue % 360) + 360) / 30) % 12;
    return Math.round(255 * (lightness - reach * Math.max(-1, Math.min(k - 3, 9 - k, 1))));
  };
  return [channel(0), channel(8), channel(4)];
}

// The n-th of the shades of a colour ("shades"): turned a little, and brighter and darker by turns.
export function shadeOf(color: string, index: number, theme: Theme): string {
  const base = resolveColor(color, theme);
  const step = Math.ceil((index % 11) / 2);
  if (!/^#[0-9a-f]{6}$/.test(base) || step === 0) {
    return base;
  }
  const [hue, saturation, lightness] = hslOf(rgbOf(base));
  const share = step / 6;
  if ((index % 11) % 2 === 1) {
    return hexOf(
      fromHsl(hue + share * 10, saturation, lightness).map((part) => part + Math.round(255 * share * 0.35)),
    );
  }
  return hexOf(fromHsl(hue - share * 10, saturation, Math.max(0, lightness - share * 0.35)));
}
