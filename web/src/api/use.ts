// SPDX-License-Identifier: Apache-2.0
// Requests as state of a component. What was there stays while the next answer is awaited, and after a
// failure.
import { useEffect, useRef, useState } from "preact/hooks";
import { api, isAbort, type ApiError, type Answer, type Params } from "./client";

export interface Loaded<T> {
  readonly data: T | undefined; // of the last request that succeeded
  readonly error: ApiError | Error | undefined; // of the last request, if it failed
  readonly loading: boolean;
  readonly at: number; // when `data` came, Date.now(); 0: never
}

interface Flight {
  controller: AbortController;
  done: boolean;
}

// Runs `load` when a value of `deps` changes, and gives up what is under way for the old ones. A new `tick`
// runs it again too, but not while the last one is under way: an answer slower than the refresh would never
// be seen.
export function useLoad<T>(
  load: (signal: AbortSignal) => Promise<T>,
  deps: readonly unknown[],
  tick: unknown = 0,
): Loaded<T> {
  const [state, setState] = useState<Loaded<T>>({ data: undefined, error: undefined, loading: true, at: 0 });
  const latest = useRef(load);
  const flight = useRef<Flight | null>(null);
  latest.current = load;

  const start = () => {
    flight.current?.controller.abort();
    const mine: Flight = { controller: new AbortController(), done: false };
    flight.current = mine;
    setState((old) => ({ ...old, loading: true }));
    const settle = (change: (old: Loaded<T>) => Loaded<T>) => {
      mine.done = true;
      if (flight.current === mine && !mine.controller.signal.aborted) {
        setState(change);
      }
    };
    latest.current(mine.controller.signal).then(
      (data) => settle(() => ({ data, error: undefined, loading: false, at: Date.now() })),
      (error: unknown) =>
        settle((old) => (isAbort(error) ? old : { ...old, error: error as Error, loading: false })),
    );
  };

  const begun = useRef(false);
  useEffect(() => {
    begun.current = true;
    start();
    return () => flight.current?.controller.abort();
  }, deps);
  useEffect(() => {
    if (begun.current) {
      begun.current = false; // the effect above has just started one
    } else if (flight.current?.done !== false) {
      start();
    }
  }, [...deps, tick]);
  return state;
}

// A path of the API, asked again when the path, a parameter or `tick` changes.
export function useApi<T>(path: string, params: Params = {}, tick: unknown = 0): Loaded<Answer<T>> {
  return useLoad((signal) => api<T>(path, params, { signal }), [path, JSON.stringify(params)], tick);
}
