import { checkResult, type CheckResult } from "../check.ts";
import { runBatch } from "../diff/batch.ts";
import type { DiffCase } from "../diff/case.ts";
import type { Observation } from "../diff/observation.ts";
import type { ProxyKind } from "../harness/proxy-process.ts";
import { downgradeDiffCase, judgeDowngrade, readDowngradeCases } from "./downgrade-cases.ts";
import { readHttp1Cases, requestDiffCase, responseDiffCase } from "./http1-cases.ts";
import { judgeRequest, judgeResponse } from "./judge.ts";

const BATCH_SIZE = 40;

interface Judged {
  readonly name: string;
  readonly why: string;
  readonly diffCase: DiffCase;
  /** How Envoy fared when the cases were collected. */
  readonly envoyClass: string;
  judge(seen: Observation): string | null;
}

/** A case's verdict, with what Envoy's own was said to be. */
export interface Http1Result extends CheckResult {
  readonly envoyClass: string;
}

/** Runs all raw requests, upstream answers and requests over HTTP/2 of the file end to end and judges them strictly. */
export async function runHttp1(kind: ProxyKind, file: string): Promise<Http1Result[]> {
  const { requests, responses } = readHttp1Cases(file);
  const all: Judged[] = [
    ...requests.map((source) => ({
      name: `http1 request ${source.id}`,
      why: source.why,
      diffCase: requestDiffCase(source),
      envoyClass: source.observed.envoy.class,
      judge: (seen: Observation) => judgeRequest(source, seen),
    })),
    ...responses.map((source) => ({
      name: `http1 response ${source.id}`,
      why: source.why,
      diffCase: responseDiffCase(source),
      envoyClass: source.observed.envoy.class,
      judge: (seen: Observation) => judgeResponse(source, seen),
    })),
    ...readDowngradeCases(file).map((source) => ({
      name: `http1 downgrade ${source.id}`,
      why: source.why,
      diffCase: downgradeDiffCase(source),
      envoyClass: source.observed.envoy.class,
      judge: (seen: Observation) => judgeDowngrade(source, seen),
    })),
  ];
  const results: Http1Result[] = [];
  for (let at = 0; at < all.length; at += BATCH_SIZE) {
    const batch = all.slice(at, at + BATCH_SIZE);
    const verdicts = await runBatch(
      kind,
      batch.map(({ diffCase }) => diffCase),
      (seen) => batch.map((judged, index) => judged.judge(seen[index]!)),
    );
    for (const [index, { name, why, envoyClass }] of batch.entries()) {
      const problem = verdicts[index] ?? null;
      results.push({
        ...checkResult(name, problem === null ? null : `${problem} (${why})`),
        envoyClass,
      });
    }
  }
  return results;
}
