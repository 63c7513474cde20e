// SPDX-License-Identifier: Apache-2.0
// Durations as Prometheus writes them: "1h30m", "100ms".

const units: readonly [string, number][] = [
  ["y", 365 * 86_400_000],
  ["w", 7 * 86_400_000],
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1000],
  ["ms", 1],
];

// Milliseconds, or null where the text is no duration. A fraction is Grafana's, not Prometheus's: "0.5h".
export function parseDuration(text: string): number | null {
  if (text === "0") {
    return 0;
  }
  const parts = text.trim().match(/\d+(?:\.\d+)?(?:ms|[ywdhms])/g);
  if (parts === null || parts.join("") !== text.trim()) {
    return null;
  }
  let total = 0;
  for (const part of parts) {
    const unit = part.replace(/^[\d.]+/, "");
    total += parseFloat(part) * (units.find(([name]) => name === unit)?.[1] ?? 0);
  }
  return total;
}

export function formatDuration(ms: number): string {
  let rest = Math.round(Math.abs(ms));
  let text = "";
  for (const [name, size] of units) {
    const count = Math.floor(rest / size);
    if (count > 0) {
      text += `${count}${name}`;
      rest -= count * size;
    }
  }
  return (ms < 0 && text !== "" ? "-" : "") + (text === "" ? "0s" : text);
}
