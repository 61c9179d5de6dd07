import { CONTROLLER_NAME, readResources } from "@nuncio/gateway";
import { pieceLists } from "@nuncio/gateway/testing/piece-lists";
import type { PieceLists } from "@nuncio/gateway/testing/pieces";
import { attempt, type CheckResult } from "../../check.ts";
import { makeCertificate } from "../../harness/certificate.ts";
import { makeTempFolder, removeTempFolder } from "../../harness/temp-folder.ts";
import { gatewayClass, randomDocument } from "../documents/random-document.ts";
import { yamlOf } from "../documents/scene.ts";
import { ProbeRun } from "./run-probes.ts";

const SEED = 20_261_122;
const DOCUMENTS = 24;
/** Documents and routes whose weights are counted. */
const WEIGHED_DOCUMENTS = 6;
const WEIGHED_ROUTES = 1;

interface ProbedCase {
  readonly name: string;
  readonly lists: PieceLists;
}

/** Requests that try each route, through Envoy and Nuncio, both driven by our control plane: the same comes of them. */
export async function checkProbes(cases: readonly ProbedCase[]): Promise<CheckResult[]> {
  const documents = randomCases();
  const run = await ProbeRun.start();
  const results: CheckResult[] = [];
  const check = async (name: string, problems: () => Promise<string[]>): Promise<void> => {
    results.push(
      await attempt(name, async () => {
        const found = await problems();
        if (found.length > 0) throw new Error([`${found.length} differ`, ...found].join("\n  "));
      }),
    );
  };
  try {
    for (const { name, lists } of [...cases, ...documents])
      await check(`gateway: ${name}, probes`, () => run.probe(lists));
    for (const { name, lists } of documents.slice(0, WEIGHED_DOCUMENTS))
      await check(`gateway: ${name}, weights`, () => run.probeShares(lists, WEIGHED_ROUTES));
  } finally {
    await run.close();
  }
  return results;
}

function randomCases(): ProbedCase[] {
  const folder = makeTempFolder("probes");
  try {
    const keyPair = makeCertificate(folder);
    return Array.from({ length: DOCUMENTS }, (_, number) => {
      const { name, objects } = randomDocument(SEED, number, keyPair);
      const content = yamlOf([gatewayClass(CONTROLLER_NAME), ...objects]);
      const { resources } = readResources({ name: "objects.yaml", content });
      return { name, lists: pieceLists(resources.map(({ resource }) => resource)) };
    });
  } finally {
    removeTempFolder(folder);
  }
}
