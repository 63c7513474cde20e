// SPDX-License-Identifier: Apache-2.0
// What each kind of panel is given to draw.
import type { ChartAnnotation } from "../../charts/types";
import type { Theme } from "../../lib/colors";
import type { PanelData } from "../data";
import type { Env } from "../env";
import type { Scope } from "../layout";
import type { Panel } from "../model";

export interface BodyProps {
  readonly panel: Panel;
  readonly title: string; // with its variables put in
  readonly data: PanelData;
  readonly env: Env; // as of the answers
  readonly repeat: Scope;
  readonly theme: Theme;
  readonly width: number; // pixels, of the inside
  readonly height: number;
  readonly tableShown: boolean;
  readonly legend?: boolean; // shown or not, whatever the dashboard says
  readonly onTable: (shown: boolean) => void;
  readonly onZoom: (from: number, to: number) => void;
  readonly onZoomOut: () => void;
  readonly annotations: readonly ChartAnnotation[];
}
