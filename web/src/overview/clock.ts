// SPDX-License-Identifier: Apache-2.0
// Time as the page sees it pass: for ages and countdowns, and for asking again sooner than the refresh says.
import { useEffect, useState } from "preact/hooks";

// Draws again each `ms` while `active` and while the page is seen.
export function useNow(ms: number, active = true): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    if (!active) {
      return undefined;
    }
    const timer = window.setInterval(() => !document.hidden && setNow(Date.now()), ms);
    return () => window.clearInterval(timer);
  }, [ms, active]);
  return active ? Math.max(now, Date.now() - ms) : Date.now();
}

// Calls `act` each `ms`, null: never.
export function useEvery(ms: number | null, act: () => void): void {
  useEffect(() => {
    if (ms === null) {
      return undefined;
    }
    const timer = window.setInterval(() => !document.hidden && act(), ms);
    return () => window.clearInterval(timer);
  }, [ms]);
}
