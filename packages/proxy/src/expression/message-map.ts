import { celMap, isCelMap } from "@bufbuild/cel";
import type { CelInput, CelMap } from "@bufbuild/cel";

const messages = new WeakSet<CelMap>();

/**
 * What is a protobuf message in Envoy, by its proto field names: in expressions it is a map, but printed it is the
 * message, without its empty fields.
 */
export function messageMap(fields: { readonly [field: string]: CelInput }): CelMap {
  const map = celMap(new Map(Object.entries(fields)));
  messages.add(map);
  return map;
}

/** Whether a value came out of `messageMap`. */
export function isMessageMap(value: unknown): value is CelMap {
  return isCelMap(value) && messages.has(value);
}
