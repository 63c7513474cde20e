// SPDX-License-Identifier: Apache-2.0
export function DashboardPage({ uid }: { uid: string }) {
  return <h1>{uid}</h1>;
}
