// SPDX-License-Identifier: Apache-2.0
// The tooltips of all charts: lines of colour, name and value beside the mouse, within the window. One chart
// leads; those that share its time show theirs beside it. Texts come from labels, so they are set as text
// and nothing else.

export interface TipLine {
  readonly color?: string;
  readonly name: string;
  readonly value?: string;
  readonly strong?: boolean; // under the mouse
}

export interface Tip {
  readonly head: string;
  readonly lines: readonly TipLine[];
  readonly more?: string; // said below, in small
  readonly maxHeight?: number; // pixels, as a dashboard has it
}

const linesMax = 24;
const lineHeight = 17.4; // of charts.css
const boxes = new Map<unknown, HTMLElement>();
let leader: unknown = null;
let watching = false;

function part(className: string, text: string): HTMLElement {
  const element = document.createElement("span");
  element.className = className;
  element.textContent = text;
  return element;
}

function lineOf(line: TipLine): HTMLElement {
  const row = document.createElement("div");
  row.className = line.strong === true ? "tip-line tip-strong" : "tip-line";
  const key = part("tip-key", "");
  if (line.color !== undefined) {
    key.style.background = line.color;
  }
  row.append(key, part("tip-name", line.name), part("tip-value", line.value ?? ""));
  return row;
}

// Beside the mouse, on the side that has the room.
export function tipPlace(at: number, size: number, window: number, gap: number): number {
  if (at + gap + size <= window - 4) {
    return at + gap;
  }
  return Math.max(4, at - gap - size >= 4 ? at - gap - size : window - size - 4);
}

// As many lines as the height has room for below the head, and one that says how many are left out.
export function linesFor(maxHeight: number | undefined): number {
  return maxHeight === undefined ? linesMax : Math.max(1, Math.floor(maxHeight / lineHeight) - 2);
}

function boxOf(owner: unknown): HTMLElement {
  const found = boxes.get(owner);
  if (found !== undefined) {
    return found;
  }
  const box = document.createElement("div");
  box.className = "tip";
  box.setAttribute("aria-hidden", "true"); // the data table says the same to those who cannot see it
  document.body.append(box);
  boxes.set(owner, box);
  if (!watching) {
    // What it speaks of moves away from under it; a mouse that stays moves anew after that.
    window.addEventListener("scroll", hideAll, { capture: true, passive: true });
    watching = true;
  }
  return box;
}

export function hideAll(): void {
  [...boxes.keys()].forEach(hideTip);
}

export function showTip(owner: unknown, tip: Tip, x: number, y: number, follows = false): void {
  if (!follows && leader !== owner) {
    hideAll();
    leader = owner;
  }
  const box = boxOf(owner);
  const kept = chosenLines(tip.lines, linesFor(tip.maxHeight));
  const left = tip.lines.length - kept.length;
  const more = [left > 0 ? `and ${left} more` : "", tip.more ?? ""].filter((text) => text !== "").join("; ");
  box.replaceChildren(
    ...(tip.head === "" ? [] : [part("tip-head", tip.head)]),
    ...kept.map(lineOf),
    ...(more === "" ? [] : [part("tip-more", more)]),
  );
  const { offsetWidth, offsetHeight } = box;
  box.style.left = `${tipPlace(x, offsetWidth, window.innerWidth, 14)}px`;
  box.style.top = `${tipPlace(y, offsetHeight, window.innerHeight, 14)}px`;
}

// The first ones, and the one under the mouse wherever it stands.
export function chosenLines(lines: readonly TipLine[], max: number): readonly TipLine[] {
  if (lines.length <= max) {
    return lines;
  }
  const kept = lines.slice(0, max);
  const strong = lines.find((line, index) => index >= max && line.strong === true);
  return strong === undefined ? kept : [...kept.slice(0, max - 1), strong];
}

export function hideTip(owner: unknown): void {
  boxes.get(owner)?.remove();
  boxes.delete(owner);
}

// For elements without a canvas: the tip stands at the mouse while that is over the element.
export function tipOf(owner: unknown, tip: (event: MouseEvent) => Tip) {
  return {
    onMouseMove: (event: MouseEvent) => showTip(owner, tip(event), event.clientX, event.clientY),
    onMouseLeave: () => hideTip(owner),
  };
}
