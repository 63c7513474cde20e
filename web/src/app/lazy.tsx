// SPDX-License-Identifier: Apache-2.0
// Pages that are loaded when they are opened. A part that cannot be loaded says so: the monitor may be gone,
// or may have been upgraded since this page was loaded.
import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Failure, Loading } from "./states";

export function lazy<P extends object>(
  name: string,
  load: () => Promise<ComponentType<P>>,
): ComponentType<P> {
  let loaded: ComponentType<P> | undefined;
  return function Lazy(props: P) {
    const [part, setPart] = useState<{ component?: ComponentType<P>; error?: Error }>(
      loaded === undefined ? {} : { component: loaded },
    );
    const fetchIt = () => {
      setPart({});
      load().then(
        (component) => {
          loaded = component;
          setPart({ component });
        },
        () =>
          setPart({
            error: new Error(
              `could not load the page "${name}": the monitor does not answer, or was upgraded; hint: reload the page`,
            ),
          }),
      );
    };
    useEffect(() => {
      if (loaded === undefined) {
        fetchIt();
      }
    }, []);
    if (part.error !== undefined) {
      return <Failure error={part.error} onRetry={() => window.location.reload()} />;
    }
    if (part.component === undefined) {
      return <Loading what={name} />;
    }
    const Component = part.component;
    return <Component {...props} />;
  };
}
