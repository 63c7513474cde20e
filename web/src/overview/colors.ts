// SPDX-License-Identifier: Apache-2.0
// A stage has the same colour wherever it stands. The colours differ for those who do not see red and green
// too (Okabe and Ito's), and stages are never told by them alone.

const known: Readonly<Record<string, string>> = {
  pre_process: "#56b4e9",
  engine_forward: "#e69f00",
  post_process: "#009e73",
};
const others = ["#cc79a7", "#f0e442", "#8f9bff", "#d98a5b", "#9fb0bd", "#7fd6c2"] as const;

export function stageColor(name: string): string {
  const found = Object.hasOwn(known, name) ? known[name] : undefined;
  if (found !== undefined) {
    return found;
  }
  let hash = 0;
  for (let i = 0; i < name.length; i++) {
    hash = (hash * 31 + name.charCodeAt(i)) >>> 0;
  }
  return others[hash % others.length] ?? others[0];
}
