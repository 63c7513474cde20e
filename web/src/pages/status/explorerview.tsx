// SPDX-License-Identifier: Apache-2.0
// The cardinality explorer: of one metric, or of all, how many series have which value of a label.
import { api } from "../../api/client";
import type { QueryData } from "../../api/types";
import { useApi, useLoad } from "../../api/use";
import { Failure, Loading } from "../../app/states";
import { setParams, useLocation } from "../../app/url";
import type { Labels } from "../../lib/frame";
import { formatExact } from "../../overview/format";
import { graphHref } from "../../overview/links";
import { quote } from "../../lib/promtext";
import { CountTable } from "./counttable";
import { countQuery, countsOf, selector, valuesByLabel, type Count } from "./explorer";

const valuesMost = 100;
const seriesMost = 20_000; // that are fetched to look at labels
const lookbackSeconds = 300;

interface Found {
  readonly title: string;
  readonly note: string;
  readonly counts: readonly Count[];
}

async function explore(metric: string, label: string, signal: AbortSignal): Promise<Found | null> {
  if (label !== "") {
    const params = { query: countQuery(metric, label, valuesMost) };
    const answer = await api<QueryData>("api/v1/query", params, { signal, post: true });
    const found = answer.data.resultType === "vector" ? countsOf(answer.data.result, label) : [];
    const of = metric === "" ? "all metrics" : metric;
    const note =
      found.length >= valuesMost ? `the ${valuesMost} values with the most series` : `${found.length} values`;
    return { title: `Series of ${of} by ${label}`, note, counts: found };
  }
  if (metric === "") {
    return null;
  }
  const params = {
    "match[]": selector(metric),
    start: Date.now() / 1000 - lookbackSeconds,
    limit: seriesMost,
  };
  const answer = await api<Labels[]>("api/v1/series", params, { signal });
  const cut =
    answer.data.length >= seriesMost
      ? `the first ${formatExact(seriesMost)}`
      : formatExact(answer.data.length);
  return {
    title: `Labels of ${metric}`,
    note: `${cut} series of the last five minutes`,
    counts: valuesByLabel(answer.data),
  };
}

function valueHref(metric: string, label: string, value: string): string {
  const name = metric === "" ? "" : `__name__=${quote(metric)},`;
  return graphHref(`{${name}${label}=${quote(value)}}`);
}

function Result({ metric, label }: { metric: string; label: string }) {
  const loaded = useLoad((signal) => explore(metric, label, signal), [metric, label]);
  if (loaded.error !== undefined) {
    return <Failure error={loaded.error} />;
  }
  if (loaded.data === undefined || loaded.loading) {
    return <Loading what="the counts" />;
  }
  if (loaded.data === null) {
    return (
      <p class="muted">
        Choose a metric to see its labels, or a label to see how many series each value has.
      </p>
    );
  }
  const { title, note, counts } = loaded.data;
  const byLabel = label === "";
  return (
    <>
      <p class="muted" role="status">
        {counts.length === 0 ? "Nothing has it now." : note}
      </p>
      {counts.length > 0 && (
        <CountTable
          title={title}
          head={byLabel ? "Label" : "Value"}
          unit={byLabel ? "Values" : "Series"}
          counts={counts}
          {...(byLabel
            ? { onPick: (name: string) => setParams({ label: name }) }
            : { link: (value: string) => valueHref(metric, label, value) })}
        />
      )}
    </>
  );
}

function Picker({
  id,
  name,
  value,
  all,
  onPick,
}: {
  id: string;
  name: string;
  value: string;
  all: readonly string[];
  onPick: (value: string | null) => void;
}) {
  return (
    <label>
      {name}{" "}
      <input
        key={value}
        list={id}
        defaultValue={value}
        placeholder="any"
        onChange={(event) => onPick(event.currentTarget.value.trim() || null)}
      />
      <datalist id={id}>
        {all.slice(0, 2000).map((one) => (
          <option key={one} value={one} />
        ))}
      </datalist>
    </label>
  );
}

export function Explorer() {
  const { params } = useLocation();
  const metric = params.get("metric") ?? "";
  const label = params.get("label") ?? "";
  const metrics = useApi<string[]>("api/v1/label/__name__/values");
  const labels = useApi<string[]>("api/v1/labels", metric === "" ? {} : { "match[]": selector(metric) });
  return (
    <section class="panel explorer" aria-label="Explorer">
      <h2>Explorer</h2>
      <div class="tools">
        <Picker
          id="explorer-metrics"
          name="Metric"
          value={metric}
          all={metrics.data?.data ?? []}
          onPick={(value) => setParams({ metric: value })}
        />
        <Picker
          id="explorer-labels"
          name="Label"
          value={label}
          all={labels.data?.data ?? []}
          onPick={(value) => setParams({ label: value })}
        />
        {(metric !== "" || label !== "") && (
          <button type="button" onClick={() => setParams({ metric: null, label: null })}>
            Clear
          </button>
        )}
      </div>
      <Result metric={metric} label={label} />
    </section>
  );
}
