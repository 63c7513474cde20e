// SPDX-License-Identifier: Apache-2.0
// With which flags the monitor runs.
import { Empty } from "../../app/states";
import { setParams } from "../../app/url";
import { Search, StatusPage, useSearch, useStatus } from "./common";
import { matches } from "./search";

export function FlagsPage() {
  const status = useStatus<Record<string, string>>("api/v1/status/flags");
  const text = useSearch();
  return (
    <StatusPage
      title="Flags"
      what="the flags"
      status={status}
      tools={<Search label="Search names and values" />}
    >
      {(flags) => {
        const all = Object.entries(flags).sort(([a], [b]) => (a < b ? -1 : 1));
        const shown = all.filter(([name, value]) => matches(text, () => [`--${name}=${value}`]));
        return shown.length === 0 ? (
          <Empty title="No flag fits">
            <button type="button" onClick={() => setParams({ search: null })}>
              Show all {all.length}
            </button>
          </Empty>
        ) : (
          <div class="panel scroll" tabIndex={0} role="region" aria-label="Flags">
            <table class="flags">
              <thead>
                <tr>
                  <th scope="col">Flag</th>
                  <th scope="col">Value</th>
                </tr>
              </thead>
              <tbody>
                {shown.map(([name, value]) => (
                  <tr key={name}>
                    <th scope="row">
                      <code>--{name}</code>
                    </th>
                    <td>{value === "" ? <span class="muted">not set</span> : <code>{value}</code>}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        );
      }}
    </StatusPage>
  );
}
