// SPDX-License-Identifier: Apache-2.0
export function AlertsPage() {
  return <h1>Alerts</h1>;
}
export function RulesPage() {
  return <h1>Rules</h1>;
}
export function TargetsPage() {
  return <h1>Targets</h1>;
}
export function DiscoveryPage() {
  return <h1>Discovery</h1>;
}
export function TsdbPage() {
  return <h1>Tsdb</h1>;
}
export function RuntimePage() {
  return <h1>Runtime</h1>;
}
export function ConfigPage() {
  return <h1>Config</h1>;
}
export function FlagsPage() {
  return <h1>Flags</h1>;
}
