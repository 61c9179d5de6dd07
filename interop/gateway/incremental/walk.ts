import { isDeepStrictEqual } from "node:util";
import {
  objectKey,
  pipeline,
  readResources,
  ResourceStore,
  type Pipeline,
  type PipelineInputs,
  type ReadResource,
} from "@nuncio/gateway";
import { Table } from "@nuncio/gateway/testing/table";
import type { Random } from "../../harness/random.ts";
import { yamlOf, type DocumentObject } from "../documents/scene.ts";

/** As the store has it. */
type Stored = ReadResource["resource"];

/** Objects by their kind and name. */
type Objects = Map<string, Stored>;

/** What a walk came to. */
export interface WalkResult {
  /** How many pieces, resources and statuses were compared in all. */
  readonly facts: number;
  /** The first fact that is another one than from nothing, a text with both; undefined: none. */
  readonly difference?: string;
}

/**
 * Goes from one document to the next, object by object and in an order by chance, in one pipeline. Somewhere on each way and
 * at its end, all that it has is held against what a new pipeline makes of the same objects.
 */
export function walk(
  documents: readonly (readonly DocumentObject[])[],
  random: Random,
): WalkResult {
  const [store, walked] = started();
  const objects: Objects = new Map();
  let facts = 0;
  for (const document of documents.map(readObjects)) {
    const steps = shuffled(new Set([...document.keys(), ...objects.keys()]), random);
    const [lookedAt, settledOnceIn] = [random.below(steps.length), 1 + random.below(8)];
    for (const [i, id] of steps.entries()) {
      move(store, objects, id, document.get(id));
      if (random.oneIn(settledOnceIn)) walked.order.settle();
      if (i !== lookedAt && i !== steps.length - 1) continue;
      walked.order.settle();
      const wanted = factsOf(fromNothing(objects));
      facts += wanted.size;
      const difference = firstDifference(factsOf(walked), wanted);
      if (difference !== undefined) return { facts, difference };
    }
  }
  return { facts };
}

function started(): [ResourceStore, Pipeline] {
  const store = new ResourceStore();
  const onDefect = (stage: string, key: string, error: unknown): never => {
    throw new Error(`${stage} ${key}`, { cause: error });
  };
  const dataPlanes: PipelineInputs["dataPlanes"] = new Table("data planes");
  return [store, pipeline({ store, dataPlanes, network: "own", onDefect })];
}

function fromNothing(objects: Objects): Pipeline {
  const [store, made] = started();
  for (const one of objects.values()) store.put(one);
  made.order.settle();
  return made;
}

function move(store: ResourceStore, objects: Objects, id: string, next: Stored | undefined): void {
  if (next === undefined) {
    const { kind, metadata } = objects.get(id)!;
    store.remove(kind, objectKey(metadata.namespace, metadata.name));
    objects.delete(id);
  } else {
    store.put(next);
    objects.set(id, next);
  }
}

/** Those that are refused are left out. */
function readObjects(document: readonly DocumentObject[]): Objects {
  const { resources } = readResources({ name: "objects.yaml", content: yamlOf(document) });
  return new Map(
    resources.map(({ resource }) => {
      const { namespace, name } = resource.metadata;
      return [`${resource.kind} ${objectKey(namespace, name)}`, resource];
    }),
  );
}

function shuffled(ids: Iterable<string>, random: Random): string[] {
  return Array.from(ids, (id) => ({ id, place: random.bits() }))
    .toSorted((a, b) => a.place - b.place)
    .map(({ id }) => id);
}

function factsOf({ pieces, resources, statuses }: Pipeline): Map<string, unknown> {
  const facts = new Map<string, unknown>();
  for (const [kind, tables] of Object.entries(pieces))
    for (const table of [tables].flat())
      for (const [key, piece] of table.entries()) facts.set(`${kind} ${key}`, piece);
  for (const table of resources)
    for (const { gateway, resource } of table.values()) {
      const { name, typeUrl, version, value } = resource;
      facts.set(`${typeUrl} ${gateway} ${name}`, { version, value: [...value] });
    }
  for (const table of statuses)
    for (const { kind, key, status } of table.values()) facts.set(`status ${kind} ${key}`, status);
  return facts;
}

function firstDifference(
  walked: ReadonlyMap<string, unknown>,
  wanted: ReadonlyMap<string, unknown>,
): string | undefined {
  const names = new Set([...wanted.keys(), ...walked.keys()]);
  const found = Array.from(names).find(
    (name) => !isDeepStrictEqual(walked.get(name), wanted.get(name)),
  );
  if (found === undefined) return undefined;
  const [after, fresh] = [walked, wanted].map((facts) => JSON.stringify(facts.get(found)));
  return `${found}\nafter changes: ${after}\nfrom nothing: ${fresh}`;
}
