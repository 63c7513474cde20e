// SPDX-License-Identifier: Apache-2.0
// Where a query is typed: a plain text area at once, and CodeMirror in its place as soon as that is loaded.
// Where it cannot be loaded, the text area stays and does the same, without completion.
import { useLayoutEffect, useRef, useState } from "preact/hooks";

export interface EditorActions {
  readonly run: () => void;
  readonly walk: (by: number) => void; // through what was run before
  readonly change: (text: string) => void;
  readonly focus: () => void;
  readonly fault: (message: string | null) => void; // what is wrong with what was typed
}

export interface EditorHandle {
  readonly text: () => string;
  readonly set: (text: string) => void;
  readonly insert: (piece: string) => void; // where the cursor stands
  readonly focus: () => void;
  readonly close: () => void;
}

interface Props {
  readonly text: string;
  readonly label: string;
  readonly actions: EditorActions;
  readonly onReady: (handle: EditorHandle | null) => void;
  readonly autoFocus?: boolean;
}

const hint = "Expression, for example: rate(inference_requests_total[1m])";

// Those of the last drawing: what is typed into was opened with the first.
function useLatest(actions: EditorActions): EditorActions {
  const latest = useRef(actions);
  latest.current = actions;
  const [stable] = useState<EditorActions>(() => ({
    run: () => latest.current.run(),
    walk: (by) => latest.current.walk(by),
    change: (text) => latest.current.change(text),
    focus: () => latest.current.focus(),
    fault: (message) => latest.current.fault(message),
  }));
  return stable;
}

function plainHandle(area: HTMLTextAreaElement, changed: (text: string) => void): EditorHandle {
  return {
    text: () => area.value,
    set: (text) => {
      area.value = text;
      fit(area);
    },
    insert: (piece) => {
      area.setRangeText(piece, area.selectionStart, area.selectionEnd, "end");
      changed(area.value);
      area.focus();
    },
    focus: () => area.focus(),
    close: () => undefined,
  };
}

function fit(area: HTMLTextAreaElement): void {
  area.rows = Math.min(Math.max(area.value.split("\n").length, 1), 12);
}

// After the page has painted: whatever the browser has to do first comes first.
function whenIdle(act: () => void): () => void {
  if (typeof window.requestIdleCallback === "function") {
    const handle = window.requestIdleCallback(act, { timeout: 500 });
    return () => window.cancelIdleCallback(handle);
  }
  const timer = window.setTimeout(act, 50);
  return () => window.clearTimeout(timer);
}

function onAreaKey(event: KeyboardEvent, actions: EditorActions): void {
  if (event.key === "Enter" && !event.shiftKey) {
    event.preventDefault();
    actions.run();
  } else if (event.ctrlKey && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
    event.preventDefault();
    actions.walk(event.key === "ArrowUp" ? -1 : 1);
  }
}

export function Editor({ text, label, actions, onReady, autoFocus = false }: Props) {
  const area = useRef<HTMLTextAreaElement>(null);
  const host = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState(false);
  const stable = useLatest(actions);
  // Before the page is painted: what was typed into it must not be written over.
  useLayoutEffect(() => {
    const plain = area.current;
    if (plain === null) {
      return undefined;
    }
    plain.value = text;
    fit(plain);
    onReady(plainHandle(plain, stable.change));
    if (autoFocus) {
      plain.focus();
    }
    let opened: EditorHandle | null = null;
    let gone = false;
    const cancel = whenIdle(() => {
      import("./codemirror").then(
        ({ openEditor }) => {
          if (gone || host.current === null) {
            return;
          }
          const focused = document.activeElement === plain;
          host.current.hidden = false; // at once: what is hidden takes no focus
          opened = openEditor(host.current, plain.value, label, hint, stable);
          setOpen(true);
          onReady(opened);
          if (focused) {
            opened.focus();
          }
        },
        () => undefined, // the text area stays
      );
    });
    return () => {
      gone = true;
      cancel();
      opened?.close();
      onReady(null);
    };
  }, []);
  return (
    <div class="query-editor">
      <textarea
        ref={area}
        class="mono"
        rows={1}
        hidden={open}
        aria-label={label}
        placeholder={hint}
        spellcheck={false}
        onInput={(event) => {
          fit(event.currentTarget);
          stable.change(event.currentTarget.value);
        }}
        onKeyDown={(event) => onAreaKey(event, stable)}
        onFocus={stable.focus}
      />
      <div ref={host} hidden={!open} />
    </div>
  );
}
