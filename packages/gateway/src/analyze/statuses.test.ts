import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { parseAllDocuments } from "yaml";
import { Table } from "../incremental/table.ts";
import { pipeline } from "../pipeline.ts";
import type { Resource } from "../resources/object.ts";
import { ResourceStore } from "../resources/store.ts";
import type { Condition } from "../status/condition.ts";
import type { DataPlaneState } from "../status/data-plane-state.ts";
import type { ObjectStatus } from "../status/object-status.ts";
import { isBadNews } from "../status/status-lines.ts";
import { asRead } from "../testing/as-read.ts";
import { PlantedCertificates } from "../testing/planted-certificates.ts";
import { DEFAULT_GATEWAY_CLASS } from "../translator/classes/default-class.ts";
import { analyze } from "./analyze.ts";
import type { Mistake } from "./mistake.ts";

const ROOMS = [
  ...["gateways", "routes", "backends", "ports"].map((room) => `../translator/${room}`),
  "../analyze",
].map((room) => new URL(`${room}/testdata/`, import.meta.url));
const PAGES = new URL("../../../../docs/resources/", import.meta.url);

const certificates = await PlantedCertificates.create([
  "a.example.com",
  "b.example.com",
  "ca.test",
  "client.test",
]);

/** The documents of all golden cases of the translator, and of this room. */
function inputs(): { readonly name: string; readonly documents: readonly unknown[] }[] {
  const files = ROOMS.flatMap((room) => readdirSync(room).map((name) => new URL(name, room)));
  return files
    .filter(({ pathname }) => pathname.endsWith(".in.yaml"))
    .map((file) => ({
      name: file.pathname.split("/").slice(-3).join("/"),
      documents: parseAllDocuments(readFileSync(file, "utf8")).map((one) => one.toJS() as unknown),
    }));
}

function withSpec(object: Resource, spec: object): Resource {
  return { ...object, spec } as Resource;
}

interface Analyzed {
  readonly statuses: readonly ObjectStatus[];
  readonly mistakes: readonly Mistake[];
}

/** In all rooms but one Gateways have the same ports, and nothing to do with each other. */
function analyzed(documents: readonly unknown[], name: string): Analyzed {
  const store = new ResourceStore();
  const dataPlanes = new Table<DataPlaneState>("data planes");
  const network = name.startsWith("ports/") ? "shared" : "own";
  const stages = pipeline({ store, dataPlanes, network });
  for (const document of [DEFAULT_GATEWAY_CLASS, ...certificates.plant(documents)] as Resource[]) {
    const { spec } = document as { readonly spec?: object };
    const isGateway = document.kind === "Gateway";
    store.put(
      asRead(isGateway ? withSpec(document, { gatewayClassName: "nuncio", ...spec }) : document),
    );
  }
  stages.order.settle();
  const statuses = stages.statuses.flatMap((cells) => [...cells.values()]);
  return { statuses, mistakes: analyze({ store, pipeline: stages, placeOf: () => undefined }, 0) };
}

/** Reasons that say that all is well. */
const GOOD = new Set([
  "Accepted",
  "ResolvedRefs",
  "Programmed",
  "NoConflicts",
  "SupportedVersion",
  "DefaultGateway",
]);
/** They say that something is wrong which other conditions tell. */
const SUMMARIES = new Set(["ListenersNotValid", "ListenersNotResolved", "Pending"]);

interface ToldCondition extends Condition {
  /** `Gateway`, `listener`, `Route`. */
  readonly of: string;
  readonly object: string;
  /** Others of the same part tell of it. */
  readonly isSummary: boolean;
}

/** The bad news of a status. */
function badNews({ kind, key, status }: ObjectStatus): ToldCondition[] {
  const { conditions = [], listeners = [], parents = [], ancestors = [] } = status;
  const object = `${kind} ${key}`;
  const told = (of: string, all: readonly Condition[]): ToldCondition[] => {
    const bad = all.filter(isBadNews);
    return bad.map((one) => {
      const isEffect = one.type === "Programmed" && bad.length > 1;
      return { ...one, of, object, isSummary: isEffect || SUMMARIES.has(one.reason) };
    });
  };
  return [
    ...told(kindOf(kind), conditions),
    ...listeners.flatMap((listener) => told("listener", listener.conditions)),
    ...[...parents, ...ancestors].flatMap((part) => told(kindOf(kind), part.conditions)),
  ];
}

/** What is said of routes does not depend on their kind. */
function kindOf(kind: string): string {
  return kind.endsWith("Route") ? "Route" : kind;
}

/** A mistake that says what a condition does: with its reason, or at the place that its message names. */
function tells({ rule, path, message }: Mistake, condition: ToldCondition): boolean {
  const { type, status, reason } = condition;
  if (rule === "status") return message.includes(`${type}=${status} ${reason}`);
  if (rule === "foreign-hostname") return reason === "NoMatchingListenerHostname";
  const place = path.replace(/^spec\.(listeners\[\d+\]\.)?/, "").replace(/\.\w+$/, "");
  return condition.message.includes(`${place}: `);
}

/** What no file of a case is long enough for. */
const TOO_LONG = new Set(["listener: Accepted TooManyListeners"]);

const seen = new Set<string>();

for (const { name, documents } of inputs())
  test(`what statuses say is wrong in ${name} is told`, () => {
    const { statuses, mistakes } = analyzed(documents, name);
    const news = statuses.flatMap(badNews);
    for (const { of, type, reason } of news) seen.add(`${of}: ${type} ${reason}`);
    const untold = news.filter(
      (one) =>
        !one.isSummary &&
        !mistakes.some((mistake) => mistake.object === one.object && tells(mistake, one)),
    );
    assert.deepEqual(untold, []);
  });

/** `Gateway: Accepted InvalidParameters`; what the pages of resources say of each condition. */
function documented(): string[] {
  return readdirSync(PAGES).flatMap((name) => {
    const text = readFileSync(new URL(name, PAGES), "utf8");
    const [, kind = ""] = /^# (\w+)/.exec(text)!;
    const [, ofObject = "", ofListeners = ""] = text.split(/^## Status$|^### Of each listener$/m);
    return [...reasonsIn(kindOf(kind), ofObject), ...reasonsIn("listener", ofListeners)];
  });
}

function reasonsIn(of: string, text: string): string[] {
  let type = "";
  return text.split("\n").flatMap((line) => {
    const [, condition = "", reasons = "", when] = line.split("|").map((cell) => cell.trim());
    if (when === undefined || condition === "condition" || condition.startsWith("--")) return [];
    type = condition === "" ? type : condition;
    return Array.from(reasons.matchAll(/`(\w+)`/g), ([, reason]) => `${of}: ${type} ${reason}`);
  });
}

test("each reason of the pages of resources is among them", () => {
  const isWanted = (text: string): boolean => {
    const reason = text.split(" ").at(-1)!;
    return !GOOD.has(reason) && !SUMMARIES.has(reason) && !TOO_LONG.has(text);
  };
  const missing = documented().filter((text) => isWanted(text) && !seen.has(text));
  assert.deepEqual(missing, []);
});
