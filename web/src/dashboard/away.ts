// SPDX-License-Identifier: Apache-2.0
// Small windows over the page: they close when a click or the focus goes elsewhere, or on Escape, and the
// focus then goes back to what opened them.
import type { RefObject } from "preact";
import { useEffect, useRef } from "preact/hooks";

export function useAway(open: boolean, close: () => void): RefObject<HTMLDivElement> {
  const box = useRef<HTMLDivElement>(null);
  const latest = useRef(close);
  latest.current = close;
  useEffect(() => {
    if (!open) {
      return undefined;
    }
    const away = (event: Event) => {
      if (box.current !== null && event.target instanceof Node && !box.current.contains(event.target)) {
        latest.current();
      }
    };
    const escape = (event: KeyboardEvent) => {
      if (event.key === "Escape") {
        event.stopPropagation();
        latest.current();
        box.current?.querySelector<HTMLElement>("[aria-expanded]")?.focus();
      }
    };
    document.addEventListener("pointerdown", away);
    document.addEventListener("focusin", away);
    document.addEventListener("keydown", escape, true);
    return () => {
      document.removeEventListener("pointerdown", away);
      document.removeEventListener("focusin", away);
      document.removeEventListener("keydown", escape, true);
    };
  }, [open]);
  return box;
}

// Arrow keys go through the buttons and links of a menu.
export function moveFocus(event: KeyboardEvent): void {
  const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
  const menu = event.currentTarget;
  if (step === 0 || !(menu instanceof HTMLElement)) {
    return;
  }
  const items = [...menu.querySelectorAll<HTMLElement>("button, a[href], input")];
  const at = items.indexOf(document.activeElement as HTMLElement);
  event.preventDefault();
  items[(at + step + items.length) % items.length]?.focus();
}
