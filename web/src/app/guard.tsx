// SPDX-License-Identifier: Apache-2.0
// A part of the page that fails while it is drawn takes no other part with it.
import { Component, type ComponentChildren } from "preact";
import { Failure } from "./states";

interface Props {
  what: string;
  children: ComponentChildren;
}

export class Guard extends Component<Props, { error: Error | null }> {
  override state = { error: null as Error | null };

  override componentDidCatch(error: unknown): void {
    this.setState({ error: error instanceof Error ? error : new Error(String(error)) });
  }

  override render({ what, children }: Props) {
    if (this.state.error === null) {
      return children;
    }
    const said = new Error(`could not draw ${what}: ${this.state.error.message}`);
    return <Failure error={said} onRetry={() => this.setState({ error: null })} />;
  }
}
