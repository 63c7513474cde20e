// SPDX-License-Identifier: Apache-2.0
// Shapes that tell series apart without their colours: at the end of each line and in the legend.

// Corners in a box from -1 to 1; none is a circle.
const shapes: readonly (readonly (readonly [number, number])[])[] = [
  [],
  [
    [-0.85, -0.85],
    [0.85, -0.85],
    [0.85, 0.85],
    [-0.85, 0.85],
  ],
  [
    [0, -1.1],
    [1.1, 0.85],
    [-1.1, 0.85],
  ],
  [
    [0, -1.2],
    [1.2, 0],
    [0, 1.2],
    [-1.2, 0],
  ],
  [
    [0, 1.1],
    [1.1, -0.85],
    [-1.1, -0.85],
  ],
  [
    [-0.4, -1.1],
    [0.4, -1.1],
    [0.4, -0.4],
    [1.1, -0.4],
    [1.1, 0.4],
    [0.4, 0.4],
    [0.4, 1.1],
    [-0.4, 1.1],
    [-0.4, 0.4],
    [-1.1, 0.4],
    [-1.1, -0.4],
    [-0.4, -0.4],
  ],
];

export function drawMarker(
  ctx: CanvasRenderingContext2D,
  shape: number,
  x: number,
  y: number,
  size: number,
): void {
  const corners = shapes[shape % shapes.length] ?? [];
  ctx.beginPath();
  if (corners.length === 0) {
    ctx.arc(x, y, size, 0, 2 * Math.PI);
  }
  corners.forEach(([dx, dy], index) => {
    if (index === 0) {
      ctx.moveTo(x + dx * size, y + dy * size);
    } else {
      ctx.lineTo(x + dx * size, y + dy * size);
    }
  });
  ctx.closePath();
}

// The same as an SVG path around a middle.
export function markerPath(shape: number, x: number, y: number, size: number): string {
  const corners = shapes[shape % shapes.length] ?? [];
  if (corners.length === 0) {
    return `M${x - size} ${y}a${size} ${size} 0 1 0 ${2 * size} 0a${size} ${size} 0 1 0 ${-2 * size} 0Z`;
  }
  return `M${corners.map(([dx, dy]) => `${x + dx * size} ${y + dy * size}`).join("L")}Z`;
}
