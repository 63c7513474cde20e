// SPDX-License-Identifier: Apache-2.0
// Requests to the monitor that served this page, and to no other host. An answer is data or a sentence.

export class ApiError extends Error {
  constructor(
    message: string, // what failed, why, and what to do
    readonly kind: string, // errorType of the API, "network" or "answer"
    readonly status: number,
  ) {
    super(message);
  }
}

export interface Answer<T> {
  readonly data: T;
  readonly warnings: readonly string[];
  readonly infos: readonly string[];
  readonly tookMs: number; // from the request to the parsed answer
  readonly size: number; // characters of the answer
}

export type Params = Record<string, string | number | readonly string[] | undefined>;

export interface RequestOptions {
  readonly signal?: AbortSignal;
  readonly post?: boolean; // for queries that may be longer than an address
}

function encode(params: Params): URLSearchParams {
  const encoded = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined) {
        encoded.append(name, String(one));
      }
    }
  }
  return encoded;
}

let skewMs = 0;
const skewListeners = new Set<(ms: number) => void>();

// How far the clock of this browser is ahead of the monitor's, as far as seconds and the way there tell.
export function clockSkewMs(): number {
  return skewMs;
}

export function onClockSkew(listener: (ms: number) => void): () => void {
  skewListeners.add(listener);
  return () => void skewListeners.delete(listener);
}

function noteSkew(response: Response, begun: number, ended: number): void {
  const served = Date.parse(response.headers.get("Date") ?? "");
  if (Number.isNaN(served)) {
    return;
  }
  // The header is cut to the second: the true time lies up to one second after it.
  const early = begun - (served + 1000);
  const late = ended - served;
  const now = early > 0 ? early : late < 0 ? late : 0;
  if (now !== skewMs) {
    skewMs = now;
    skewListeners.forEach((listener) => listener(now));
  }
}

async function send(path: string, params: Params, options: RequestOptions): Promise<Response> {
  const query = encode(params);
  const address = new URL(path, document.baseURI);
  const init: RequestInit = { headers: { Accept: "application/json" } };
  if (options.signal !== undefined) {
    init.signal = options.signal;
  }
  if (options.post === true) {
    init.method = "POST";
    init.body = query;
  } else {
    address.search = query.toString();
  }
  const begun = Date.now();
  const response = await fetch(address, init);
  noteSkew(response, begun, Date.now());
  return response;
}

// Whether an error says that the request was given up, by us.
export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === "AbortError";
}

async function reach(path: string, params: Params, options: RequestOptions): Promise<Response> {
  try {
    return await send(path, params, options);
  } catch (error) {
    if (isAbort(error)) {
      throw error;
    }
    throw new ApiError(
      `could not reach the monitor at ${window.location.host}: it does not answer; ` +
        `hint: see whether it runs ("inferometer monitor status"); this page goes on trying`,
      "network",
      0,
    );
  }
}

interface Envelope {
  status?: string;
  data?: unknown;
  error?: string;
  errorType?: string;
  warnings?: string[];
  infos?: string[];
}

function parse(text: string, response: Response, path: string): Envelope {
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body === "object" && body !== null) {
      return body as Envelope;
    }
  } catch {
    // Not JSON: an error page, or the monitor while it starts.
  }
  const said = text.trim().slice(0, 200);
  const starting = response.status === 503;
  throw new ApiError(
    starting
      ? `the monitor at ${window.location.host} is not ready: it is starting or stopping; this page goes on trying`
      : `could not read the answer to ${path}: status ${response.status}, "${said}"`,
    starting ? "unavailable" : "answer",
    response.status,
  );
}

// Asks a path of the HTTP API, such as "api/v1/query". Rejects with ApiError, or the browser's AbortError.
export async function api<T>(
  path: string,
  params: Params = {},
  options: RequestOptions = {},
): Promise<Answer<T>> {
  const begun = performance.now();
  const response = await reach(path, params, options);
  const text = await response.text();
  const body = parse(text, response, path);
  if (body.status !== "success") {
    throw new ApiError(
      body.error ?? `${path} answered with status ${response.status}`,
      body.errorType ?? "answer",
      response.status,
    );
  }
  return {
    data: body.data as T,
    warnings: body.warnings ?? [],
    infos: body.infos ?? [],
    tookMs: performance.now() - begun,
    size: text.length,
  };
}

// A JSON document that is not wrapped as the API's answers are: dashboards.
export async function getDocument<T>(path: string, signal?: AbortSignal): Promise<T> {
  const response = await reach(path, {}, signal === undefined ? {} : { signal });
  const text = await response.text();
  if (!response.ok) {
    throw new ApiError(
      `could not load ${path}: status ${response.status}, "${text.trim().slice(0, 200)}"`,
      "answer",
      response.status,
    );
  }
  return parse(text, response, path) as T;
}
