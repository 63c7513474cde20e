// SPDX-License-Identifier: Apache-2.0
// Addresses a page may lead to: paths of its own, and http, https and mailto. Browsers skip control
// characters when they read a scheme, so these are dropped before it is judged.

export function safeHref(address: string): string | null {
  const plain = address.replace(/[\u0000-\u001f\u007f]/g, "").trim();
  if (plain === "") {
    return null;
  }
  const scheme = /^([^/?#]*?):/.exec(plain)?.[1];
  return scheme === undefined || /^(https?|mailto)$/i.test(scheme) ? plain : null;
}
