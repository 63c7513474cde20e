// SPDX-License-Identifier: Apache-2.0
// The queries of the page: read from its address, and changed by writing them there. Each keeps an identity
// while others are added and removed before it.
import { useRef } from "preact/hooks";
import { currentParams, setParams, useLocation } from "../app/url";
import { parseQueries, queriesMax, usual, writeQueries, type Change, type QueryState } from "./state";

export interface Queries {
  readonly list: readonly QueryState[];
  readonly ids: readonly number[];
  readonly change: (index: number, change: Change, replace?: boolean) => void;
  readonly changeAll: (change: Partial<QueryState>) => void;
  readonly add: (query?: Partial<QueryState>) => void;
  readonly duplicate: (index: number) => void;
  readonly remove: (index: number) => void;
}

let nextId = 1;

export function useQueries(): Queries {
  const { params } = useLocation();
  const list = parseQueries(params);
  const ids = useRef<number[]>([]);
  while (ids.current.length < list.length) {
    ids.current.push(nextId++);
  }
  ids.current.length = list.length;
  // What stands in the address now, not when this was drawn: two changes may follow each other at once.
  const edit = (change: (queries: QueryState[]) => void, replace = false) => {
    const now = currentParams();
    const queries = parseQueries(now);
    change(queries);
    setParams(writeQueries(queries.length === 0 ? [usual] : queries, now), replace);
  };
  const merge = (queries: QueryState[], index: number, change: Change) => {
    const old = queries[index];
    if (old !== undefined) {
      queries[index] = { ...old, ...(typeof change === "function" ? change(old) : change) };
    }
  };
  const insert = (queries: QueryState[], at: number, query: QueryState) => {
    if (queries.length < queriesMax) {
      queries.splice(at, 0, query);
      ids.current.splice(at, 0, nextId++);
    }
  };
  return {
    list,
    ids: ids.current,
    change: (index, change, replace) => edit((queries) => merge(queries, index, change), replace),
    changeAll: (change) =>
      edit((queries) => queries.forEach((_query, index) => merge(queries, index, change))),
    add: (query = {}) =>
      edit((queries) => {
        const last = queries.at(-1) ?? usual;
        const { rangeMs, endMs, tab } = last;
        insert(queries, queries.length, { ...usual, rangeMs, endMs, tab, ...query });
      }),
    duplicate: (index) => edit((queries) => insert(queries, index + 1, queries[index] ?? usual)),
    remove: (index) =>
      edit((queries) => {
        queries.splice(index, 1);
        ids.current.splice(index, 1);
      }),
  };
}
