// SPDX-License-Identifier: Apache-2.0
// The answers of Prometheus's HTTP API, as far as this page reads them.
import type { Labels } from "../lib/frame";

export type SampleText = [time: number, value: string]; // seconds, and a float as text: "NaN", "+Inf", "1e-5"

// Which bounds belong to the bucket: 0 (lower, upper], 1 [lower, upper), 2 (lower, upper), 3 [lower, upper].
export type BucketText = [rule: number, lower: string, upper: string, count: string];

export interface HistogramText {
  count: string;
  sum: string;
  buckets?: BucketText[];
}

export interface SeriesResult {
  metric: Labels;
  value?: SampleText;
  values?: SampleText[];
  histogram?: [time: number, histogram: HistogramText];
  histograms?: [time: number, histogram: HistogramText][];
}

export type QueryData =
  | { resultType: "vector" | "matrix"; result: SeriesResult[] }
  | { resultType: "scalar" | "string"; result: SampleText };

export interface ExemplarResult {
  seriesLabels: Labels;
  exemplars: { labels: Labels; value: string; timestamp: number }[];
}

export type Health = "up" | "down" | "unknown";

export interface Target {
  discoveredLabels: Labels;
  labels: Labels;
  scrapePool: string;
  scrapeUrl: string;
  globalUrl: string;
  lastError: string;
  lastScrape: string;
  lastScrapeDuration: number;
  health: Health;
  scrapeInterval: string;
  scrapeTimeout: string;
}

export interface Targets {
  activeTargets: Target[];
  droppedTargets: { discoveredLabels: Labels; scrapePool: string }[];
  droppedTargetCounts?: Record<string, number>;
}

export interface Alert {
  labels: Labels;
  annotations: Labels;
  state: "inactive" | "pending" | "firing" | "unknown";
  activeAt: string;
  keepFiringSince?: string;
  value: string;
}

export interface Rule {
  type: "alerting" | "recording";
  name: string;
  query: string;
  labels?: Labels;
  health: "ok" | "err" | "unknown";
  lastError?: string;
  lastEvaluation: string;
  evaluationTime: number;
  state?: Alert["state"];
  duration?: number; // "for", seconds
  keepFiringFor?: number;
  annotations?: Labels;
  alerts?: Alert[];
}

export interface RuleGroup {
  name: string;
  file: string;
  interval: number;
  limit?: number;
  rules: Rule[];
  evaluationTime: number;
  lastEvaluation: string;
}

export type Metadata = Record<string, { type: string; help: string; unit: string }[]>;
