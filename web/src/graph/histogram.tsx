// SPDX-License-Identifier: Apache-2.0
// A native histogram as a small bar chart, with its buckets as a table below when they are asked for. Bars
// are as high as their buckets are dense: a wide bucket with the same count is lower.
import type { Histogram, HistogramBucket } from "../lib/frame";
import { floatText } from "../lib/promtext";
import { plainNumber } from "./number";

const width = 260;
const height = 54;

interface Bar {
  readonly x: number;
  readonly width: number;
  readonly share: number; // of the highest
  readonly bucket: HistogramBucket;
}

// Bounds of exponential buckets lie evenly on a logarithmic axis, on which zero has no place: where a bucket
// touches zero, or there are negative ones, all are as wide as each other.
export function histogramBars(buckets: readonly HistogramBucket[]): Bar[] {
  const drawn = buckets.filter((bucket) => bucket.count > 0 && !Number.isNaN(bucket.count));
  const first = drawn[0];
  const last = drawn.at(-1);
  if (first === undefined || last === undefined) {
    return [];
  }
  const positive = drawn.every((bucket) => bucket.lower > 0 && Number.isFinite(bucket.upper));
  const span = positive ? Math.log(last.upper / first.lower) : drawn.length;
  const place = (bound: number) => (Math.log(bound / first.lower) / span) * width;
  const most = Math.max(...drawn.map((bucket) => bucket.count));
  return drawn.map((bucket, index) => ({
    x: positive ? place(bucket.lower) : (index / span) * width,
    width: positive ? place(bucket.upper) - place(bucket.lower) : width / span,
    share: bucket.count / most,
    bucket,
  }));
}

export function boundsText(bucket: HistogramBucket): string {
  return (
    `${bucket.lowerInclusive ? "[" : "("}${plainNumber(bucket.lower)}, ${plainNumber(bucket.upper)}` +
    `${bucket.upperInclusive ? "]" : ")"}`
  );
}

export function HistogramCell({ histogram }: { readonly histogram: Histogram }) {
  const bars = histogramBars(histogram.buckets);
  const mean = histogram.count === 0 ? null : histogram.sum / histogram.count;
  const { count, sum } = histogram;
  const said = `count ${floatText(count)}, sum ${plainNumber(sum)}, mean ${plainNumber(mean)}`;
  return (
    <div class="histogram">
      <svg
        width={width}
        height={height}
        viewBox={`0 0 ${width} ${height}`}
        role="img"
        aria-label={`Histogram: ${said}`}
      >
        {bars.map((bar) => (
          <rect
            key={bar.x}
            x={bar.x}
            y={height - 1 - bar.share * (height - 2)}
            width={Math.max(bar.width - 1, 0.5)}
            height={bar.share * (height - 2)}
          >
            <title>{`${boundsText(bar.bucket)}: ${plainNumber(bar.bucket.count)}`}</title>
          </rect>
        ))}
        <path d={`M0 ${height - 0.5}H${width}`} />
      </svg>
      <details>
        <summary>{said}</summary>
        <table>
          <thead>
            <tr>
              <th>Bucket</th>
              <th class="number">Count</th>
              <th class="number">Share</th>
            </tr>
          </thead>
          <tbody>
            {histogram.buckets.map((bucket) => (
              <tr key={boundsText(bucket)}>
                <td class="mono">{boundsText(bucket)}</td>
                <td class="number">{plainNumber(bucket.count)}</td>
                <td class="number">{((bucket.count / histogram.count) * 100).toFixed(1)} %</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </div>
  );
}
