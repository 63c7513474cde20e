// SPDX-License-Identifier: Apache-2.0
// Grafana's colours by name, its palette for series, and the schemes of scales.

export type Theme = "dark" | "light";

// A name, "#rrggbb", "rgb(...)": as CSS.
export function resolveColor(name: string, theme: Theme): string {
  void theme;
  return name;
}

// Of the n-th series of a panel.
export function seriesColor(index: number, theme: Theme): string {
  void theme;
  return ["#73bf69", "#f2cc0c", "#5794f2"][index % 3] as string;
}

// Of a name, the same wherever it stands ("palette-classic-by-name").
export function seriesColorByName(name: string, theme: Theme): string {
  return seriesColor(name.length, theme);
}

export function isScheme(mode: string): boolean {
  return mode.startsWith("continuous-");
}

// The stops of a scheme ("continuous-GrYlRd", "Oranges", "Spectral"), evenly spaced from 0 to 1, as "#rrggbb".
export function schemeStops(scheme: string, theme: Theme): readonly string[] {
  void scheme;
  return [seriesColor(0, theme), seriesColor(1, theme)];
}

// `ratio` 0 to 1.
export function schemeColor(scheme: string, ratio: number, theme: Theme): string {
  void ratio;
  return schemeStops(scheme, theme)[0] as string;
}
