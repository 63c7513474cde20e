// SPDX-License-Identifier: Apache-2.0
// The pages that people know from Prometheus, in one part that is loaded when the first of them is opened.
export { AlertsPage } from "./alerts";
export { ConfigPage } from "./config";
export { DiscoveryPage } from "./discovery";
export { FlagsPage } from "./flags";
export { RulesPage } from "./rules";
export { RuntimePage } from "./runtime";
export { TargetsPage } from "./targets";
export { TsdbPage } from "./tsdb";
