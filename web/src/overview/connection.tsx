// SPDX-License-Identifier: Apache-2.0
// Whether the monitor answers: a banner says since when it does not, and that it does again.
import { useEffect, useState } from "preact/hooks";
import { ApiError } from "../api/client";
import { sentence } from "../app/states";
import { useNow } from "./clock";
import { formatClock, formatSpan } from "./format";

export type Connection =
  | { readonly kind: "ok" }
  | { readonly kind: "starting" | "away" | "failed"; readonly sinceMs: number; readonly error: Error }
  | { readonly kind: "back"; readonly sinceMs: number; readonly awayMs: number };

const backShownMs = 12_000;

export function kindOf(error: Error): "starting" | "away" | "failed" {
  if (error instanceof ApiError && error.kind === "unavailable") {
    return "starting";
  }
  return error instanceof ApiError && error.kind === "network" ? "away" : "failed";
}

// What follows from one more answer. Starting after having been away is one outage, not two.
export function nextConnection(before: Connection, error: Error | undefined, now: number): Connection {
  const failing = before.kind === "starting" || before.kind === "away" || before.kind === "failed";
  if (error !== undefined) {
    return { kind: kindOf(error), sinceMs: failing ? before.sinceMs : now, error };
  }
  if (failing) {
    return { kind: "back", sinceMs: now, awayMs: now - before.sinceMs };
  }
  return before.kind === "back" && now - before.sinceMs > backShownMs ? { kind: "ok" } : before;
}

// `error` and `at` as useLoad() tells them; `loading` answers nothing yet.
export function useConnection(error: Error | undefined, at: number): Connection {
  const [connection, setConnection] = useState<Connection>({ kind: "ok" });
  useEffect(() => {
    if (error !== undefined || at !== 0) {
      setConnection((before) => nextConnection(before, error, Date.now()));
    }
  }, [error, at]);
  return connection;
}

export function isOut(connection: Connection): boolean {
  return connection.kind !== "ok" && connection.kind !== "back";
}

const titles = {
  starting: "The monitor is starting or stopping.",
  away: "The monitor does not answer.",
  failed: "The numbers could not be refreshed.",
} as const;

export function ConnectionBanner({ connection, dataAt }: { connection: Connection; dataAt: number }) {
  const now = useNow(1000, connection.kind !== "ok");
  if (connection.kind === "ok" || (connection.kind === "back" && now - connection.sinceMs > backShownMs)) {
    return null;
  }
  if (connection.kind === "back") {
    return (
      <p class="overview-banner back" role="status">
        <span aria-hidden="true">✓ </span>
        The monitor answers again since {formatClock(connection.sinceMs, now)}; it was away for{" "}
        {formatSpan(connection.awayMs)}. What was not scraped meanwhile is a gap in the charts.
      </p>
    );
  }
  return (
    <div class="overview-banner out" role="alert">
      <span aria-hidden="true">▲ </span>
      <b>{titles[connection.kind]}</b> Since {formatClock(connection.sinceMs, now)}
      <span aria-hidden="true">, {formatSpan(now - connection.sinceMs)} ago</span>.{" "}
      {dataAt > 0 && (
        <>
          The numbers below are those of {formatClock(dataAt, now)}
          <span aria-hidden="true">, {formatSpan(now - dataAt)} old</span>.{" "}
        </>
      )}
      <span class="muted">{sentence(connection.error.message)}</span>
    </div>
  );
}
