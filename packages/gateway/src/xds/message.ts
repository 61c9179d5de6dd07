import { create, toBinary } from "@bufbuild/protobuf";
import type { Message, MessageInitShape } from "@bufbuild/protobuf";
import type { GenMessage } from "@bufbuild/protobuf/codegenv2";
import { AnySchema, DurationSchema } from "@bufbuild/protobuf/wkt";
import type { Any, Duration } from "@bufbuild/protobuf/wkt";
import { envoyTypes } from "@nuncio/api";

/** What a message of Envoy's API is made of: its fields, those of messages inside it likewise. */
export type Init<Shape extends Message> = Exclude<MessageInitShape<GenMessage<Shape>>, Shape>;

/** One field of them. */
export type Field<Shape extends Message, Name extends keyof Init<Shape>> = Exclude<
  Init<Shape>[Name],
  undefined
>;

/** A message of Envoy's API. */
export function message<Shape extends Message>(
  typeName: Shape["$typeName"],
  init: Init<Shape>,
): Shape {
  return create(schemaOf<Shape>(typeName), init as MessageInitShape<GenMessage<Shape>>);
}

/** The bytes of a message of Envoy's API. */
export function encoded(made: Message): Uint8Array {
  return toBinary(schemaOf(made.$typeName), made);
}

/** A message as the configuration of an extension. */
export function packed<Shape extends Message>(
  typeName: Shape["$typeName"],
  init: Init<Shape>,
): Any {
  const schema = schemaOf<Shape>(typeName);
  return create(AnySchema, {
    typeUrl: `type.googleapis.com/${typeName}`,
    value: toBinary(schema, create(schema, init as MessageInitShape<GenMessage<Shape>>)),
  });
}

/** An extension by its name, with its configuration. */
export function extension<Shape extends Message>(
  name: string,
  typeName: Shape["$typeName"],
  init: Init<Shape>,
): { name: string; typedConfig: Any } {
  return { name, typedConfig: packed<Shape>(typeName, init) };
}

/** @param ms whole milliseconds */
export function duration(ms: number): Duration {
  return create(DurationSchema, {
    seconds: BigInt(Math.floor(ms / 1000)),
    nanos: (ms % 1000) * 1_000_000,
  });
}

function schemaOf<Shape extends Message>(typeName: Shape["$typeName"]): GenMessage<Shape> {
  const desc = envoyTypes().getMessage(typeName);
  if (desc === undefined) throw new Error(`no descriptor of ${typeName}`);
  return desc as GenMessage<Shape>;
}
