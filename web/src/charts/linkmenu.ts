// SPDX-License-Identifier: Apache-2.0
// The links of a value as a small menu beside it: arrows go through it; Escape, a click elsewhere or the
// page's scrolling closes it, and the focus goes back to its chart.
import type { DataLink } from "../lib/frame";
import { safeHref } from "./href";
import { tipPlace } from "./tooltip";

let close: (() => void) | null = null;

export function hideLinks(): void {
  close?.();
}

// Those that lead somewhere; see href.ts.
export function safeLinks(links: readonly DataLink[] | undefined): readonly DataLink[] {
  return (links ?? []).filter((link) => safeHref(link.url) !== null);
}

function anchorOf(link: DataLink): HTMLAnchorElement {
  const anchor = document.createElement("a");
  anchor.href = safeHref(link.url) ?? "";
  anchor.rel = "noopener noreferrer";
  anchor.target = link.targetBlank === true ? "_blank" : "";
  anchor.textContent = (link.title === "" ? link.url : link.title) + (link.targetBlank === true ? " ↗" : "");
  return anchor;
}

function onKey(event: KeyboardEvent, anchors: readonly HTMLElement[]): void {
  event.stopPropagation(); // keys of the panel
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const at = anchors.indexOf(document.activeElement as HTMLElement);
  if (by !== undefined) {
    event.preventDefault();
    anchors[(at + by + anchors.length) % anchors.length]?.focus();
  } else if (event.key === "Escape") {
    hideLinks();
  }
}

export function showLinks(
  title: string,
  links: readonly DataLink[],
  at: { readonly x: number; readonly y: number },
  back: HTMLElement,
): void {
  hideLinks();
  const anchors = safeLinks(links).map(anchorOf);
  if (anchors.length === 0) {
    return;
  }
  const menu = document.createElement("div");
  menu.className = "menu value-links";
  menu.setAttribute("role", "dialog");
  menu.setAttribute("aria-label", `Links of ${title}`);
  const head = document.createElement("b");
  head.textContent = title;
  menu.append(head, ...anchors);
  const away = (event: Event) => {
    if (!(event.target instanceof Node && menu.contains(event.target))) {
      hideLinks();
    }
  };
  const events = ["pointerdown", "focusin", "scroll", "popstate"];
  close = () => {
    close = null;
    events.forEach((name) => window.removeEventListener(name, away, true));
    const focused = menu.contains(document.activeElement);
    menu.remove();
    if (focused) {
      back.focus({ preventScroll: true });
    }
  };
  menu.addEventListener("keydown", (event) => onKey(event, anchors));
  menu.addEventListener("click", (event) => event.target instanceof HTMLAnchorElement && hideLinks());
  document.body.append(menu);
  menu.style.left = `${tipPlace(at.x, menu.offsetWidth, window.innerWidth, 10)}px`;
  menu.style.top = `${tipPlace(at.y, menu.offsetHeight, window.innerHeight, 10)}px`;
  anchors[0]?.focus({ preventScroll: true });
  events.forEach((name) => window.addEventListener(name, away, true));
}
