import { RESOURCE_KINDS, objectKey, type KeyObject, type ResourceKind } from "@nuncio/gateway";
import type { Flag, GivenFlags } from "../flags.ts";
import { UsageError } from "../usage-error.ts";
import { kindOfWord } from "./kind-words.ts";

/** For objects that are named without one. */
export const NAMESPACE_FLAG: Flag = {
  name: "namespace",
  short: "n",
  value: "NAME",
  help: "of the objects that are named; default: default",
};

/**
 * The object of a kind and a name.
 *
 * @throws UsageError
 */
export function namedObject(kind: ResourceKind, name: string, given: GivenFlags): KeyObject {
  const namespace = given.get("namespace")?.[0];
  if (!kind.namespaced && namespace !== undefined)
    throw new UsageError(`--namespace: ${kind.kind} is of no namespace`);
  return { kind, key: objectKey(kind.namespaced ? (namespace ?? "default") : undefined, name) };
}

/** @throws UsageError for a word that is no kind */
export function namedKind(word: string): ResourceKind {
  const kind = kindOfWord(word);
  if (kind !== undefined) return kind;
  const words = RESOURCE_KINDS.map((each) => each.kind.toLowerCase());
  throw new UsageError(`expected one of ${words.join(", ")}; got "${word}"`);
}
