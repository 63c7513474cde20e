// SPDX-License-Identifier: Apache-2.0
// A query under way: begun when what is asked changes, again with each tick, given up on request. The last
// answer stays until the next one comes, also while that fails.
import { useEffect, useRef, useState } from "preact/hooks";
import { isAbort, type Answer } from "../api/client";

export interface Running<T> {
  readonly answer: Answer<T> | undefined;
  readonly error: Error | undefined;
  readonly loading: boolean;
  readonly canceled: boolean; // by the visitor
  readonly cancel: () => void;
}

interface State<T> {
  readonly answer?: Answer<T>;
  readonly error?: Error;
  readonly loading: boolean;
  readonly canceled: boolean;
  readonly key: string | null; // what the answer belongs to
}

// `key` says all that is asked for; null: nothing. A tick does not disturb a request that is still under way.
// What stands for another query (`of`) is dropped when it fails or waits.
export function useRun<T>(
  key: string | null,
  of: string,
  tick: unknown,
  ask: (signal: AbortSignal) => Promise<Answer<T>>,
): Running<T> {
  const [state, setState] = useState<State<T>>({ loading: key !== null, canceled: false, key: null });
  const flight = useRef<{ controller: AbortController; key: string } | null>(null);
  const latest = useRef(ask);
  latest.current = ask;
  const settle = (controller: AbortController, change: (old: State<T>) => State<T>) => {
    if (flight.current?.controller === controller) {
      flight.current = null;
      setState(change);
    }
  };
  useEffect(() => {
    if (key === null) {
      flight.current?.controller.abort();
      flight.current = null;
      setState({ loading: false, canceled: false, key: null });
      return;
    }
    if (flight.current?.key === key) {
      return;
    }
    flight.current?.controller.abort();
    const controller = new AbortController();
    flight.current = { controller, key };
    setState((old) =>
      old.key === of
        ? { ...old, loading: true, canceled: false }
        : { loading: true, canceled: false, key: of },
    );
    latest.current(controller.signal).then(
      (answer) => settle(controller, () => ({ answer, loading: false, canceled: false, key: of })),
      (error: unknown) =>
        settle(controller, (old) =>
          isAbort(error) ? { ...old, loading: false } : { ...old, error: error as Error, loading: false },
        ),
    );
  }, [key, tick]);
  useEffect(() => () => flight.current?.controller.abort(), []);
  const cancel = () => {
    flight.current?.controller.abort();
    flight.current = null;
    setState((old) => ({ ...old, loading: false, canceled: true }));
  };
  return {
    answer: state.answer,
    error: state.error,
    loading: state.loading,
    canceled: state.canceled,
    cancel,
  };
}
