// SPDX-License-Identifier: Apache-2.0
// A titled box around a chart.
import type { ComponentChildren } from "preact";

export function Panel(props: { title: string; size?: string; children: ComponentChildren }) {
  return (
    <div class={`panel ${props.size ?? ""}`}>
      <h3>{props.title}</h3>
      {props.children}
    </div>
  );
}
