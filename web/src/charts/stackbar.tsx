// SPDX-License-Identifier: Apache-2.0
// One bar split into named parts with their shares: where the time of a pipeline goes. Free of uPlot: it is
// on the first page.
import { sharesOf, sharesText, type Share } from "./shares";
import type { StackBarProps } from "./types";
import "./spark.css";

const nameFrom = 0.08; // of the whole; less has no room for a letter

// Names are dark on light colours and light on dark ones; what is no plain hex colour is taken for a middle
// one.
function inkOn(color: string): string {
  const hex = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})/i.exec(color);
  if (hex === null) {
    return "#000";
  }
  const [red, green, blue] = [hex[1], hex[2], hex[3]].map(
    (part) => (parseInt(part ?? "80", 16) / 255) ** 2.2,
  );
  return 0.2126 * (red ?? 0) + 0.7152 * (green ?? 0) + 0.0722 * (blue ?? 0) > 0.179 ? "#000" : "#fff";
}

function Part({ of, height, names }: { of: Share; height: number; names: boolean }) {
  const { part, share, percent } = of;
  const shared = {
    class: "stackbar-part",
    title: `${part.name}: ${part.text === undefined ? "" : `${part.text}, `}${percent}`,
    style: { flexGrow: share, height, background: part.color, color: inkOn(part.color) },
  };
  const inside = names && share >= nameFrom && height >= 14 && <span class="stackbar-name">{part.name}</span>;
  return part.href === undefined ? (
    <span {...shared}>{inside}</span>
  ) : (
    <a {...shared} href={part.href} aria-label={shared.title}>
      {inside}
    </a>
  );
}

export function StackBar(props: StackBarProps) {
  const { height = 18, names = true, legend = false, noValue = "no data" } = props;
  const shares = sharesOf(props.parts);
  if (shares.length === 0) {
    return <span class="stackbar-none">{noValue}</span>;
  }
  const linked = shares.some(({ part }) => part.href !== undefined);
  return (
    <div class="stackbar">
      <div class="stackbar-bar" role={linked ? "group" : "img"} aria-label={sharesText(props.label, shares)}>
        {shares.map((share) => (
          <Part key={share.part.key} of={share} height={height} names={names} />
        ))}
      </div>
      {legend && (
        <ul class="stackbar-legend">
          {shares.map(({ part, percent }) => (
            <li key={part.key}>
              <i class="stackbar-key" style={{ background: part.color }} />
              <span>{part.name}</span>
              {part.text !== undefined && <span>{part.text}</span>}
              <span>{percent}</span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
