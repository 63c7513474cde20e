// SPDX-License-Identifier: Apache-2.0
// What a failed scrape most likely means, and what to do about it.

export interface Hint {
  readonly cause: string;
  readonly todo: string;
}

const hints: readonly (readonly [pattern: RegExp, cause: string, todo: string])[] = [
  [
    /connection refused/i,
    "Nothing listens at this address.",
    "See whether the program runs, its logger is open, and port and address are the ones in the " +
      "URL (a program in a container listens on its own 127.0.0.1).",
  ],
  [
    /no route to host|network is unreachable|host is unreachable/i,
    "The network has no way to this host.",
    "See whether the machine is on, and whether a firewall or a VPN is between it and the monitor.",
  ],
  [
    /could not resolve|no such host|name or service not known|name resolution/i,
    "The host's name has no address.",
    "See whether the name is spelt right, and DNS works on the monitor's machine; an address works too.",
  ],
  [
    /deadline exceeded|timed? ?out/i,
    "The target did not answer within the scrape timeout.",
    "Open the endpoint: when it is slow, the process is starved or has too many series; when it is silent, " +
      "a firewall drops the packets. Then raise scrape_timeout, or expose less.",
  ],
  [
    /content[- ]type|unsupported content/i,
    "What answers there is not a metrics page.",
    "Open the endpoint: the path (/metrics) or the port may be another program's, or a login page answers.",
  ],
  [
    /status 401|status 403|unauthorized|forbidden/i,
    "The endpoint wants a login.",
    "Set basic_auth or authorization in the scrape configuration; see whether the password file is readable.",
  ],
  [
    /status 404|not found/i,
    "There is nothing at this path.",
    "Set metrics_path to where the program serves its metrics; libinferometer serves /metrics.",
  ],
  [
    /status 50[234]/i,
    "A proxy in front of the target answers instead of it.",
    "See whether the program behind it runs.",
  ],
  [/status 5\d\d/i, "The program failed while it wrote its metrics.", "See its log."],
  [
    /certificate|ssl|tls/i,
    "The two ends do not agree on TLS.",
    "See whether scheme is right (http or https); in tls_config, ca_file names who signed the certificate, " +
      "server_name whose it is.",
  ],
  [/body size|body_size/i, "The page is larger than body_size_limit.", "Raise the limit, or expose less."],
  [
    /sample limit|sample_limit|label.*limit|bucket limit|more than \d+ series/i,
    "The target gave more than it may.",
    "See which metric has so many series (TSDB status), or raise the limit in the configuration.",
  ],
  [
    /parse|unexpected|invalid|expected|metric name|line \d+/i,
    "The page is not valid text of metrics.",
    'Open the endpoint at the line that is named; "promtool check metrics" finds the fault too.',
  ],
  [
    /out of order|duplicate/i,
    "Two targets write the same series, or one writes a series twice.",
    "Give the targets different labels; see whether two jobs scrape one endpoint as the same instance.",
  ],
  [
    /no space|disk|stopped taking/i,
    "The monitor cannot store samples.",
    "Make room on its disk; see TSDB status.",
  ],
  [
    /reset by peer|closed|empty reply|eof/i,
    "The target closed the connection before its answer was complete.",
    "See its log: it may have ended or restarted; http asked of an https port looks like this too.",
  ],
  [
    /could not connect/i,
    "There is no connection to this address.",
    "See whether the host is on, the program runs, and address and port are right.",
  ],
];

export function scrapeHint(error: string): Hint | null {
  if (error === "") {
    return null;
  }
  const found = hints.find(([pattern]) => pattern.test(error));
  return found === undefined
    ? { cause: "The scrape failed.", todo: "Open the endpoint to see what it answers." }
    : { cause: found[1], todo: found[2] };
}
