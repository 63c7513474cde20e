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
  const gone = useRef(false);
  // Before it is painted: whoever types as soon as it is seen types into it. It is closed before it is taken
  // out of the page, or nothing else could have the focus, which goes back to where it was.
  useLayoutEffect(() => {
    const before = document.activeElement;
    const dialog = element.current;
    dialog?.showModal();
    dialog?.querySelector<HTMLElement>("input, textarea")?.focus();
    return () => {
      gone.current = true;
      dialog?.close();
      if (before instanceof HTMLElement) {
        before.focus();
      }
    };
  }, []);
  return (
    <dialog
      ref={element}
      class={large ? "dialog large" : "dialog"}
      aria-label={title}
      onClose={() => !gone.current && onClose()}
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
