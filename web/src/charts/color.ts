// SPDX-License-Identifier: Apache-2.0
// Colours as numbers: opacity, mixing, contrast. Those of a canvas are taken from the page's variables once
// for each theme.

export type Rgb = readonly [red: number, green: number, blue: number];

export function parseHex(color: string): Rgb | null {
  const hex = /^#([0-9a-f]{3}|[0-9a-f]{6})([0-9a-f]{2})?$/i.exec(color.trim())?.[1];
  if (hex === undefined) {
    return null;
  }
  const full = hex.length === 3 ? [...hex].map((digit) => digit + digit).join("") : hex;
  const number = parseInt(full, 16);
  return [(number >> 16) & 255, (number >> 8) & 255, number & 255];
}

function parseRgb(color: string): Rgb | null {
  const parts = /^rgba?\(\s*([\d.]+)[\s,]+([\d.]+)[\s,]+([\d.]+)/i.exec(color.trim());
  return parts === null ? null : [Number(parts[1]), Number(parts[2]), Number(parts[3])];
}

export function toHex(rgb: Rgb): string {
  return `#${rgb
    .map((part) =>
      Math.round(Math.min(255, Math.max(0, part)))
        .toString(16)
        .padStart(2, "0"),
    )
    .join("")}`;
}

export function mix(from: Rgb, to: Rgb, share: number): Rgb {
  const at = (index: 0 | 1 | 2) => from[index] + (to[index] - from[index]) * share;
  return [at(0), at(1), at(2)];
}

// Relative luminance, 0 to 1 (WCAG 2).
export function luminance(rgb: Rgb): number {
  const linear = (part: number) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * linear(rgb[0]) + 0.7152 * linear(rgb[1]) + 0.0722 * linear(rgb[2]);
}

// What can be read on that colour.
export function textOn(rgb: Rgb): "#000000" | "#ffffff" {
  return luminance(rgb) > 0.179 ? "#000000" : "#ffffff";
}

function contrast(a: number, b: number): number {
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

// The colour, made darker or lighter until text of it can be read on that ground.
export function legible(rgb: Rgb, ground: Rgb, wanted = 4.5): Rgb {
  const under = luminance(ground);
  const end: Rgb = under > 0.18 ? [0, 0, 0] : [255, 255, 255];
  for (let share = 0; share < 1; share += 0.08) {
    const tried = mix(rgb, end, share);
    if (contrast(luminance(tried), under) >= wanted) {
      return tried;
    }
  }
  return end;
}

const inks = new Map<string, string>();

// The same for a colour on a panel.
export function ink(color: string, theme: string): string {
  const key = `${theme} ${color}`;
  const found = inks.get(key);
  if (found !== undefined) {
    return found;
  }
  const made = toHex(legible(readColor(color, theme), readColor("var(--panel)", theme)));
  inks.set(key, made);
  return made;
}

const known = new Map<string, Rgb>(); // colours that only the browser can read, by theme and name
let probe: HTMLElement | null = null;

// Any CSS colour, variables included. What the browser cannot read is grey.
export function readColor(color: string, theme: string): Rgb {
  const direct = parseHex(color) ?? parseRgb(color);
  if (direct !== null) {
    return direct;
  }
  const key = `${theme} ${color}`;
  const found = known.get(key);
  if (found !== undefined || typeof document === "undefined") {
    return found ?? [128, 128, 128];
  }
  if (probe === null) {
    probe = document.createElement("span");
    probe.hidden = true;
    document.body.appendChild(probe);
  }
  probe.style.color = "#808080";
  probe.style.color = color;
  const rgb = parseRgb(getComputedStyle(probe).color) ?? [128, 128, 128];
  known.set(key, rgb);
  return rgb;
}

export function withAlpha(color: string, alpha: number, theme: string): string {
  const [red, green, blue] = readColor(color, theme);
  return `rgba(${red},${green},${blue},${Math.min(1, Math.max(0, alpha))})`;
}

export interface CanvasColors {
  readonly theme: string;
  readonly panel: string;
  readonly text: string;
  readonly muted: string;
  readonly grid: string;
  readonly border: string;
  readonly accent: string;
  readonly font: string; // with its size
}

const palettes = new Map<string, CanvasColors>();

export function canvasColors(theme: string): CanvasColors {
  const found = palettes.get(theme);
  if (found !== undefined) {
    return found;
  }
  const name = (variable: string) => toHex(readColor(`var(--${variable})`, theme));
  const colors: CanvasColors = {
    theme,
    panel: name("panel"),
    text: name("text"),
    muted: name("muted"),
    grid: name("grid"),
    border: name("border"),
    accent: name("accent"),
    font: `12px ${getComputedStyle(document.body).fontFamily}`,
  };
  palettes.set(theme, colors);
  return colors;
}
