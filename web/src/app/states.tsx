// SPDX-License-Identifier: Apache-2.0
// What stands where there are no data: loading, a failure, nothing.
import type { ComponentChildren } from "preact";

export function Loading({ what }: { what: string }) {
  return (
    <p class="state" role="status">
      Loading {what}…
    </p>
  );
}

// A failure says what and why; `onRetry` asks again.
export function Failure({ error, onRetry }: { error: Error; onRetry?: (() => void) | undefined }) {
  return (
    <div class="state state-failure" role="alert">
      <span class="mark" aria-hidden="true">
        ✕
      </span>{" "}
      <span>{sentence(error.message)}</span>
      {onRetry !== undefined && (
        <button type="button" onClick={onRetry}>
          Try again
        </button>
      )}
    </div>
  );
}

export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="state state-empty">
      <p class="state-title">{title}</p>
      {children}
    </div>
  );
}

// Warnings and remarks that came with an answer.
export function Notes({ warnings, infos = [] }: { warnings: readonly string[]; infos?: readonly string[] }) {
  if (warnings.length + infos.length === 0) {
    return null;
  }
  return (
    <ul class="notes">
      {warnings.map((text) => (
        <li key={text} class="note-warning">
          <b>Warning:</b> {text}
        </li>
      ))}
      {infos.map((text) => (
        <li key={text}>
          <b>Note:</b> {text}
        </li>
      ))}
    </ul>
  );
}

// The server's sentences begin in lower case, as parts of longer ones.
export function sentence(text: string): string {
  const begun = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(begun) ? begun : begun + ".";
}
