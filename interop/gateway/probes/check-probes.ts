import { CONTROLLER_NAME, readResources, type IrL4Route, type IrListener } from "@nuncio/gateway";
import { pieceLists } from "@nuncio/gateway/testing/piece-lists";
import type { PieceLists } from "@nuncio/gateway/testing/pieces";
import { attempt, type CheckResult } from "../../check.ts";
import { makeCertificate } from "../../harness/certificate.ts";
import { makeTempFolder, removeTempFolder } from "../../harness/temp-folder.ts";
import {
  gatewayClass,
  randomDocument,
  type DocumentKeyPair,
} from "../documents/random-document.ts";
import { yamlOf } from "../documents/scene.ts";
import { ProbeRun } from "./run-probes.ts";

const SEED = 20_261_122;
const DOCUMENTS = 24;
/** Of so many documents, those with the most routes of TLS, TCP and UDP. */
const LAYER4_CHOICE = 120;
const LAYER4_DOCUMENTS = 16;
/** Documents and routes whose weights are counted. */
const WEIGHED_DOCUMENTS = 6;
const WEIGHED_LAYER4 = 4;
const WEIGHED_ROUTES = 1;

interface ProbedCase {
  readonly name: string;
  readonly lists: PieceLists;
}

/** Requests that try each route, through Envoy and Nuncio, both driven by our control plane: the same comes of them. */
export async function checkProbes(cases: readonly ProbedCase[]): Promise<CheckResult[]> {
  const folder = makeTempFolder("probes");
  const keyPair = makeCertificate(folder);
  removeTempFolder(folder);
  const documents = randomCases(keyPair);
  const layer4 = layer4Cases(keyPair);
  const run = await ProbeRun.start(keyPair);
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
    for (const { name, lists } of [...cases, ...documents, ...layer4])
      await check(`gateway: ${name}, probes`, () => run.probe(lists));
    const weighed = [...documents.slice(0, WEIGHED_DOCUMENTS), ...layer4.slice(0, WEIGHED_LAYER4)];
    for (const { name, lists } of weighed)
      await check(`gateway: ${name}, weights`, () => run.probeShares(lists, WEIGHED_ROUTES));
  } finally {
    await run.close();
  }
  return results;
}

function randomCases(keyPair: DocumentKeyPair): ProbedCase[] {
  return Array.from({ length: DOCUMENTS }, (_, number) => randomCase(number, keyPair));
}

/** Of many documents those with the most routes of TLS, TCP and UDP. */
function layer4Cases(keyPair: DocumentKeyPair): ProbedCase[] {
  const all = Array.from({ length: LAYER4_CHOICE }, (_, i) => randomCase(DOCUMENTS + i, keyPair));
  const count = ({ lists }: ProbedCase): number =>
    (lists.listeners ?? []).reduce((sum, one) => sum + layer4Routes(one), 0);
  return all.toSorted((a, b) => count(b) - count(a)).slice(0, LAYER4_DOCUMENTS);
}

function layer4Routes({ filterChains, udp }: IrListener): number {
  const isServed = ({ clusters }: IrL4Route): boolean => clusters.length > 0;
  const routes = filterChains.flatMap(({ handler }) =>
    handler.kind === "tcp" ? [handler.route] : [],
  );
  return [...routes, ...(udp === undefined ? [] : [udp])].filter(isServed).length;
}

function randomCase(number: number, keyPair: DocumentKeyPair): ProbedCase {
  const { name, objects } = randomDocument(SEED, number, keyPair);
  const content = yamlOf([gatewayClass(CONTROLLER_NAME), ...objects]);
  const { resources } = readResources({ name: "objects.yaml", content });
  return { name, lists: pieceLists(resources.map(({ resource }) => resource)) };
}
