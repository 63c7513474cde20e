// SPDX-License-Identifier: Apache-2.0
// Lines, bars and points over time.
import { ChartFrame } from "./datatable";
import { Sparkline } from "./sparkline";
import type { TimeSeriesProps } from "./types";

export function TimeSeries(props: TimeSeriesProps) {
  const first = props.data.series[0];
  return (
    <ChartFrame {...props} className="chart-time" tables={() => []}>
      {first !== undefined && <Sparkline values={first.values} label={props.title} stretch height={props.height - 30} />}
    </ChartFrame>
  );
}
