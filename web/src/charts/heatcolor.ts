// SPDX-License-Identifier: Apache-2.0
// Colours of counts. A scheme is a row of anchors between which colours are mixed; their names are those that
// dashboards use (ColorBrewer's, matplotlib's and d3's).
import { mix, parseHex, toHex, type Rgb } from "./color";

type Turn = "dark" | "light" | "always"; // themes in which the scheme runs from its other end

const schemes: Readonly<Record<string, readonly [anchors: string, turn: Turn]>> = {
  Spectral: ["9e0142d53e4ffdae61ffffbfabdda43288bd5e4fa2", "always"],
  RdYlGn: ["a50026f46d43fee08bffffbfa6d96a66bd63006837", "always"],
  RdYlBu: ["a50026f46d43fee090ffffbfabd9e974add1313695", "always"],
  RdBu: ["67001fd6604dfddbc7f7f7f7d1e5f04393c3053061", "always"],
  RdGy: ["67001fd6604dfddbc7ffffffe0e0e08787871a1a1a", "always"],
  PuOr: ["7f3b08e08214fee0b6f7f7f7d8daeb8073ac2d004b", "always"],
  PRGn: ["40004b9970abe7d4e8f7f7f7d9f0d35aae6100441b", "always"],
  PiYG: ["8e0152de77aefde0eff7f7f7e6f5d07fbc41276419", "always"],
  BrBG: ["543005bf812df6e8c3f5f5f5c7eae535978f003c30", "always"],
  Blues: ["f7fbffc6dbef6baed62171b508306b", "dark"],
  Greens: ["f7fcf5c7e9c074c476238b4500441b", "dark"],
  Greys: ["ffffffd9d9d9969696525252000000", "dark"],
  Oranges: ["fff5ebfdd0a2fd8d3cd948017f2704", "dark"],
  Purples: ["fcfbfddadaeb9e9ac86a51a33f007d", "dark"],
  Reds: ["fff5f0fcbba1fb6a4acb181d67000d", "dark"],
  BuGn: ["f7fcfdccece666c2a4238b4500441b", "dark"],
  BuPu: ["f7fcfdbfd3e68c96c688419d4d004b", "dark"],
  GnBu: ["f7fcf0ccebc57bccc42b8cbe084081", "dark"],
  OrRd: ["fff7ecfdd49efc8d59d7301f7f0000", "dark"],
  PuBuGn: ["fff7fbd0d1e667a9cf02818a014636", "dark"],
  PuBu: ["fff7fbd0d1e674a9cf0570b0023858", "dark"],
  PuRd: ["f7f4f9d4b9dadf65b0ce125667001f", "dark"],
  RdPu: ["fff7f3fcc5c0f768a1ae017e49006a", "dark"],
  YlGnBu: ["ffffd9c7e9b441b6c4225ea8081d58", "dark"],
  YlGn: ["ffffe5d9f0a378c679238443004529", "dark"],
  YlOrBr: ["ffffe5fee391fe9929cc4c02662506", "dark"],
  YlOrRd: ["ffffccfed976fd8d3ce31a1c800026", "dark"],
  Viridis: ["4401544144872a788e22a8847ad151fde725", "light"],
  Magma: ["00000432105e8c2981de4968fe9f6dfcfdbf", "light"],
  Inferno: ["000004420a68932667dd513afca50afcffa4", "light"],
  Plasma: ["0d08876a00a8b12a90e16462fca636f0f921", "light"],
  Cividis: ["00224e35456c666970948e77c8b866fee838", "light"],
  Turbo: ["30123b4686fb1ae4b6a2fc3cfaba39e4460a7a0403", "light"],
  Warm: ["6e40aabf3cafff5e63efa72faff05b", "light"],
  Cool: ["6e40aa4c6edb23abd81ddfa3aff05b", "light"],
  Cubehelix: ["0000001a2441256e3f7b8d3bd794c2dfe6f7ffffff", "light"],
  Rainbow: ["6e40aaff5e63aff05b1ddfa34c6edb6e40aa", "light"],
  Sinebow: ["ff404080bf0000ffc0407fffff40bfff4040", "light"],
};

function anchorsOf(name: string): readonly [Rgb[], Turn] {
  const [text, turn] = schemes[name] ?? schemes["Oranges"] ?? ["ffffff000000", "dark"];
  const anchors: Rgb[] = [];
  for (let i = 0; i + 6 <= text.length; i += 6) {
    anchors.push(parseHex(`#${text.slice(i, i + 6)}`) ?? [0, 0, 0]);
  }
  return [anchors, turn];
}

export function mixAlong(anchors: readonly Rgb[], share: number): Rgb {
  const at = Math.min(1, Math.max(0, share)) * (anchors.length - 1);
  const index = Math.min(anchors.length - 2, Math.floor(at));
  return mix(anchors[index] ?? [0, 0, 0], anchors[index + 1] ?? anchors[index] ?? [0, 0, 0], at - index);
}

export interface PaletteWish {
  readonly scheme?: string;
  readonly fill?: Rgb; // opacity of one colour instead
  readonly steps?: number;
  readonly reverse?: boolean;
  readonly theme: "dark" | "light";
}

const least = 0.14; // of opacity or of the way along a scheme: the smallest count must be seen

// From the least to the greatest count, as CSS colours.
export function palette(wish: PaletteWish): string[] {
  const steps = Math.min(128, Math.max(2, Math.round(wish.steps ?? 64)));
  const shares = Array.from({ length: steps }, (_, index) => index / (steps - 1));
  if (wish.fill !== undefined) {
    const rgb = wish.fill.map(Math.round).join(",");
    return shares.map((share) => `rgba(${rgb},${Math.round((least + share * (1 - least)) * 1000) / 1000})`);
  }
  const [anchors, turn] = anchorsOf(wish.scheme ?? "Oranges");
  const turned = (turn === "always" || turn === wish.theme) !== (wish.reverse === true);
  return shares.map((share) => {
    const along = least * 0.6 + share * (1 - least * 0.6);
    return toHex(mixAlong(anchors, turned ? 1 - along : along));
  });
}

export interface CountScale {
  readonly min: number;
  readonly max: number;
  readonly exponent: number;
}

// Of the counts above zero.
export function countRange(counts: readonly (readonly (number | null)[])[]): [number, number] | null {
  let low = Infinity;
  let high = -Infinity;
  for (const column of counts) {
    for (const count of column) {
      if (count !== null && count > 0 && Number.isFinite(count)) {
        low = Math.min(low, count);
        high = Math.max(high, count);
      }
    }
  }
  return low > high ? null : [low, high];
}

// The index of a count's colour, or -1 where nothing is drawn.
export function colorIndex(count: number | null | undefined, scale: CountScale, steps: number): number {
  if (count === null || count === undefined || !(count > 0)) {
    return -1;
  }
  if (!(scale.max > scale.min)) {
    return steps - 1;
  }
  const share = Math.min(1, Math.max(0, (count - scale.min) / (scale.max - scale.min)));
  return Math.min(steps - 1, Math.floor(share ** scale.exponent * steps));
}
