// SPDX-License-Identifier: Apache-2.0
export function DashboardsPage() {
  return <h1>Dashboards</h1>;
}
