import { MessageReader } from "../../../../protobuf/message-reader.ts";
import { readByteString } from "../../../../protobuf/read-text.ts";
import { readStruct } from "../../../../protobuf/struct-reader.ts";
import type { HeaderChange, HeaderLine, QueryParameter, Verdict } from "../verdict.ts";
import { AppendOption, readHeaderOption, type HeaderOption } from "./header-option-reader.ts";
import { readKeyValue } from "./key-value-reader.ts";

type Allowed = Extract<Verdict, { readonly kind: "ok" }>;

/** `DeniedHttpResponse`, of a denial and of an error. */
export class HttpReply {
  /** 0: not said. */
  status = 0;
  body = "";
  readonly headers: HeaderLine[] = [];
}

/** Reads a `DeniedHttpResponse`; null when it is none. */
export function readHttpReply(bytes: Buffer): HttpReply | null {
  const reply = new HttpReply();
  const reader = new MessageReader(bytes);
  while (reader.next()) {
    if (reader.bytes === null) continue;
    if (reader.field === 1) {
      const status = readVarint(reader.bytes);
      if (status === null) return null;
      reply.status = status;
    } else if (reader.field === 2) {
      const option = readHeaderOption(reader.bytes);
      if (option === null) return null;
      // What is to be appended is left out, as in Envoy.
      if (option.append !== true) reply.headers.push([option.name, option.value]);
    } else if (reader.field === 3) {
      const body = readByteString(reader.bytes);
      if (body === null) return null;
      reply.body = body;
    }
  }
  return reader.malformed ? null : reply;
}

/** What an `OkHttpResponse` says. */
export interface OkResponse {
  readonly verdict: Omit<Allowed, "kind">;
  readonly metadata: Record<string, unknown> | undefined;
}

/** Reads an `OkHttpResponse`; null when it is none. */
export function readOkResponse(bytes: Buffer): OkResponse | null {
  const request: HeaderOption[] = [];
  const response: HeaderOption[] = [];
  const remove: string[] = [];
  const querySet: QueryParameter[] = [];
  const queryRemove: string[] = [];
  let metadata: Record<string, unknown> | undefined;
  const reader = new MessageReader(bytes);
  while (reader.next()) {
    const inner = reader.bytes;
    if (inner === null) continue;
    let read = true;
    switch (reader.field) {
      case 2:
        read = add(request, readHeaderOption(inner));
        break;
      case 3:
        metadata = readStruct(inner);
        read = metadata !== undefined;
        break;
      case 5:
        read = add(remove, readByteString(inner));
        break;
      case 6:
        read = add(response, readHeaderOption(inner));
        break;
      case 7:
        read = add(querySet, readKeyValue(inner));
        break;
      case 8:
        read = add(queryRemove, readByteString(inner));
    }
    if (!read) return null;
  }
  if (reader.malformed) return null;
  return { verdict: verdictOf(request, response, remove, querySet, queryRemove), metadata };
}

function add<Item>(list: Item[], item: Item | null): boolean {
  if (item !== null) list.push(item);
  return item !== null;
}

function verdictOf(
  request: readonly HeaderOption[],
  response: readonly HeaderOption[],
  remove: readonly string[],
  querySet: readonly QueryParameter[],
  queryRemove: readonly string[],
): Omit<Allowed, "kind"> {
  return {
    changes: [
      ...request.filter(({ append }) => append !== true).map((option) => change(option, "set")),
      ...request.filter(({ append }) => append === true).map((option) => change(option, "join")),
    ],
    remove: remove.map((name) => name.toLowerCase()),
    toClient: ORDER.flatMap((action) =>
      response
        .filter((option) => responseAction(option) === action)
        .map((option) => change(option, action)),
    ),
    ...(querySet.length > 0 && { querySet }),
    ...(queryRemove.length > 0 && { queryRemove }),
    ...(response.some((option) => responseAction(option) === null) && { unknownAction: true }),
  };
}

/** In which Envoy changes a response. */
const ORDER = ["add", "set", "add_if_absent", "overwrite_if_exists"] as const;

/** Null for one that there is not. Of the request's headers Envoy looks at `append` alone. */
function responseAction({ append, appendAction }: HeaderOption): (typeof ORDER)[number] | null {
  if (append !== null) return append ? "add" : "set";
  switch (appendAction) {
    case AppendOption.AppendIfExistsOrAdd:
      return "add";
    case AppendOption.AddIfAbsent:
      return "add_if_absent";
    case AppendOption.OverwriteIfExistsOrAdd:
      return "set";
    case AppendOption.OverwriteIfExists:
      return "overwrite_if_exists";
    default:
      return null;
  }
}

function change({ name, value }: HeaderOption, action: HeaderChange["action"]): HeaderChange {
  return { name, value, action };
}

/** The one number of an `HttpStatus`. */
function readVarint(bytes: Buffer): number | null {
  let value = 0;
  const reader = new MessageReader(bytes);
  while (reader.next()) if (reader.field === 1 && reader.varint !== null) value = reader.varint;
  return reader.malformed ? null : value;
}
