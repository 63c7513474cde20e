// SPDX-License-Identifier: Apache-2.0
// The keys of a dashboard.
import { useEffect, useRef } from "preact/hooks";
import { Dialog } from "../app/dialog";

const keys: readonly (readonly [key: string, does: string])[] = [
  ["r", "refresh now"],
  ["?", "show these keys"],
  ["Tab", "go to the next panel, and into it"],
  ["v", "view the panel in the whole window, and back"],
  ["e", "explore its queries in the Graph page"],
  ["d", "its data as a table, and back"],
  ["l", "its legend, shown or hidden"],
  ["arrows", "go through the values of a chart; Enter opens their links"],
  ["i", "its queries: step, load time, series"],
  ["Escape", "close what is open; leave a panel that fills the window"],
];

export function KeysDialog({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title="Keys" onClose={onClose}>
      <table class="keys">
        <thead>
          <tr>
            <th scope="col">Key</th>
            <th scope="col">What it does</th>
          </tr>
        </thead>
        <tbody>
          {keys.map(([key, does]) => (
            <tr key={key}>
              <td>
                <kbd>{key}</kbd>
              </td>
              <td>{does}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p class="hint">v, e, d, i and l are for the panel that has the focus, or that the pointer is over.</p>
    </Dialog>
  );
}

function typing(target: EventTarget | null): boolean {
  const element = target instanceof HTMLElement ? target : null;
  return element !== null && (element.isContentEditable || /^(INPUT|SELECT|TEXTAREA)$/.test(element.tagName));
}

// Keys of the whole page; those of a panel go to the one under the pointer where none has the focus.
export function useKeys(handlers: Readonly<Record<string, () => void>>): void {
  const latest = useRef(handlers);
  latest.current = handlers;
  useEffect(() => {
    let over: Element | null = null;
    const point = (event: PointerEvent) => {
      over = event.target instanceof Element ? event.target.closest(".dash-panel") : null;
    };
    const press = (event: KeyboardEvent) => {
      const plain = !event.ctrlKey && !event.metaKey && !event.altKey && !typing(event.target);
      if (!plain || event.defaultPrevented || document.querySelector("dialog[open]") !== null) {
        return;
      }
      const handler = latest.current[event.key];
      if (handler !== undefined) {
        event.preventDefault();
        handler();
      } else if (over?.isConnected === true && ["v", "e", "d", "i", "l"].includes(event.key)) {
        over.dispatchEvent(new KeyboardEvent("keydown", { key: event.key }));
      }
    };
    document.addEventListener("pointerover", point);
    document.addEventListener("keydown", press);
    return () => {
      document.removeEventListener("pointerover", point);
      document.removeEventListener("keydown", press);
    };
  }, []);
}
