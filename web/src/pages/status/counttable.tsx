// SPDX-License-Identifier: Apache-2.0
// Names with counts, and bars beside them.
import { cutText } from "../../app/some";
import { formatExact } from "../../overview/format";
import type { Count } from "./explorer";

export interface CountTableProps {
  readonly title: string;
  readonly head: string;
  readonly counts: readonly Count[];
  readonly format?: (count: number) => string;
  readonly link?: (name: string) => string;
  readonly onPick?: (name: string) => void;
  readonly unit: string;
}

const said = (name: string) => (name === "" ? '""' : cutText(name, 120));

// Counts with bars; the longest is the first.
export function CountTable({
  title,
  head,
  counts,
  format = formatExact,
  link,
  onPick,
  unit,
}: CountTableProps) {
  const most = counts[0]?.count ?? 0;
  return (
    <section class="panel count-table">
      <h3>{title}</h3>
      <table>
        <thead>
          <tr>
            <th scope="col">{head}</th>
            <th scope="col" class="number">
              {unit}
            </th>
          </tr>
        </thead>
        <tbody>
          {counts.map(({ name, count }) => (
            <tr key={name}>
              <td>
                <bdi>
                  {onPick !== undefined ? (
                    <button type="button" class="link" onClick={() => onPick(name)}>
                      {said(name)}
                    </button>
                  ) : link !== undefined ? (
                    <a href={link(name)}>{said(name)}</a>
                  ) : (
                    said(name)
                  )}
                </bdi>
                <span
                  class="count-bar"
                  style={{ width: `${most > 0 ? (100 * count) / most : 0}%` }}
                  aria-hidden="true"
                />
              </td>
              <td class="number">{format(count)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
