// SPDX-License-Identifier: Apache-2.0
// Stats, gauges, bars, sparklines and split bars.
import { BarGauge } from "../src/charts/bargauge";
import { Gauge } from "../src/charts/gauge";
import { Sparkline } from "../src/charts/sparkline";
import { StackBar } from "../src/charts/stackbar";
import { Stat } from "../src/charts/stat";
import type { StatValue } from "../src/charts/types";
import { gauges, hostileNames, palette, walk } from "./data";
import { Panel } from "./panel";

const one: StatValue[] = [
  {
    key: "a",
    name: "Requests/s",
    value: 231.4,
    text: "231 req/s",
    color: "#73BF69",
    spark: walk(1, 200, 60),
    change: 0.12,
  },
];
const several: StatValue[] = gauges([0.31, 0.7, 0.93]).map((value, index) => ({
  ...value,
  spark: walk(index + 60, 10, 4),
  change: index - 1,
}));
const bad: StatValue[] = hostileNames.map((name, index) => ({
  key: `${index}`,
  name,
  value: 1,
  text: index === 0 ? "<b>1</b>" : "1",
  color: palette[index] ?? "#888888",
}));
const parts = ["decode", "detect", "crop", "recognise", "assemble"].map((name, index) => ({
  key: name,
  name,
  value: [4, 31, 1, 55, 0.3][index] ?? 0,
  color: palette[index] ?? "#888888",
  text: `${[4, 31, 1, 55, 0.3][index]} ms`,
}));

export function Single() {
  return (
    <>
      <Panel title="Stat" size="quarter">
        <Stat title="Stat" height={110} values={one} />
      </Panel>
      <Panel title="Change" size="quarter">
        <Stat title="Change" height={110} values={one} showChange textMode="value_and_name" />
      </Panel>
      <Panel title="Background" size="quarter">
        <Stat title="Background" height={110} values={one} colorMode="background" />
      </Panel>
      <Panel title="No value" size="quarter">
        <Stat title="No value" height={110} values={[]} noValue="no requests yet" />
      </Panel>
      <Panel title="Several">
        <Stat title="Several" height={120} values={several} />
      </Panel>
      <Panel title="Several, background">
        <Stat title="Several, background" height={120} values={several} colorMode="background_solid" />
      </Panel>
      <Panel title="Rows">
        <Stat title="Rows" height={120} values={several} orientation="horizontal" graphMode="none" />
      </Panel>
      <Panel title="Hostile">
        <Stat title="Hostile" height={120} values={bad} graphMode="none" />
      </Panel>
      <Panel title="Gauge" size="quarter">
        <Gauge title="Gauge" height={170} values={gauges([0.72])} />
      </Panel>
      <Panel title="Gauges">
        <Gauge title="Gauges" height={170} values={gauges([0.1, 0.65, 0.97])} />
      </Panel>
      <Panel title="Null gauge" size="quarter">
        <Gauge title="Null gauge" height={170} values={gauges([null])} />
      </Panel>
      <Panel title="Bars, gradient" size="third">
        <BarGauge
          title="Bars, gradient"
          height={180}
          values={gauges([0.2, 0.5, 0.7, 0.95, null])}
          orientation="horizontal"
        />
      </Panel>
      <Panel title="Bars, basic" size="third">
        <BarGauge
          title="Bars, basic"
          height={180}
          values={gauges([0.2, 0.5, 0.95])}
          displayMode="basic"
          orientation="horizontal"
        />
      </Panel>
      <Panel title="Bars, lcd" size="third">
        <BarGauge
          title="Bars, lcd"
          height={180}
          values={gauges([0.2, 0.5, 0.7, 0.95])}
          displayMode="lcd"
          orientation="horizontal"
        />
      </Panel>
      <Panel title="Standing bars" size="third">
        <BarGauge
          title="Standing bars"
          height={180}
          values={gauges([0.2, 0.5, 0.7, 0.95, 0.4])}
          orientation="vertical"
        />
      </Panel>
      <Panel title="Standing lcd" size="third">
        <BarGauge
          title="Standing lcd"
          height={180}
          values={gauges([0.2, 0.5, 0.7, 0.95])}
          displayMode="lcd"
          orientation="vertical"
        />
      </Panel>
      <Panel title="Hostile bars" size="third">
        <BarGauge
          title="Hostile bars"
          height={180}
          values={gauges([0.2, 0.5, 0.7, 0.95, 0.3, 0.2, 0.1], hostileNames)}
          orientation="horizontal"
        />
      </Panel>
      <Panel title="Sparkline" size="third">
        <Sparkline values={walk(3, 40, 20)} label="a sparkline" />
        <Sparkline values={[1, 2, null, 4, null, 3, 3, 9]} label="gaps" color="#EF843C" />
        <Sparkline values={[]} label="empty" />
      </Panel>
      <Panel title="Stretched" size="third">
        <Sparkline values={walk(5, 40, 20)} label="stretched" stretch height={60} />
      </Panel>
      <Panel title="Split" size="third">
        <StackBar parts={parts} label="time by stage" legend />
        <StackBar parts={[]} label="none" />
      </Panel>
    </>
  );
}
