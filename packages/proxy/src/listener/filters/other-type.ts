import type { CompileContext } from "../../config/context.ts";
import type { ConfigHolder } from "../../config/extension-discovery.ts";

/**
 * A filter's configuration that is of another sort of extension. Envoy's own filters below `room` that are not there were
 * refused by the table of implemented fields.
 */
export function reportOtherType(
  { name, message, field }: ConfigHolder,
  room: string,
  type: string,
  ctx: CompileContext,
): void {
  if (type.startsWith(room)) return;
  const text = `Didn't find a registered implementation for '${name}' with type URL: '${type}'`;
  ctx.problems.error(message, field, text);
}
