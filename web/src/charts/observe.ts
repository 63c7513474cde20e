// SPDX-License-Identifier: Apache-2.0
// One observer of sizes and one of places for all charts, and a queue that spreads their drawing over
// frames: thirty charts that get new numbers at once must not hold up the page.
import { useEffect, useState } from "preact/hooks";
import type { RefObject } from "preact";

// Of computing in one frame: the browser then paints what was drawn, which takes about as long again.
const frameBudgetMs = 5;

const queue = new Set<() => void>();
let asked = false;

function drawSome(): void {
  asked = false;
  const end = performance.now() + frameBudgetMs;
  for (const job of queue) {
    queue.delete(job);
    job();
    if (performance.now() >= end) {
      break;
    }
  }
  askForFrame();
}

function askForFrame(): void {
  if (!asked && queue.size > 0) {
    asked = true;
    requestAnimationFrame(drawSome);
  }
}

// Runs the job in one of the next frames; the same job twice is run once.
export function drawSoon(job: () => void): void {
  queue.add(job);
  askForFrame();
}

export function drawNever(job: () => void): void {
  queue.delete(job);
}

type SizeListener = (width: number, height: number) => void;

const sizes = new Map<Element, SizeListener>();
let sizeObserver: ResizeObserver | null = null;

export function watchSize(element: Element, listener: SizeListener): () => void {
  sizeObserver ??= new ResizeObserver((entries) => {
    for (const entry of entries) {
      sizes.get(entry.target)?.(entry.contentRect.width, entry.contentRect.height);
    }
  });
  sizes.set(element, listener);
  sizeObserver.observe(element);
  return () => {
    sizes.delete(element);
    sizeObserver?.unobserve(element);
  };
}

const places = new Map<Element, (near: boolean) => void>();
let placeObserver: IntersectionObserver | null = null;

// Tells when the element comes near to what the window shows, and when it leaves.
export function watchPlace(element: Element, listener: (near: boolean) => void): () => void {
  placeObserver ??= new IntersectionObserver(
    (entries) => entries.forEach((entry) => places.get(entry.target)?.(entry.isIntersecting)),
    { rootMargin: "240px 0px" },
  );
  places.set(element, listener);
  placeObserver.observe(element);
  return () => {
    places.delete(element);
    placeObserver?.unobserve(element);
  };
}

// The width of an element, 0 until it is known.
export function useWidth(ref: RefObject<HTMLElement>): number {
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const element = ref.current;
    return element === null ? undefined : watchSize(element, (now) => setWidth(Math.round(now)));
  }, []);
  return width;
}
