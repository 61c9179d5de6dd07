import { MessageReader } from "../../../../protobuf/message-reader.ts";
import { readByteString } from "../../../../protobuf/read-text.ts";
import { readStruct } from "../../../../protobuf/struct-reader.ts";
import type { Verdict } from "../verdict.ts";
import { HttpReply, readHttpReply, readOkResponse } from "./http-response-reader.ts";

/** Fields of `CheckResponse`. */
const STATUS = 1;
const DENIED_RESPONSE = 2;
const OK_RESPONSE = 3;
const DYNAMIC_METADATA = 4;
const ERROR_RESPONSE = 5;

/** As Envoy denies where nothing is said. */
const FORBIDDEN = 403;

/** What an `envoy.service.auth.v3.CheckResponse` says; null when it is none. */
export function readCheckResponse(bytes: Buffer): Verdict | null {
  let code = 0;
  let response = 0;
  let inner: Buffer | null = null;
  let metadata: Record<string, unknown> | undefined;
  const reader = new MessageReader(bytes);
  while (reader.next()) {
    if (reader.bytes === null) continue;
    switch (reader.field) {
      case STATUS: {
        const read = readStatusCode(reader.bytes);
        if (read === null) return null;
        code = read;
        break;
      }
      case DENIED_RESPONSE:
      case OK_RESPONSE:
      case ERROR_RESPONSE:
        response = reader.field;
        inner = reader.bytes;
        break;
      case DYNAMIC_METADATA:
        metadata = readStruct(reader.bytes);
        if (metadata === undefined) return null;
    }
  }
  return reader.malformed ? null : verdictOf(code, response, inner, metadata);
}

function verdictOf(
  code: number,
  response: number,
  inner: Buffer | null,
  metadata: Record<string, unknown> | undefined,
): Verdict | null {
  const ok = response === OK_RESPONSE ? readOkResponse(inner!) : undefined;
  const reply = response === OK_RESPONSE || inner === null ? new HttpReply() : readHttpReply(inner);
  if (ok === null || reply === null) return null;
  // The older place comes first.
  const more = metadataPart(ok?.metadata ?? metadata);
  const { headers, body } = reply;
  const status = isFinalStatus(reply.status) ? reply.status : 0;
  if (code === 0)
    return { kind: "ok", changes: [], remove: [], toClient: [], ...ok?.verdict, ...more };
  if (response === ERROR_RESPONSE)
    return { kind: "error", ...(status > 0 && { status }), headers, body, ...more };
  return { kind: "denied", status: status === 0 ? FORBIDDEN : status, headers, body, ...more };
}

function metadataPart(metadata: Record<string, unknown> | undefined): Pick<Verdict, "metadata"> {
  return metadata === undefined || Object.keys(metadata).length === 0 ? {} : { metadata };
}

/** Whether an answer can have it; with another one Envoy writes what is no response of HTTP. */
function isFinalStatus(status: number): boolean {
  return status >= 200 && status <= 999;
}

/** The code of a `google.rpc.Status`; its message is for nobody. */
function readStatusCode(bytes: Buffer): number | null {
  let code = 0;
  const reader = new MessageReader(bytes);
  while (reader.next()) {
    if (reader.field === 1 && reader.varint !== null) code = reader.varint;
    else if (reader.field === 2 && reader.bytes !== null && readByteString(reader.bytes) === null)
      return null;
  }
  return reader.malformed ? null : code;
}
