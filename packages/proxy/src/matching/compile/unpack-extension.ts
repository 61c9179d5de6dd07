import type { Message } from "@bufbuild/protobuf";
import { typeNameOfAny, unpack } from "@nuncio/api";
import type { TypedExtensionConfig } from "@nuncio/api/types/xds/core/v3/extension_pb";
import type { CompileContext } from "../../config/context.ts";

/**
 * The message of an extension, with the side that is for it. Null when there is none, which is reported unless the table
 * of implemented fields has refused the type already.
 */
export function unpackExtension<Side>(
  extension: TypedExtensionConfig,
  sides: ReadonlyMap<string, Side>,
  ctx: CompileContext,
): { readonly side: Side; readonly message: Message } | null {
  const any = extension.typedConfig;
  const type = any === undefined ? "" : typeNameOfAny(any);
  const side = sides.get(type);
  if (side === undefined) {
    const text = `Didn't find a registered implementation for '${extension.name}' with type URL: '${type}'`;
    ctx.problems.error(extension, "typed_config", text);
    return null;
  }
  const message = any === undefined ? undefined : unpack(any);
  return message === undefined ? null : { side, message };
}
