// SPDX-License-Identifier: Apache-2.0
// A window over the page, with the browser's own keeping of the focus. Escape and a click beside it close it.
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

interface DialogProps {
  readonly title: string;
  readonly large?: boolean; // as high as the page, with lists that scroll in it
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}

export function Dialog({ title, large = false, onClose, children }: DialogProps) {
  const element = useRef<HTMLDialogElement>(null);
  // Before it is painted: whoever types as soon as it is seen types into it. The focus goes back by hand, for
  // an element that is taken out of the page does not give it back.
  useLayoutEffect(() => {
    const before = document.activeElement;
    element.current?.showModal();
    element.current?.querySelector<HTMLElement>("input, textarea")?.focus();
    return () => (before instanceof HTMLElement ? before.focus() : undefined);
  }, []);
  return (
    <dialog
      ref={element}
      class={large ? "dialog large" : "dialog"}
      aria-label={title}
      onClose={onClose}
      onClick={(event) => event.target === element.current && onClose()}
    >
      <div class="dialog-inner">
        <header>
          <h2>{title}</h2>
          <button type="button" class="quiet" aria-label="Close" onClick={onClose}>
            ✕
          </button>
        </header>
        {children}
      </div>
    </dialog>
  );
}
