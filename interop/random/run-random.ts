import { join } from "node:path";
import type { DiffCase } from "../diff/case.ts";
import type { Comparison } from "../diff/compare-batch.ts";
import type { Difference } from "../diff/compare.ts";
import { loadExplanations } from "../diff/explanations.ts";
import { randomCases } from "./generate/random-case.ts";
import { judgeCases } from "./judge-cases.ts";
import { kindOf, shrinkCases, type Shrunk } from "./shrink/shrink.ts";

const DEFAULT_CONFIGS_PER_BATCH = 120;
const DEFAULT_REQUESTS_PER_CONFIG = 12;
/** Causes that are shrunk; more of them are only counted. */
const CAUSES_MAX = 8;

/** How long a run looks for differences, and how long it shrinks what it found, in seconds. */
export const RANDOM_SECONDS = 60;

/** A seed by chance, short enough to be typed. */
export function randomSeed(): number {
  return 1_000 * Math.floor(Math.random() * 1_000_000);
}

/** The two who are compared, with what the diff cases have explained for all cases and what is explained for random ones. */
export function envoyAndNuncio(): Comparison {
  const explanations = loadExplanations(
    join(import.meta.dirname, "..", "diff", "explained.yaml"),
    join(import.meta.dirname, "explained.yaml"),
  );
  return { left: "envoy", right: "nuncio", explanations };
}

/** How long and with what a random run goes on. */
export interface RandomOptions extends Comparison {
  /** Of the first batch; each further one has the next number. */
  readonly seed: number;
  /** For generating and comparing; the batch that runs then is finished. */
  readonly seconds: number;
  /** For shrinking, after that. */
  readonly shrinkSeconds: number;
  /** At most so many batches. */
  readonly batches: number;
  readonly configsPerBatch?: number;
  readonly requestsPerConfig?: number;
  readonly onProgress?: (text: string) => void;
}

/** What a random run did and found. */
export interface RandomResult {
  readonly seed: number;
  readonly batches: number;
  readonly configs: number;
  /** Requests sent to each of both proxies. */
  readonly requests: number;
  /** Configurations that both refuse, and those that Nuncio cannot do yet. */
  readonly refused: number;
  readonly notImplemented: number;
  readonly explained: number;
  /** Cases that differ without an explanation. */
  readonly differing: number;
  /** One of each kind of difference, made small. */
  readonly found: readonly Shrunk[];
}

/** Generates, compares and shrinks. Throws only when a proxy cannot be started at all. */
export async function runRandom(options: RandomOptions): Promise<RandomResult> {
  const startMs = performance.now();
  const counts = {
    batches: 0,
    configs: 0,
    requests: 0,
    refused: 0,
    notImplemented: 0,
    explained: 0,
  };
  const differing: { diffCase: DiffCase; differences: readonly Difference[] }[] = [];
  let longestMs = 0;
  do {
    const batchStartMs = performance.now();
    const cases = randomCases(
      options.seed + counts.batches,
      options.configsPerBatch ?? DEFAULT_CONFIGS_PER_BATCH,
      options.requestsPerConfig ?? DEFAULT_REQUESTS_PER_CONFIG,
    );
    counts.batches += 1;
    for (const { diffCase, outcome, result } of await judgeCases(cases, options)) {
      counts.configs += 1;
      counts.explained += result.explained.length;
      if (outcome === "compared") counts.requests += diffCase.steps.length;
      if (outcome === "refused") counts.refused += 1;
      if (outcome === "not implemented") counts.notImplemented += 1;
      if (result.unexplained.length > 0)
        differing.push({ diffCase, differences: result.unexplained });
    }
    longestMs = Math.max(longestMs, performance.now() - batchStartMs);
    options.onProgress?.(
      `${counts.configs} configurations, ${counts.requests} requests, ${differing.length} differ`,
    );
  } while (
    counts.batches < options.batches &&
    performance.now() - startMs + longestMs < options.seconds * 1_000
  );
  const judge = async (cases: readonly DiffCase[]): Promise<Difference[][]> =>
    (await judgeCases(cases, options)).map(({ result }) => [...result.unexplained]);
  const deadlineMs = performance.now() + options.shrinkSeconds * 1_000;
  const found =
    differing.length === 0 ? [] : await shrinkCases(oneOfEach(differing), judge, deadlineMs);
  return { seed: options.seed, ...counts, differing: differing.length, found };
}

/** The smallest case of each kind of difference. */
function oneOfEach<T extends { diffCase: DiffCase; differences: readonly Difference[] }>(
  differing: readonly T[],
): T[] {
  const kinds = new Map<string, T>();
  const size = ({ differences, diffCase }: T): number =>
    differences.length * 1_000 + JSON.stringify(diffCase).length;
  for (const own of differing) {
    const kind = kindOf(own.differences[0]!);
    const other = kinds.get(kind);
    if (other === undefined || size(own) < size(other)) kinds.set(kind, own);
  }
  return [...kinds.values()].sort((a, b) => size(a) - size(b)).slice(0, CAUSES_MAX);
}
