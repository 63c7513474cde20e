// SPDX-License-Identifier: Apache-2.0
// The links of a dashboard: to others with a tag, or anywhere; with its variables and its time range where it
// says so.
import { href } from "../app/url";
import { safeHref } from "../charts/href";
import { interpolate } from "../lib/interpolate";
import { scopeOf, type Env } from "./env";
import { ourAddress } from "./leads";
import type { Listed } from "./keep";
import { carried, withParams } from "./links";
import { Menu } from "./menu";
import type { DashboardLink } from "./model";

interface Leading {
  readonly title: string;
  readonly href: string;
  readonly here: boolean;
}

function byTag(link: DashboardLink, env: Env, listed: readonly Listed[]): Leading[] {
  return listed
    .filter((one) => link.tags.every((tag) => one.tags.includes(tag)))
    .map((one) => ({
      title: one.title,
      href: withParams(href(`d/${one.uid}`), carried(link, env)),
      here: one.uid === env.uid,
    }));
}

function one(link: DashboardLink, env: Env): Leading[] {
  const scope = scopeOf(env);
  const address = safeHref(withParams(ourAddress(interpolate(link.url, scope), env), carried(link, env)));
  const title = interpolate(link.title, scope);
  return address === null ? [] : [{ title: title === "" ? address : title, href: address, here: false }];
}

function OneLink({ link, env, listed }: { link: DashboardLink; env: Env; listed: readonly Listed[] }) {
  const found = link.type === "dashboards" ? byTag(link, env, listed) : one(link, env);
  if (link.asDropdown && link.type === "dashboards") {
    const items = found.map((leading) => ({
      name: leading.title,
      href: leading.href,
      newPage: link.targetBlank,
    }));
    const title = link.title === "" ? "Dashboards" : link.title;
    return (
      <Menu label={title} items={items} class="link-menu">
        {title} ▾
      </Menu>
    );
  }
  return (
    <>
      {found.map((leading) => (
        <a
          key={leading.href}
          class="dash-link"
          href={leading.href}
          title={link.tooltip}
          aria-current={leading.here ? "page" : undefined}
          target={link.targetBlank ? "_blank" : undefined}
          rel="noreferrer"
        >
          {leading.title}
        </a>
      ))}
    </>
  );
}

export function LinkBar({ env, listed }: { env: Env; listed: readonly Listed[] }) {
  const { links } = env.dashboard;
  if (links.length === 0) {
    return null;
  }
  return (
    <nav class="dash-links" aria-label="Links of this dashboard">
      {links.map((link, i) => (
        <OneLink key={i} link={link} env={env} listed={listed} />
      ))}
    </nav>
  );
}
