import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { toJson } from "@nuncio/api";
import { staticBootstrap } from "@nuncio/gateway";
import { readOriginalCase } from "@nuncio/gateway/testing/original-cases";
import { pieceLists } from "@nuncio/gateway/testing/piece-lists";
import { pieceTables, type PieceLists } from "@nuncio/gateway/testing/pieces";
import { parse } from "yaml";
import { attempt, missingCheck, type CheckResult } from "../check.ts";
import { Validator } from "../diff/validate.ts";
import { makeCertificate } from "../harness/certificate.ts";
import { findCounterpart } from "../harness/counterparts.ts";
import { REPOSITORY, sharedCases } from "../harness/repository.ts";
import { makeTempFolder, removeTempFolder } from "../harness/temp-folder.ts";
import { DrivenProxy } from "./driven-proxy.ts";
import { checkFeatures } from "./features/check-features.ts";
import { checkOracle } from "./oracle/check-oracle.ts";
import { checkProbes } from "./probes/check-probes.ts";
import { checkSettings } from "./settings/check-settings.ts";

const INPUTS = join(REPOSITORY, "packages", "gateway", "src", "xds", "testdata");

/**
 * What the gateway makes of its representation, to real Envoy: the static form as a file. Then by ADS to Envoy and to
 * Nuncio, of which one process each gets all cases, one after the other.
 */
export async function runGateway(): Promise<CheckResult[]> {
  for (const counterpart of ["envoy", "openssl"] as const)
    if (findCounterpart(counterpart) === null) return [missingCheck("gateway", counterpart)];
  const folder = makeTempFolder("gateway");
  const validator = new Validator("envoy");
  const results: CheckResult[] = [];
  const proxies: DrivenProxy[] = [];
  try {
    for (const kind of ["envoy", "nuncio"] as const) proxies.push(await DrivenProxy.start(kind));
    for (const { name, lists } of [...readCases(folder), ...readOriginalCases()]) {
      const places = { ...lists, listeners: (lists.listeners ?? []).map(anywhere) };
      results.push(
        await attempt(`gateway: ${name}, static form`, () =>
          isValid(validator, folder, name, places),
        ),
      );
      for (const proxy of proxies)
        results.push(
          await attempt(`gateway: ${name}, by ADS to ${proxy.kind}`, () => proxy.show(places)),
        );
    }
  } finally {
    for (const proxy of proxies) await proxy.close();
    validator.close();
    removeTempFolder(folder);
  }
  return [
    ...results,
    ...(await checkProbes(readOriginalCases())),
    ...(await checkFeatures()),
    ...(await checkSettings()),
    ...(await checkOracle()),
  ];
}

interface GatewayCase {
  readonly name: string;
  readonly lists: PieceLists;
}

/** The inputs of the golden tests, with real certificates. */
function readCases(folder: string): GatewayCase[] {
  const [a, b] = [makeCertificate(folder, "ecdsa"), makeCertificate(folder, "rsa")];
  const words = new Map([
    ["CERTIFICATE A", a.cert],
    ["KEY A", a.key],
    ["CERTIFICATE B", b.cert],
    ["KEY B", b.key],
  ]);
  return readdirSync(INPUTS)
    .filter((file) => file.endsWith(".in.yaml"))
    .map((file) => {
      const lists = parse(readFileSync(join(INPUTS, file), "utf8"), (_, value: unknown) =>
        typeof value === "string" ? (words.get(value) ?? value) : value,
      ) as PieceLists;
      return { name: file.replace(".in.yaml", ""), lists };
    });
}

/** Envoy Gateway's own cases, through the whole pipeline; they lie beside the repository, and may be missing. */
function readOriginalCases(): GatewayCase[] {
  const folder = sharedCases("gateway-api");
  if (folder === null) return [];
  return readdirSync(folder)
    .filter((file) => file.endsWith(".in.yaml"))
    .map((file) => {
      const name = file.replace(".in.yaml", "");
      const resources = readOriginalCase(pathToFileURL(`${folder}/`), name);
      return { name: `the original's ${name}`, lists: pieceLists(resources) };
    });
}

/** On a port that nobody else has. */
function anywhere(listener: NonNullable<PieceLists["listeners"]>[number]): typeof listener {
  return { ...listener, addresses: ["127.0.0.1"], port: 0 };
}

async function isValid(
  validator: Validator,
  folder: string,
  name: string,
  lists: PieceLists,
): Promise<void> {
  const file = join(folder, `${name}.json`);
  writeFileSync(file, JSON.stringify(toJson(staticBootstrap(pieceTables(lists)))));
  const { code, output } = await validator.validate(file);
  if (code !== 0) throw new Error(output);
}
