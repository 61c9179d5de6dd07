import { fromBinary, toBinary } from "@bufbuild/protobuf";
import type { Message } from "@bufbuild/protobuf";
import type { Any } from "@bufbuild/protobuf/wkt";
import { envoyTypes } from "../registry/envoy-types.ts";
import { typeNameOfUrl } from "../registry/type-registry.ts";

/** An Any that was read from text: it keeps its message, and serializes it only when somebody asks for the bytes. */
export class TypedAny implements Any {
  readonly $typeName = "google.protobuf.Any";
  typeUrl: string;
  /** The message of `typeUrl`. */
  readonly content: Message;
  /** What `unpack` returns: `content`, or the message that a TypedStruct stands for. */
  readonly message: Message;
  #bytes: Uint8Array | undefined;

  constructor(typeUrl: string, content: Message, message: Message) {
    this.typeUrl = typeUrl;
    this.content = content;
    this.message = message;
  }

  get value(): Uint8Array {
    this.#bytes ??= serialize(this.content);
    return this.#bytes;
  }
}

const contents = new WeakMap<Any, Message>();
const standIns = new WeakMap<Any, Message>();

/**
 * The message in an Any; the same object each time, so that problems can name its place. A TypedStruct gives the message
 * that it stands for, where its type is known. Undefined for a type that is not known, an empty Any, and bytes that
 * cannot be read.
 */
export function unpack<
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- callers know the type of what they unpack
  Shape extends Message = Message,
>(any: Any): Shape | undefined {
  const message = any instanceof TypedAny ? any.message : (standIns.get(any) ?? contentOfAny(any));
  return message as Shape | undefined;
}

/** The message of an Any's type URL, as `unpack`, but a TypedStruct itself. */
export function contentOfAny(any: Any): Message | undefined {
  if (any instanceof TypedAny) return any.content;
  let content = contents.get(any);
  if (content === undefined) {
    content = deserialize(any);
    if (content !== undefined) contents.set(any, content);
  }
  return content;
}

/** Makes `unpack` return this message: for an Any of bytes whose TypedStruct has been read. */
export function standInForAny(any: Any, message: Message): void {
  standIns.set(any, message);
}

/** `envoy.extensions.filters.http.router.v3.Router`: the type of what `unpack` returns, or of the Any's URL. */
export function typeNameOfAny(any: Any): string {
  return any instanceof TypedAny ? any.message.$typeName : typeNameOfUrl(any.typeUrl);
}

function deserialize(any: Any): Message | undefined {
  const desc = envoyTypes().getMessage(typeNameOfUrl(any.typeUrl));
  if (desc === undefined) return undefined;
  try {
    return fromBinary(desc, any.value);
  } catch {
    return undefined;
  }
}

function serialize(message: Message): Uint8Array {
  const desc = envoyTypes().getMessage(message.$typeName);
  if (desc === undefined) throw new Error(`no descriptor of ${message.$typeName}`);
  return toBinary(desc, message);
}
