// SPDX-License-Identifier: Apache-2.0
// Choosing among the options of a variable: one or several, found by typing.
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { all } from "./model";
import { moveFocus, useAway } from "./away";
import type { Option } from "./model";

interface ChoicesProps {
  readonly label: string;
  readonly options: readonly Option[];
  readonly selected: readonly string[];
  readonly multi: boolean;
  readonly includeAll: boolean;
  readonly onChange: (values: readonly string[]) => void;
}

const shownMax = 300; // of one list: more are found by typing

export function chosenText(options: readonly Option[], selected: readonly string[]): string {
  if (selected.includes(all)) {
    return "All";
  }
  const texts = selected.map((value) => options.find((option) => option.value === value)?.text ?? value);
  return texts.length === 0 ? "none" : texts.join(" + ");
}

function toggled(selected: readonly string[], value: string, includeAll: boolean): readonly string[] {
  if (value === all) {
    return [all];
  }
  const without = selected.filter((one) => one !== value && one !== all);
  const next = selected.includes(value) ? without : [...without, value];
  return next.length === 0 && includeAll ? [all] : next;
}

interface ListProps extends ChoicesProps {
  readonly close: () => void;
}

function List({ label, options, selected, multi, includeAll, onChange, close }: ListProps) {
  const [typed, setTyped] = useState("");
  const [draft, setDraft] = useState(selected);
  const input = useRef<HTMLInputElement>(null);
  const latest = useRef(draft);
  latest.current = draft;
  // Before it is painted: whoever types as soon as it is seen types into it.
  useLayoutEffect(() => {
    input.current?.focus();
    // Several are chosen one after the other, and asked for once: when the list closes.
    return () => {
      if (multi && latest.current.join("\n") !== selected.join("\n")) {
        onChange(latest.current);
      }
    };
  }, []);
  const everything: Option[] = includeAll ? [{ value: all, text: "All" }] : [];
  const wanted = typed.trim().toLowerCase();
  const found = [...everything, ...options].filter((option) => option.text.toLowerCase().includes(wanted));
  const pick = (value: string) => {
    if (multi) {
      setDraft(toggled(draft, value, includeAll));
    } else {
      onChange([value]);
      close();
    }
  };
  const enter = (event: KeyboardEvent) => {
    if (event.key === "Enter") {
      event.preventDefault();
      const value = found[0]?.value ?? typed.trim();
      if (value !== "") {
        pick(value);
      }
    }
  };
  return (
    <div class="menu choices" role="group" aria-label={label} onKeyDown={moveFocus}>
      <input
        ref={input}
        type="search"
        aria-label={`Find in ${label}`}
        placeholder="Find, or type a value"
        value={typed}
        onInput={(event) => setTyped(event.currentTarget.value)}
        onKeyDown={enter}
      />
      <ul>
        {found.slice(0, shownMax).map((option) => (
          <li key={option.value}>
            <button
              type="button"
              role={multi ? "checkbox" : "radio"}
              aria-checked={draft.includes(option.value)}
              onClick={() => pick(option.value)}
            >
              <span class="choice-mark" aria-hidden="true">
                {draft.includes(option.value) ? "✓" : ""}
              </span>
              {option.text}
            </button>
          </li>
        ))}
      </ul>
      {found.length > shownMax && <p class="hint">{found.length - shownMax} more: type a part of the name</p>}
      {found.length === 0 && <p class="hint">No value has this in its name; Enter takes it as it is</p>}
    </div>
  );
}

export function Choices(props: ChoicesProps) {
  const [open, setOpen] = useState(false);
  const box = useAway(open, () => setOpen(false));
  const said = chosenText(props.options, props.selected);
  return (
    <div class="choices-box" ref={box}>
      <button
        type="button"
        class="choices-button"
        aria-expanded={open}
        aria-haspopup="true"
        aria-label={`${props.label}: ${said}`}
        title={said}
        onClick={() => setOpen(!open)}
      >
        <span class="choices-text">{said}</span>
        <span aria-hidden="true">▾</span>
      </button>
      {open && <List {...props} close={() => setOpen(false)} />}
    </div>
  );
}
