import { create, type DescMessage, type Message } from "@bufbuild/protobuf";
import { anyPack, type Any } from "@bufbuild/protobuf/wkt";
import { envoyTypes } from "@nuncio/api";

/** The message as an Any. */
export function pack(message: Message): Any {
  return anyPack(descOf(message.$typeName), message);
}

/** A message of `envoy.admin.v3`, by its name in there. */
export function make(name: string, fields: Record<string, unknown>): Message {
  return create(descOf(`envoy.admin.v3.${name}`), fields);
}

function descOf(typeName: string): DescMessage {
  const desc = envoyTypes().getMessage(typeName);
  if (desc === undefined) throw new Error(`no type named ${typeName}`);
  return desc;
}
