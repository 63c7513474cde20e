// SPDX-License-Identifier: Apache-2.0
// The variables of a dashboard, above its panels.
import { useEffect, useState } from "preact/hooks";
import { api } from "../api/client";
import { Choices } from "./choices";
import { matcherOf } from "./adhoc";
import type { Dashboard, Filter, Variable } from "./model";
import { readFilter, writeFilter, type States, type VariableState } from "./variables";

export type Select = (variable: Variable, values: readonly string[]) => void;

interface OneProps {
  readonly variable: Variable;
  readonly state: VariableState;
  readonly select: Select;
}

function TextBox({ variable, state, select }: OneProps) {
  const value = state.selected[0] ?? "";
  const [typed, setTyped] = useState(value);
  useEffect(() => setTyped(value), [value]);
  const done = () => typed !== value && select(variable, [typed]);
  return (
    <input
      id={`var-${variable.name}`}
      aria-label={variable.label === "" ? variable.name : variable.label}
      value={typed}
      onInput={(event) => setTyped(event.currentTarget.value)}
      onBlur={done}
      onKeyDown={(event) => event.key === "Enter" && done()}
    />
  );
}

function NewFilter({ add, close }: { add: (filter: Filter) => void; close: () => void }) {
  const [keys, setKeys] = useState<readonly string[]>([]);
  const [values, setValues] = useState<readonly string[]>([]);
  const [filter, setFilter] = useState<Filter>({ key: "", operator: "=", value: "" });
  useEffect(() => {
    const controller = new AbortController();
    api<string[]>("api/v1/labels", {}, { signal: controller.signal }).then(
      (answer) => setKeys(answer.data.filter((key) => key !== "__name__")),
      () => setKeys([]), // a name can be typed
    );
    return () => controller.abort();
  }, []);
  useEffect(() => {
    const controller = new AbortController();
    if (filter.key !== "") {
      const path = `api/v1/label/${encodeURIComponent(filter.key)}/values`;
      api<string[]>(path, {}, { signal: controller.signal }).then(
        (answer) => setValues(answer.data.slice(0, 1000)),
        () => setValues([]),
      );
    }
    return () => controller.abort();
  }, [filter.key]);
  const submit = (event: Event) => {
    event.preventDefault();
    if (filter.key !== "") {
      add(filter);
      close();
    }
  };
  return (
    <form class="filter-new" onSubmit={submit}>
      <input
        aria-label="Label"
        placeholder="label"
        list="filter-keys"
        value={filter.key}
        onChange={(event) => setFilter({ ...filter, key: event.currentTarget.value.trim() })}
      />
      <select
        aria-label="Operator"
        value={filter.operator}
        onChange={(event) => setFilter({ ...filter, operator: event.currentTarget.value })}
      >
        {["=", "!=", "=~", "!~"].map((operator) => (
          <option key={operator}>{operator}</option>
        ))}
      </select>
      <input
        aria-label="Value"
        placeholder="value"
        list="filter-values"
        value={filter.value}
        onInput={(event) => setFilter({ ...filter, value: event.currentTarget.value })}
      />
      <button type="submit">Filter</button>
      <button type="button" class="quiet" onClick={close}>
        Cancel
      </button>
      <datalist id="filter-keys">
        {keys.map((key) => (
          <option key={key} value={key} />
        ))}
      </datalist>
      <datalist id="filter-values">
        {values.map((value) => (
          <option key={value} value={value} />
        ))}
      </datalist>
    </form>
  );
}

function Filters({ variable, state, select }: OneProps) {
  const [adding, setAdding] = useState(false);
  const filters = state.selected.map(readFilter).filter((filter): filter is Filter => filter !== null);
  return (
    <span class="filters">
      {filters.map((filter, i) => (
        <button
          key={writeFilter(filter)}
          type="button"
          title="Remove this filter"
          aria-label={`Remove the filter ${matcherOf(filter)}`}
          onClick={() => select(variable, filters.filter((_, at) => at !== i).map(writeFilter))}
        >
          {matcherOf(filter)} <span aria-hidden="true">✕</span>
        </button>
      ))}
      {adding ? (
        <NewFilter
          add={(filter) => select(variable, [...filters, filter].map(writeFilter))}
          close={() => setAdding(false)}
        />
      ) : (
        <button type="button" aria-label="Add a filter" onClick={() => setAdding(true)}>
          +
        </button>
      )}
    </span>
  );
}

function Control(props: OneProps) {
  const { variable, state, select } = props;
  const label = variable.label === "" ? variable.name : variable.label;
  switch (variable.type) {
    case "datasource":
      return <span class="variable-fixed">{state.options[0]?.text}</span>;
    case "textbox":
      return <TextBox {...props} />;
    case "adhoc":
    case "groupby":
      return <Filters {...props} />;
    default:
      return (
        <Choices
          label={label}
          options={state.options}
          selected={state.selected}
          multi={variable.multi}
          includeAll={variable.includeAll}
          onChange={(values) => select(variable, values)}
        />
      );
  }
}

function One(props: OneProps) {
  const { variable, state } = props;
  const label = variable.label === "" ? variable.name : variable.label;
  return (
    <div class={`variable variable-${variable.type}`}>
      {variable.hide === 0 &&
        (variable.type === "textbox" ? (
          <label class="variable-label" htmlFor={`var-${variable.name}`} title={variable.description}>
            {label}
          </label>
        ) : (
          <span class="variable-label" title={variable.description}>
            {label}
          </span>
        ))}
      <Control {...props} />
      {state.error !== "" && (
        <span class="variable-error" role="alert" title={state.error}>
          ✕ not loaded
          <span class="hidden">: {state.error}</span>
        </span>
      )}
      {state.error === "" && variable.type === "query" && state.options.length === 0 && (
        <span class="variable-none" title={`${variable.query} has no values in this time range`}>
          no values
        </span>
      )}
    </div>
  );
}

interface VariableBarProps {
  readonly dashboard: Dashboard;
  readonly states: States;
  readonly select: Select;
}

export function VariableBar({ dashboard, states, select }: VariableBarProps) {
  const shown = dashboard.variables.filter((variable) => variable.hide !== 2 && variable.type !== "constant");
  if (shown.length === 0) {
    return null;
  }
  return (
    <div class="variables" role="group" aria-label="Variables">
      {shown.map((variable) => {
        const state = states.get(variable.name);
        return state && <One key={variable.name} variable={variable} state={state} select={select} />;
      })}
    </div>
  );
}
