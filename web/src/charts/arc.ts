// SPDX-License-Identifier: Apache-2.0
// Geometry of a gauge: an arc of 240 degrees, open at the bottom, as large as its box allows.

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface GaugeBox {
  readonly width: number;
  readonly height: number;
  readonly radius: number; // of the middle of the arc
  readonly thick: number;
  readonly rim: number; // thickness of the thresholds around it
  readonly centerX: number;
  readonly centerY: number;
  readonly limits: boolean; // there is room for the texts of min and max
  readonly limitY: number;
  readonly point: (radius: number, at: number) => Point; // at: 0 to 1
}

const sweep = (240 / 180) * Math.PI;
const start = Math.PI + (sweep - Math.PI) / 2; // left end, counted against the clock from the right
const below = Math.sin((sweep - Math.PI) / 2); // how far its ends hang below the middle, in radii

export function gaugeBox(width: number, height: number, outerLabels: boolean): GaugeBox {
  const margin = outerLabels ? 30 : 4;
  const limits = width >= 110 && height >= 90;
  const room = limits ? 14 : 0;
  const outer = Math.max(8, Math.min((width - 2 * margin) / 2, (height - 2 * margin - room) / (1 + below)));
  const thick = Math.max(4, outer * 0.18);
  const rim = Math.max(2, outer * 0.035);
  const radius = outer - rim - 1 - thick / 2;
  const used = outer * (1 + below) + room;
  const centerX = width / 2;
  const centerY = (height - used) / 2 + outer;
  return {
    width,
    height,
    radius,
    thick,
    rim,
    centerX,
    centerY,
    limits,
    limitY: centerY + outer * below + room,
    point: (of, at) => {
      const angle = start - at * sweep;
      return { x: centerX + of * Math.cos(angle), y: centerY - of * Math.sin(angle) };
    },
  };
}

export function arcPath(box: GaugeBox, radius: number, from: number, to: number): string {
  const round = (value: number) => Math.round(value * 100) / 100;
  const a = box.point(radius, from);
  const b = box.point(radius, to);
  const large = (to - from) * sweep > Math.PI ? 1 : 0;
  const r = round(radius);
  return `M${round(a.x)} ${round(a.y)}A${r} ${r} 0 ${large} 1 ${round(b.x)} ${round(b.y)}`;
}
