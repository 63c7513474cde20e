// SPDX-License-Identifier: Apache-2.0
// A button that opens a list of things to do.
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { moveFocus, useAway } from "./away";

export interface MenuItem {
  readonly name: string;
  readonly key?: string; // of the keyboard
  readonly href?: string;
  readonly newPage?: boolean;
  readonly run?: () => void;
}

interface MenuProps {
  readonly label: string;
  readonly items: readonly MenuItem[];
  readonly children: ComponentChildren; // of the button
  readonly class?: string;
}

function Item({ item, close }: { item: MenuItem; close: () => void }) {
  const key = item.key === undefined ? null : <kbd>{item.key}</kbd>;
  if (item.href !== undefined) {
    return (
      <a
        href={item.href}
        target={item.newPage === true ? "_blank" : undefined}
        rel="noreferrer"
        onClick={close}
      >
        {item.name} {key}
      </a>
    );
  }
  const run = () => {
    close();
    item.run?.();
  };
  return (
    <button type="button" onClick={run}>
      {item.name} {key}
    </button>
  );
}

function Items({ label, items, close }: { label: string; items: readonly MenuItem[]; close: () => void }) {
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => list.current?.querySelector<HTMLElement>("a, button")?.focus(), []);
  return (
    <ul class="menu menu-list" ref={list} aria-label={label} onKeyDown={moveFocus}>
      {items.map((item) => (
        <li key={item.name}>
          <Item item={item} close={close} />
        </li>
      ))}
    </ul>
  );
}

export function Menu({ label, items, children, class: name = "quiet" }: MenuProps) {
  const [open, setOpen] = useState(false);
  const box = useAway(open, () => setOpen(false));
  return (
    <div class="menu-box" ref={box}>
      <button
        type="button"
        class={name}
        aria-label={label}
        title={label}
        aria-expanded={open}
        aria-haspopup="true"
        onClick={() => setOpen(!open)}
      >
        {children}
      </button>
      {open && <Items label={label} items={items} close={() => setOpen(false)} />}
    </div>
  );
}
