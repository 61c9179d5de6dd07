import { fromBinary, fromJson, toBinary, toJson, type JsonValue } from "@bufbuild/protobuf";
import { envoyTypes } from "@nuncio/api";
import { headerOf, type WireMessage } from "../harness/message-reader.ts";
import { isConfig } from "./config-value.ts";

const METHOD = "/envoy.service.auth.v3.Authorization/Check";
/** A flag and the length of the message. */
const FRAME_HEAD_BYTES = 5;

/** The answer of an authorization service by gRPC (`CheckResponse` in its JSON form), in its frame. */
export function encodeCheckResponse(json: JsonValue): Buffer {
  const registry = envoyTypes();
  const schema = registry.getMessage("envoy.service.auth.v3.CheckResponse")!;
  const message = toBinary(schema, fromJson(schema, json, { registry: registry as never }));
  const head = Buffer.alloc(FRAME_HEAD_BYTES);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

/** Every field of a question to such a service: where it stands in `CheckRequest` -> what it is. Null for other requests. */
export function checkFields(message: WireMessage): [string, string][] | null {
  if (headerOf(message, ":path") !== METHOD || message.body.length < FRAME_HEAD_BYTES) return null;
  const registry = envoyTypes();
  const schema = registry.getMessage("envoy.service.auth.v3.CheckRequest")!;
  const request = fromBinary(schema, message.body.subarray(FRAME_HEAD_BYTES));
  const fields: [string, string][] = [];
  flatten("", toJson(schema, request, { registry: registry as never }), fields);
  return fields;
}

/** Addresses become one text, as clients are called by it, and lists of headers lines. */
function flatten(at: string, value: JsonValue, into: [string, string][]): void {
  if (at.endsWith(".headerMap") && isConfig(value)) {
    const headers = value["headers"] as { key: string; rawValue?: string; value?: string }[];
    for (const [index, { key, rawValue = "", ...more }] of headers.entries()) {
      const text = Buffer.from(rawValue, "base64").toString("latin1");
      into.push([`${at}.${index + 1}`, JSON.stringify({ [key]: text, ...more })]);
    }
    return;
  }
  if (at.endsWith(".socketAddress") && isConfig(value)) {
    const { address, portValue } = value as { address: string; portValue: number };
    into.push([at, `${address}:${portValue}`]);
    return;
  }
  const inner = isConfig(value) ? Object.entries(value) : [];
  if (inner.length === 0) into.push([at, JSON.stringify(value)]);
  for (const [name, field] of inner) flatten(at === "" ? name : `${at}.${name}`, field, into);
}
