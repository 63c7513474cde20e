// SPDX-License-Identifier: Apache-2.0
// A text that leads somewhere. Addresses come from dashboards and labels: those that are neither a path nor
// of the web ("javascript:") lead nowhere.
import type { ComponentChildren } from "preact";
import type { DataLink } from "../lib/frame";
import { safeHref } from "./href";

interface LinksProps {
  readonly links: readonly DataLink[] | undefined;
  readonly children: ComponentChildren;
}

export function Links({ links, children }: LinksProps) {
  const first = links?.find((link) => safeHref(link.url) !== null);
  if (first === undefined) {
    return <>{children}</>;
  }
  const href = safeHref(first.url) ?? undefined;
  const others = (links ?? []).filter((link) => link !== first && safeHref(link.url) !== null);
  return (
    <>
      <a
        href={href}
        title={first.title}
        target={first.targetBlank === true ? "_blank" : undefined}
        rel="noopener noreferrer"
      >
        {children}
      </a>
      {others.map((link) => (
        <a
          key={link.url}
          class="more-link"
          href={safeHref(link.url) ?? undefined}
          title={link.title}
          target={link.targetBlank === true ? "_blank" : undefined}
          rel="noopener noreferrer"
        >
          {link.title === "" ? "link" : link.title}
        </a>
      ))}
    </>
  );
}
