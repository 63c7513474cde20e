// SPDX-License-Identifier: Apache-2.0
// Fingers on a chart, where a mouse has its moves: one that goes sideways moves the crosshair, one that
// rests and then goes chooses a range, two choose by their distance. One that goes up or down is the page's.

export interface Touched {
  readonly plot: () => DOMRect | null; // where the times are
  readonly point: (x: number, y: number) => void; // in the window
  readonly leave: () => void;
  // A range in pixels from the left edge of the plot; null: none is chosen any more.
  readonly choose: (range: readonly [from: number, to: number] | null, done: boolean) => void;
}

interface Pair {
  readonly distance: number;
  readonly middle: number; // from the left edge
}

const restMs = 350;
const slackPx = 8; // of a finger that rests
const leastPx = 12; // of a chosen range
const growMax = 20; // in one gesture

// What stood under two fingers stays there: where the ends of the plot come to lie on what it showed.
export function pinched(width: number, before: Pair, now: Pair): readonly [number, number] {
  const scale = Math.min(growMax, Math.max(1 / growMax, before.distance / Math.max(1, now.distance)));
  const from = before.middle - now.middle * scale;
  return [from, from + width * scale];
}

function pairOf(touches: TouchList, left: number): Pair {
  const [a, b] = [touches[0] as Touch, touches[1] as Touch];
  return {
    distance: Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY),
    middle: (a.clientX + b.clientX) / 2 - left,
  };
}

type Mode = "none" | "waits" | "points" | "chooses" | "pinches";

export function watchTouch(place: HTMLElement, touched: Touched): () => void {
  let mode: Mode = "none";
  let timer = 0;
  let begun = { x: 0, y: 0 };
  let pair: Pair | null = null;
  let range: readonly [number, number] | null = null;
  const outside = (event: TouchEvent) =>
    event.target instanceof Node && !place.contains(event.target) && touched.leave();
  const choose = (next: readonly [number, number] | null, done = false) => {
    range = next;
    touched.choose(next, done);
  };
  const start = (event: TouchEvent) => {
    window.clearTimeout(timer);
    const [finger] = event.touches;
    const box = touched.plot();
    if (box === null || finger === undefined || event.touches.length > 2) {
      mode = "none";
    } else if (event.touches.length === 2) {
      mode = "pinches";
      pair = pairOf(event.touches, box.left);
      event.preventDefault();
    } else {
      mode = "waits";
      begun = { x: finger.clientX, y: finger.clientY };
      timer = window.setTimeout(() => {
        mode = "chooses";
        choose([begun.x - box.left, begun.x - box.left]);
      }, restMs);
    }
  };
  const move = (event: TouchEvent) => {
    const [finger] = event.touches;
    const box = touched.plot();
    if (finger === undefined || box === null || mode === "none") {
      return;
    }
    const { clientX: x, clientY: y } = finger;
    if (mode === "waits") {
      const [right, down] = [Math.abs(x - begun.x), Math.abs(y - begun.y)];
      if (Math.max(right, down) <= slackPx) {
        return;
      }
      window.clearTimeout(timer);
      mode = right > down ? "points" : "none";
    }
    if (mode === "none" || !event.cancelable) {
      return; // the page scrolls
    }
    event.preventDefault();
    if (mode === "points") {
      touched.point(x, y);
    } else if (mode === "pinches" && pair !== null && event.touches.length === 2) {
      choose(pinched(box.width, pair, pairOf(event.touches, box.left)));
    } else if (mode === "chooses") {
      const inside = (at: number) => Math.min(box.width, Math.max(0, at - box.left));
      choose([inside(Math.min(begun.x, x)), inside(Math.max(begun.x, x))]);
    }
  };
  const end = (event: TouchEvent) => {
    window.clearTimeout(timer);
    const width = touched.plot()?.width ?? 0;
    const span = range === null ? 0 : range[1] - range[0];
    const done = mode === "pinches" ? Math.abs(span - width) > leastPx : span >= leastPx;
    if (range !== null) {
      event.cancelable && event.preventDefault(); // no click follows
      choose(done && event.type === "touchend" ? range : null, true);
      range = null;
    }
    mode = "none";
  };
  const on = { passive: false };
  place.addEventListener("touchstart", start, on);
  place.addEventListener("touchmove", move, on);
  place.addEventListener("touchend", end, on);
  place.addEventListener("touchcancel", end, on);
  document.addEventListener("touchstart", outside, { passive: true });
  return () => {
    window.clearTimeout(timer);
    document.removeEventListener("touchstart", outside); // the others go with the place
  };
}
