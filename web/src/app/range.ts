// SPDX-License-Identifier: Apache-2.0
// The time range of the page (?from=now-1h&to=now) and its refresh (?refresh=5s), as Grafana writes them into
// addresses. A range that ends "now" moves with each refresh.
import { useEffect, useRef, useState } from "preact/hooks";
import { parseDuration } from "../lib/duration";
import { parseTime } from "../lib/time";
import { remember, remembered } from "./theme";
import { setParams, useLocation } from "./url";

export interface RangeDefaults {
  readonly from: string; // "now-1h"
  readonly to: string; // "now"
  readonly refresh: string; // "10s", or "" for none
  readonly ownRefresh?: boolean; // what is chosen on this page is not remembered for others, nor theirs taken
}

export interface Range {
  readonly from: string; // as it stands in the address
  readonly to: string;
  readonly fromMs: number; // as of the last refresh
  readonly toMs: number;
  readonly refresh: string;
  readonly paused: boolean; // by the visitor, or because the page is not seen
  readonly tick: number; // grows with each refresh
  readonly set: (from: string, to: string) => void;
  readonly zoom: (fromMs: number, toMs: number) => void;
  readonly setRefresh: (refresh: string) => void;
  readonly refreshNow: () => void;
}

export const homeRange: RangeDefaults = { from: "now-15m", to: "now", refresh: "5s" };
export const refreshChoices = ["", "1s", "5s", "10s", "30s", "1m", "5m", "15m"] as const;

const minRangeMs = 1000; // a drag of less is a slip of the hand

function resolve(from: string, to: string, now: number): [number, number] {
  const fromMs = parseTime(from, now, false);
  const toMs = parseTime(to, now, true);
  if (fromMs === null || toMs === null || toMs <= fromMs) {
    return [now - 3_600_000, now];
  }
  return [fromMs, toMs];
}

// Ticks while the page is seen: a page in the background asks for nothing.
function useTicks(refresh: string): [tick: number, hidden: boolean, now: () => void] {
  const [tick, setTick] = useState(0);
  const [hidden, setHidden] = useState(document.hidden);
  const ms = refresh === "" ? null : parseDuration(refresh);
  useEffect(() => {
    const listener = () => {
      setHidden(document.hidden);
      if (!document.hidden) {
        setTick((count) => count + 1);
      }
    };
    document.addEventListener("visibilitychange", listener);
    return () => document.removeEventListener("visibilitychange", listener);
  }, []);
  useEffect(() => {
    if (ms === null || ms < 500 || hidden) {
      return undefined;
    }
    const timer = window.setInterval(() => setTick((count) => count + 1), ms);
    return () => window.clearInterval(timer);
  }, [ms, hidden]);
  return [tick, hidden, () => setTick((count) => count + 1)];
}

export function useRange(defaults: RangeDefaults = homeRange): Range {
  const { params } = useLocation();
  const own = defaults.ownRefresh === true;
  const given = (name: "from" | "to") => {
    const text = params.get(name) ?? "";
    return parseTime(text, Date.now(), false) === null ? defaults[name] : text; // what is no time is left out
  };
  const from = given("from");
  const to = given("to");
  const refresh =
    params.get("refresh") ?? (own ? null : remembered("inferometer.refresh")) ?? defaults.refresh;
  const [tick, hidden, refreshNow] = useTicks(refresh === "off" ? "" : refresh);
  const cache = useRef<{ key: string; value: [number, number] } | null>(null);
  const key = `${from} ${to} ${tick}`;
  if (cache.current?.key !== key) {
    cache.current = { key, value: resolve(from, to, Date.now()) };
  }
  const [fromMs, toMs] = cache.current.value;
  return {
    from,
    to,
    fromMs,
    toMs,
    refresh: refresh === "off" ? "" : refresh,
    paused: hidden || refresh === "" || refresh === "off",
    tick,
    set: (newFrom, newTo) => setParams({ from: newFrom, to: newTo }),
    zoom: (newFrom, newTo) => {
      if (newTo - newFrom >= minRangeMs) {
        setParams({ from: String(Math.round(newFrom)), to: String(Math.round(newTo)) });
      }
    },
    setRefresh: (chosen) => {
      if (!own) {
        remember("inferometer.refresh", chosen === "" ? "off" : chosen);
      }
      setParams({ refresh: chosen === "" ? "off" : chosen }, true);
    },
    refreshNow,
  };
}
