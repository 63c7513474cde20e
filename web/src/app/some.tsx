// SPDX-License-Identifier: Apache-2.0
// The first of many: of a long list, and of a long text. The rest on demand, and never all of it at once,
// for a browser draws thousands of rows slowly.
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";

const count = (value: number) => value.toLocaleString("en");

export function useSome<T>(
  all: readonly T[],
  first: number,
  what: string,
): [readonly T[], ComponentChildren] {
  const [most, setMost] = useState(first);
  if (all.length <= most) {
    return [all, null];
  }
  const more = Math.min(all.length - most, 5 * first);
  const button = (
    <p class="more">
      {count(most)} of {count(all.length)} {what} are shown.{" "}
      <button type="button" onClick={() => setMost(most + more)}>
        Show {count(more)} more
      </button>
    </p>
  );
  return [all.slice(0, most), button];
}

const textMost = 300; // characters

export function cutText(text: string, most = textMost): string {
  const begin = text.slice(0, most).replace(/[\ud800-\udbff]$/, ""); // not through the middle of a sign
  return text.length <= most ? text : `${begin}… (${count(text.length)} characters)`;
}

// A text from outside, as it is: with its spaces and line ends, and with a direction of its own, so that one
// from right to left leaves what is around it alone.
export function Outside({ text, mark = "" }: { readonly text: string; readonly mark?: string }) {
  const [whole, setWhole] = useState(false);
  const cut = !whole && text.length > textMost;
  return (
    <bdi class="outside">
      {mark}
      {cut ? cutText(text) : text}
      {mark}
      {cut && (
        <button type="button" class="link" onClick={() => setWhole(true)}>
          all
        </button>
      )}
    </bdi>
  );
}
