import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { toJson } from "@nuncio/api";
import {
  dataPlaneBootstrap,
  GatewayCache,
  StageOrder,
  staticBootstrap,
  xdsStages,
} from "@nuncio/gateway";
import { readOriginalCase } from "@nuncio/gateway/testing/original-cases";
import { pieceLists } from "@nuncio/gateway/testing/piece-lists";
import { pieceTables, type PieceLists } from "@nuncio/gateway/testing/pieces";
import { listenGrpc, shortNameOfUrl, XdsServer } from "@nuncio/xds";
import { parse } from "yaml";
import { attempt, missingCheck, type CheckResult } from "../check.ts";
import { Validator } from "../diff/validate.ts";
import { makeCertificate } from "../harness/certificate.ts";
import { findCounterpart } from "../harness/counterparts.ts";
import { freePorts } from "../harness/free-ports.ts";
import { startProxy } from "../harness/proxy-process.ts";
import { REPOSITORY, sharedCases } from "../harness/repository.ts";
import { makeTempFolder, removeTempFolder } from "../harness/temp-folder.ts";
import { until } from "../xds/until.ts";
import { checkOracle } from "./oracle/check-oracle.ts";

const INPUTS = join(REPOSITORY, "packages", "gateway", "src", "xds", "testdata");
const GROUP = "default/gw";

/** What the gateway makes of its representation, to real Envoy: the static form as a file, and the rest by ADS. */
export async function runGateway(): Promise<CheckResult[]> {
  for (const counterpart of ["envoy", "openssl"] as const)
    if (findCounterpart(counterpart) === null) return [missingCheck("gateway", counterpart)];
  const folder = makeTempFolder("gateway");
  const validator = new Validator("envoy");
  const results: CheckResult[] = [];
  try {
    for (const { name, lists } of [...readCases(folder), ...readOriginalCases()]) {
      const places = { ...lists, listeners: (lists.listeners ?? []).map(anywhere) };
      results.push(
        await attempt(`gateway: ${name}, static form`, () =>
          isValid(validator, folder, name, places),
        ),
        await attempt(`gateway: ${name}, by ADS`, () => isAccepted(folder, name, places)),
      );
    }
  } finally {
    validator.close();
    removeTempFolder(folder);
  }
  return [...results, ...(await checkOracle())];
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

/** Each resource is accepted, and nothing that there is was not asked for. */
async function isAccepted(folder: string, name: string, lists: PieceLists): Promise<void> {
  const stages = xdsStages(pieceTables(lists));
  const cache = new GatewayCache(stages, () => GROUP);
  cache.open(GROUP);
  new StageOrder(stages).settle();
  const server = new XdsServer({ cache });
  const listening = await listenGrpc(server);
  const [admin] = (await freePorts(1)) as [number];
  const file = join(folder, `${name}-bootstrap.json`);
  const options = { group: GROUP, id: name, admin: { host: "127.0.0.1", port: admin } };
  const xds = { host: "127.0.0.1", port: listening.address.port };
  writeFileSync(file, JSON.stringify(dataPlaneBootstrap({ ...options, xds })));
  try {
    const proxy = await startProxy("envoy", file, admin);
    try {
      const wanted = stages.flatMap((stage) =>
        Array.from(stage.entries(), ([, { resource }]) => resource),
      );
      await until("each resource was accepted", () => {
        const problems = wanted.flatMap(({ typeUrl, name: resource }) =>
          problemsOf(server, typeUrl, resource),
        );
        const [refused] = problems.filter(({ isFinal }) => isFinal);
        if (refused !== undefined) throw new Error(refused.text);
        return Promise.resolve(problems.length === 0);
      });
    } finally {
      await proxy.stop();
    }
  } finally {
    await listening.close();
  }
}

interface ResourceProblem {
  readonly text: string;
  /** It will not go away by waiting. */
  readonly isFinal: boolean;
}

function problemsOf(server: XdsServer, typeUrl: string, name: string): ResourceProblem[] {
  const what = `${shortNameOfUrl(typeUrl)} ${name}`;
  const [client] = server.statusOf(typeUrl, name);
  if (client === undefined) return [{ text: `${what}: nobody asked for it`, isFinal: false }];
  if (client.refusal !== undefined)
    return [{ text: `${what}: ${client.refusal.message}`, isFinal: true }];
  return client.state === "accepted" ? [] : [{ text: `${what}: ${client.state}`, isFinal: false }];
}
