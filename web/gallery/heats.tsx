// SPDX-License-Identifier: Apache-2.0
// Heatmaps: classic and native buckets, schemes and opacity, hostile and empty.
import { Heatmap } from "../src/charts/heatmap";
import { exemplars, from, heat, nativeHeat, stepMs, to, unit } from "./data";
import { Panel } from "./panel";

const classic = heat();
const native = nativeHeat();
const empty = { times: [], stepMs, bounds: [], counts: [] };

export function Heats() {
  const common = {
    from,
    to,
    height: 240,
    format: unit("s"),
    formatCount: unit("short"),
    crosshair: "gallery",
    timezone: "utc" as const,
    onZoom: () => undefined,
  };
  return (
    <>
      <Panel title="Classic buckets">
        <Heatmap {...common} title="Classic buckets" data={classic} scheme="Oranges" />
      </Panel>
      <Panel title="Native buckets">
        <Heatmap
          {...common}
          title="Native buckets"
          data={native}
          scheme="Spectral"
          yLog={2}
          exemplars={exemplars}
        />
      </Panel>
      <Panel title="Opacity">
        <Heatmap {...common} title="Opacity" data={classic} fill="#5794F2" />
      </Panel>
      <Panel title="Turbo, log axis">
        <Heatmap {...common} title="Turbo, log axis" data={classic} scheme="Turbo" yLog={10} />
      </Panel>
      <Panel title="Empty heatmap">
        <Heatmap {...common} title="Empty heatmap" data={empty} />
      </Panel>
      <Panel title="Viridis">
        <Heatmap {...common} title="Viridis" data={classic} scheme="Viridis" />
      </Panel>
    </>
  );
}
