// SPDX-License-Identifier: Apache-2.0
// What the links of a dashboard take along: its variables, its time range. Pure.
import type { Env } from "./env";
import type { DashboardLink, Variable } from "./model";

// What the variables of a dashboard add to a link.
export function variableParams(
  variables: readonly Variable[],
  chosen: (name: string) => readonly string[],
): [string, string][] {
  return variables
    .filter((variable) => !variable.skipUrlSync && variable.type !== "constant")
    .flatMap((variable) =>
      chosen(variable.name).map((value): [string, string] => [`var-${variable.name}`, value]),
    );
}

// What a link takes along.
export function carried(link: Pick<DashboardLink, "includeVars" | "keepTime">, env: Env): [string, string][] {
  const variables = link.includeVars
    ? variableParams(env.dashboard.variables, (name) => env.states.get(name)?.selected ?? [])
    : [];
  const time: [string, string][] = link.keepTime
    ? [
        ["from", env.rawFrom],
        ["to", env.rawTo],
      ]
    : [];
  return [...variables, ...time];
}

export function withParams(url: string, params: readonly (readonly [string, string])[]): string {
  if (params.length === 0) {
    return url;
  }
  const [path = "", fragment] = url.split("#");
  const query = new URLSearchParams(params.map(([name, value]) => [name, value])).toString();
  return `${path}${path.includes("?") ? "&" : "?"}${query}${fragment === undefined ? "" : `#${fragment}`}`;
}
