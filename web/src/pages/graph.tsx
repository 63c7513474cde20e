// SPDX-License-Identifier: Apache-2.0
export function GraphPage() {
  return <h1>Graph</h1>;
}
