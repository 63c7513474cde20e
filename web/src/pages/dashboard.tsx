// SPDX-License-Identifier: Apache-2.0
// The page of one dashboard: of the monitor, or kept in this browser.
import { useMemo } from "preact/hooks";
import { useLoad } from "../api/use";
import { Failure, Loading } from "../app/states";
import { href } from "../app/url";
import { OpenButtons, OpeningNotice, useOpening } from "../dashboard/drop";
import { loadDashboard } from "../dashboard/keep";
import type { Dashboard } from "../dashboard/model";
import { readDashboard } from "../dashboard/parse";
import { DashboardView } from "../dashboard/view";
import "../dashboard/dashboard.css";

function parsed(source: string | undefined): { dashboard?: Dashboard; error?: Error } {
  if (source === undefined) {
    return {};
  }
  try {
    return { dashboard: readDashboard(source) };
  } catch (error) {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }
}

export function DashboardPage({ uid }: { uid: string }) {
  const opening = useOpening();
  const loaded = useLoad((signal) => loadDashboard(uid, signal), [uid]);
  const { dashboard, error } = useMemo(() => parsed(loaded.data), [loaded.data]);
  const failure = error ?? (loaded.data === undefined ? loaded.error : undefined);
  return (
    <>
      <OpeningNotice opening={opening} />
      {failure !== undefined && (
        <>
          <Failure error={failure} onRetry={() => window.location.reload()} />
          <p class="dash-open-other">
            <a href={href("dashboards")}>All dashboards</a> <OpenButtons opening={opening} />
          </p>
        </>
      )}
      {failure === undefined && dashboard === undefined && <Loading what="the dashboard" />}
      {dashboard !== undefined && loaded.data !== undefined && (
        <DashboardView key={uid} dashboard={dashboard} uid={uid} source={loaded.data} />
      )}
    </>
  );
}
