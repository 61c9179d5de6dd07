import type { Message } from "@bufbuild/protobuf";
import { typeNameOfAny } from "@nuncio/api";
import type { TypedExtensionConfig } from "@nuncio/api/types/envoy/config/core/v3/extension_pb";
import type { CompileContext } from "../../../config/context.ts";

/** `route_specifiers`: none is there, and Envoy's own types are refused by the table of implemented fields. */
export function refuseRouteSpecifiers(
  message: Message & { readonly routeSpecifiers: readonly TypedExtensionConfig[] },
  ctx: CompileContext,
): void {
  for (const [index, { name, typedConfig }] of message.routeSpecifiers.entries()) {
    const type = typedConfig === undefined ? "" : typeNameOfAny(typedConfig);
    if (type.startsWith("envoy.")) continue;
    const text = `Didn't find a registered route specifier implementation for '${name}' with type URL: '${type}'`;
    ctx.problems.error(message, "route_specifiers", text, index);
  }
}
