import type { Resource } from "../../resources/object.ts";
import { keyOf } from "../../resources/object.ts";
import { defaultReadLimits } from "../../resources/read/read-limits.ts";
import { readSource, type ReadSource } from "../read-source.ts";
import type { KeyValue } from "./api/messages.ts";
import type { KeySpace } from "./key-space.ts";

/** Nothing of the value can be used: what was there before stays. */
const UNUSABLE = { objects: [], refused: [], complete: false } as const;

/** Reads the object that a key holds. What is wrong begins with the key, as it does with a file. */
export function readValue(
  key: string,
  keyValue: KeyValue,
  keys: KeySpace,
  valueBytesMax: number,
): ReadSource {
  const { value } = keyValue;
  const wanted = keys.objectOf(key);
  if (typeof wanted === "string") return unusable(key, wanted);
  if (value.byteLength > valueBytesMax)
    return unusable(key, `expected at most ${valueBytesMax} bytes, got ${value.byteLength}`);
  const source = { name: key, content: value, format: "yaml" } as const;
  const read = readSource(source, { ...defaultReadLimits, fileBytesMax: valueBytesMax });
  const { objects, refused } = read.content;
  const count = objects.length + refused.length;
  if (count !== 1) {
    if (read.problems.length > 0) return read;
    return unusable(key, `expected one object, got ${count === 0 ? "none" : count}`);
  }
  const [object] = objects;
  // What is refused may not even say what it is.
  if (object === undefined) return { ...read, content: UNUSABLE };
  if (object.kind !== wanted.kind.kind || keyOf(object) !== wanted.key) {
    const expected = `${wanted.kind.kind} ${wanted.key}`;
    return unusable(
      key,
      `expected ${expected} as the key says, got ${object.kind} ${keyOf(object)}`,
    );
  }
  return { ...read, content: { ...read.content, objects: [withCounts(object, keyValue)] } };
}

function unusable(key: string, message: string): ReadSource {
  return { content: UNUSABLE, problems: [`${key}: ${message}`] };
}

/** etcd counts changes of a key, and of all keys, so that all control planes have the same generation and the same age. */
function withCounts(object: Resource, { version, createRevision }: KeyValue): Resource {
  const generation = object.metadata.generation ?? Number(version);
  const counts = { generation, createRevision: Number(createRevision) };
  return { ...object, metadata: { ...object.metadata, ...counts } };
}
