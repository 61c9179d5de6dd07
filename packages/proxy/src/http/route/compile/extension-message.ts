import type { Message } from "@bufbuild/protobuf";
import type { Any } from "@bufbuild/protobuf/wkt";
import { typeNameOfAny, unpack } from "@nuncio/api";
import type { CompileContext } from "../../../config/context.ts";

interface Extension extends Message {
  readonly name: string;
  readonly typedConfig?: Any | undefined;
}

/**
 * The message of an extension of which there is one type only; null for any other, which is reported: Envoy's own types
 * by the table of implemented fields, all others here.
 */
export function extensionMessage(
  extension: Extension,
  type: string,
  ctx: CompileContext,
): Message | null {
  const any = extension.typedConfig;
  const seen = any === undefined ? "" : typeNameOfAny(any);
  if (seen === type) return unpack(any!) ?? null;
  const text = `Didn't find a registered implementation for '${extension.name}' with type URL: '${seen}'`;
  if (!seen.startsWith("envoy.")) ctx.problems.error(extension, "typed_config", text);
  return null;
}
