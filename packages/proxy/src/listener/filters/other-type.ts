import type { Message } from "@bufbuild/protobuf";
import type { CompileContext } from "../../config/context.ts";

/**
 * A filter's `typed_config` that is of another sort of extension. Envoy's own filters below `room` that are not there were
 * refused by the table of implemented fields.
 */
export function reportOtherType(
  filter: Message & { readonly name: string },
  room: string,
  type: string,
  ctx: CompileContext,
): void {
  if (type.startsWith(room)) return;
  const text = `Didn't find a registered implementation for '${filter.name}' with type URL: '${type}'`;
  ctx.problems.error(filter, "typed_config", text);
}
