import { join } from "node:path";
import { makeCertificate } from "../../harness/certificate.ts";
import { makeTempFolder, removeTempFolder } from "../../harness/temp-folder.ts";
import { mutate } from "../documents/mutate.ts";
import { randomDocument } from "../documents/random-document.ts";
import type { GatewayDocument } from "../documents/scene.ts";
import { compareTranslations } from "./compare-translations.ts";
import type { OracleDifference } from "./difference.ts";
import { OracleExplanations, type CountedExplanation } from "./explanations.ts";
import { Original } from "./original.ts";
import { shrink } from "./shrink.ts";
import { translate, type Translation } from "./translation.ts";

/** Translated at once. */
const BATCH_DOCUMENTS = 4;

/** How many documents, and which. */
export interface OracleOptions {
  readonly seed: number;
  readonly documents: number;
  /** Mistakes that are made in each document; none unless given. */
  readonly mutations?: number;
  /** No batch begins after that. */
  readonly seconds: number;
  /** How often it is tried to make the first document that differs smaller; each time takes a second. */
  readonly shrinkTries: number;
}

/** A document that the two translators do not agree on. */
export interface Disagreement {
  readonly document: GatewayDocument;
  readonly differences: readonly OracleDifference[];
}

/** What came of it. */
export interface OracleResult {
  readonly documents: number;
  /** Those that both refuse. */
  readonly refused: number;
  readonly disagreements: readonly Disagreement[];
  readonly explanations: readonly CountedExplanation[];
}

/** Documents by chance through our translator and Envoy Gateway's. */
export async function runOracle(options: OracleOptions): Promise<OracleResult> {
  const { seed, documents, mutations = 0, seconds, shrinkTries } = options;
  const folder = makeTempFolder("oracle");
  const keyPair = makeCertificate(folder);
  removeTempFolder(folder);
  const original = new Original();
  const judge = new OracleJudge(original);
  const deadline = performance.now() + seconds * 1_000;
  const disagreements: Disagreement[] = [];
  let judged = 0;
  try {
    while (judged < documents && performance.now() < deadline) {
      const count = Math.min(BATCH_DOCUMENTS, documents - judged);
      const batch = Array.from({ length: count }, (_, i) =>
        mutate(randomDocument(seed, judged + i, keyPair), mutations),
      );
      // One that is refused would have all of its batch asked again.
      const byVerdict = Map.groupBy(batch, ({ objects }) => typeof translate(objects));
      disagreements.push(...(await judge.judge(byVerdict.get("object") ?? [])));
      for (const one of byVerdict.get("string") ?? [])
        disagreements.push(...(await judge.judge([one])));
      judged += count;
    }
    const { explanations } = judge;
    const [first, ...others] = disagreements;
    const small =
      first === undefined ? [] : [await shrink(first, shrinkTries, (some) => judge.judge(some))];
    const { refused } = judge;
    return { documents: judged, refused, disagreements: [...small, ...others], explanations };
  } finally {
    await original.close();
  }
}

/** Holds documents against the original. */
class OracleJudge {
  readonly #original: Original;
  readonly #explanations = new OracleExplanations(join(import.meta.dirname, "explained.yaml"));
  refused = 0;

  get explanations(): CountedExplanation[] {
    return this.#explanations.counts;
  }

  constructor(original: Original) {
    this.#original = original;
  }

  /** Those that it does not agree with. One that it refuses has the others judged without it. */
  async judge(batch: readonly GatewayDocument[]): Promise<Disagreement[]> {
    if (batch.length === 0) return [];
    const theirs = await this.#original.ask(batch.flatMap(({ objects }) => objects));
    if (typeof theirs !== "string")
      return batch.flatMap((document) => this.#compare(document, theirs));
    if (batch.length === 1) return this.#compareRefusal(batch[0]!, theirs);
    const half = batch.length >> 1;
    return [...(await this.judge(batch.slice(0, half))), ...(await this.judge(batch.slice(half)))];
  }

  #compareRefusal(document: GatewayDocument, theirs: string): Disagreement[] {
    const ours = translate(document.objects);
    if (typeof ours !== "string")
      return [{ document, differences: [{ at: "refused", left: theirs, right: null }] }];
    this.refused += 1;
    return [];
  }

  #compare(document: GatewayDocument, theirs: Translation): Disagreement[] {
    const ours = translate(document.objects);
    if (typeof ours === "string")
      return [{ document, differences: [{ at: "refused", left: null, right: ours }] }];
    const [, number = ""] = document.name.split(".");
    const prefix = `c${number}-`;
    const isOwn = ([key]: readonly [string, unknown]): boolean => key.includes(prefix);
    const own = {
      statuses: new Map([...theirs.statuses].filter(isOwn)),
      routing: new Map([...theirs.routing].filter(isOwn)),
      connections: new Map([...theirs.connections].filter(isOwn)),
    };
    const differences = this.#explanations.unexplained(
      compareTranslations(document.objects, own, ours),
    );
    return differences.length === 0 ? [] : [{ document, differences }];
  }
}
