import type { HeaderMap } from "@nuncio/codec";
import { writeMapEntry } from "../../../../protobuf/common-fields.ts";
import type { MessageWriter } from "../../../../protobuf/message-writer.ts";
import type { CheckedRequest } from "../authorization-service.ts";
import type { ExtAuthzConfig } from "../model.ts";
import { PARTIAL_BODY, toldBody, type ToldHeaders } from "../told-headers.ts";

/** Fields of `AttributeContext.HttpRequest`. */
const HEADERS = 3;
const BODY = 11;
const RAW_BODY = 12;
const HEADER_MAP = 13;

/** Whole numbers that a double holds. */
const ID_RANGE = 2 ** 53;

/** Writes `AttributeContext.HttpRequest`. */
export function writeHttpRequest(
  writer: MessageWriter,
  field: number,
  request: CheckedRequest,
  config: ExtAuthzConfig,
  told: ToldHeaders,
): void {
  const { headers, callbacks } = request;
  const { streamInfo } = callbacks;
  const message = writer.begin(field);
  writer.string(1, String(Math.floor(callbacks.random * ID_RANGE)));
  writer.string(2, headers.method);
  writer.string(4, headers.path);
  writer.string(5, headers.authority);
  writer.string(6, headers.scheme);
  writer.uint(9, streamInfo.bytesReceived);
  writer.string(10, streamInfo.protocol);
  const lines = toldLines(headers, told);
  const part = writeBody(writer, request, config);
  if (part !== null) lines.push(PARTIAL_BODY, part);
  if (config.encodeRawHeaders) writeHeaderMap(writer, lines);
  else writeHeaders(writer, lines);
  writer.end(message);
}

/** What the service is told of the headers: name, value, name, value … Pseudo headers are among them. */
function toldLines(headers: HeaderMap, told: ToldHeaders): string[] {
  const lines: string[] = [];
  const add = (name: string, value: string): void => {
    if (name !== PARTIAL_BODY && told.has(name)) lines.push(name, value);
  };
  if (!headers.authorityMissing) add(":authority", headers.authority);
  if (headers.path !== "") add(":path", headers.path);
  add(":method", headers.method);
  if (headers.scheme !== "") add(":scheme", headers.scheme);
  if (headers.protocol !== "") add(":protocol", headers.protocol);
  const { entries } = headers;
  for (let i = 0; i < entries.length; i += 2) add(entries[i]!, entries[i + 1]!);
  return lines;
}

/** A map: lines of one name become one. */
function writeHeaders(writer: MessageWriter, lines: readonly string[]): void {
  const joined = new Map<string, string>();
  for (let i = 0; i < lines.length; i += 2) {
    const before = joined.get(lines[i]!);
    joined.set(lines[i]!, before === undefined ? lines[i + 1]! : `${before},${lines[i + 1]!}`);
  }
  for (const [name, value] of joined) writeMapEntry(writer, HEADERS, name, value);
}

/** `envoy.config.core.v3.HeaderMap`: the lines as they are. */
function writeHeaderMap(writer: MessageWriter, lines: readonly string[]): void {
  const map = writer.begin(HEADER_MAP);
  for (let i = 0; i < lines.length; i += 2) {
    const line = writer.begin(1);
    writer.string(1, lines[i]!);
    if (lines[i + 1] !== "") writer.presentBytes(3, Buffer.from(lines[i + 1]!, "latin1"));
    writer.end(line);
  }
  writer.end(map);
}

/** Says whether that is only a part of it; null when nothing is told. */
function writeBody(
  writer: MessageWriter,
  { body, bodyConfig }: CheckedRequest,
  { packAsBytes }: ExtAuthzConfig,
): string | null {
  if (body === null || bodyConfig === null) return null;
  const part = toldBody(body, bodyConfig);
  if (part.length > 0) {
    if (packAsBytes) writer.presentBytes(RAW_BODY, part);
    else writer.string(BODY, part.toString("latin1"));
  }
  return String(part.length < body.length);
}
