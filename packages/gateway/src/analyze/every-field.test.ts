import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { parseAllDocuments } from "yaml";
import { Table } from "../incremental/table.ts";
import { pipeline } from "../pipeline.ts";
import { newestApiVersion, RESOURCE_KINDS } from "../resources/kinds.ts";
import { keyOf, type Resource } from "../resources/object.ts";
import type { Schema } from "../resources/schema/schema.ts";
import { allSchemas } from "../resources/schema/schemas.ts";
import { ResourceStore } from "../resources/store.ts";
import { validateObject } from "../resources/validate.ts";
import type { DataPlaneState } from "../status/data-plane-state.ts";
import { asRead } from "../testing/as-read.ts";
import { PlantedCertificates } from "../testing/planted-certificates.ts";
import { leavesOf } from "../testing/schema-leaves.ts";
import { analyze } from "./analyze.ts";

const SCENE = new URL("scene/every-field.yaml", import.meta.url);

const certificates = await PlantedCertificates.create(["a.example.com"]);
const objects = certificates.plant(
  parseAllDocuments(readFileSync(SCENE, "utf8")).map((one) => one.toJS() as Resource),
);

const store = new ResourceStore();
const dataPlanes = new Table<DataPlaneState>("data planes");
const stages = pipeline({ store, dataPlanes, network: "own" });
for (const object of objects) store.put(asRead(object));

function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}

/** What runs, what it is sent, and what statuses say. */
function made(): string {
  stages.order.settle();
  const sent = stages.resources.flatMap((cells) =>
    Array.from(cells.entries(), ([key, { resource }]) => `${key} ${toBase64(resource.value)}`),
  );
  const said = [stages.pieces.infrastructure, ...stages.statuses].flatMap((cells) =>
    Array.from<unknown, string>(cells.entries(), (one) => JSON.stringify(one)),
  );
  return inOrder([...sent, ...said]);
}

/** What else people are told. */
function analyzed(): string {
  const mistakes = analyze({ store, pipeline: stages, placeOf: () => undefined }, 0);
  return inOrder(mistakes.map((one) => JSON.stringify(one)));
}

/** What comes again comes last. */
function inOrder(lines: readonly string[]): string {
  return lines.toSorted().join("\n");
}

/** A field of an object of the scene: `rules[].name`, and where it is. */
interface Site {
  readonly object: Resource;
  readonly field: string;
  readonly path: readonly (string | number)[];
  readonly schema: Schema;
}

/** Fields that have no fields of their own, wherever they are in an object. */
function* sitesIn(
  value: unknown,
  schema: Schema,
  at: Pick<Site, "object" | "field" | "path">,
): Generator<Site> {
  const { properties, items } = schema;
  if (Array.isArray(value) && items?.properties !== undefined) {
    for (const [index, item] of value.entries())
      yield* sitesIn(item, items, { ...at, field: `${at.field}[]`, path: [...at.path, index] });
    return;
  }
  if (properties === undefined) {
    yield { ...at, schema };
    return;
  }
  for (const [name, child] of Object.entries(properties)) {
    const member = (value as Record<string, unknown> | undefined)?.[name];
    if (member === undefined) continue;
    const field = at.field === "" ? name : `${at.field}.${name}`;
    yield* sitesIn(member, child, { ...at, field, path: [...at.path, name] });
  }
}

/** Values for strings of every kind: those that a field does not take are left out. */
const STRINGS = [
  "other",
  "x-other",
  "/other",
  "2s",
  "1h",
  "https://other.test",
  "other.test",
  "10.9.9.9",
  "spiffe://other/x",
  "GET",
  "*",
];

function* othersOf(value: unknown, schema: Schema): Iterable<unknown> {
  if (schema.enum !== undefined) yield* schema.enum.filter((one) => one !== value);
  else if (typeof value === "boolean") yield !value;
  else if (typeof value === "number") yield* [value + 1, value - 1, value + 100];
  else if (typeof value === "string") yield* STRINGS.filter((one) => one !== value);
  else if (Array.isArray(value)) {
    yield value.slice(1);
    for (const other of othersOf(value[0], schema.items ?? {})) yield [...value, other];
  } else yield { ...(value as object), "example.com/other": "other" };
}

type Container = Record<string | number, unknown>;

function changed(object: Resource, path: Site["path"], value: unknown): Resource {
  const copy = structuredClone(object) as unknown as Container;
  let container = copy;
  for (const step of path.slice(0, -1)) container = container[step] as typeof container;
  const last = path.at(-1)!;
  container[last] = value;
  return copy as unknown as Resource;
}

function isSilent({ object, path, schema }: Site): boolean {
  const kind = RESOURCE_KINDS.find((one) => one.kind === object.kind)!;
  const apiVersion = newestApiVersion(kind);
  const version = apiVersion.split("/").at(-1)!;
  let value: unknown = object;
  for (const step of path) value = (value as Container)[step];
  const others = [...othersOf(value, schema)].flatMap((other) => {
    const written = changed(object, path, other);
    const { resource, findings } = validateObject({ ...written, apiVersion }, kind, version);
    return resource === undefined || findings.length > 0 ? [] : [resource];
  });
  const isTold = others.some((resource) => {
    store.put(resource);
    return made() !== before.made || analyzed() !== before.analyzed;
  });
  store.put(asRead(object));
  stages.order.settle();
  return others.length > 0 && !isTold;
}

/** For people; and what a policy says that is refused as a whole. */
const WITHOUT_EFFECT = new Set([
  "GatewayClass class spec.description",
  "BackendTLSPolicy web/refused spec.validation.hostname",
]);

const before = { made: made(), analyzed: analyzed() };

for (const { kind, version, schema } of allSchemas()) {
  if (!kind.group.startsWith("gateway.") || version !== kind.versions[0]) continue;
  test(`every field of ${kind.kind} has an effect, or is told of`, () => {
    const spec = schema.properties!["spec"]!;
    const sites = objects
      .filter((object) => object.kind === kind.kind)
      .flatMap((object) => [
        ...sitesIn((object as { spec?: object }).spec, spec, { object, field: "", path: ["spec"] }),
      ]);
    const there = new Set(sites.map(({ field }) => field));
    assert.deepEqual(
      [...leavesOf(spec, "")].filter((leaf) => !there.has(leaf)),
      [],
      "not in the scene",
    );
    const silent = sites.filter(isSilent).map(({ object, path }) => {
      return `${object.kind} ${keyOf(object)} ${path.join(".")}`;
    });
    assert.deepEqual(
      silent.filter((site) => !WITHOUT_EFFECT.has(site)),
      [],
    );
  });
}
