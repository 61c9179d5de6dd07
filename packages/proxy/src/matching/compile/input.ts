import type { TypedExtensionConfig } from "@nuncio/api/types/xds/core/v3/extension_pb";
import type { CompileContext } from "../../config/context.ts";
import type { MatchInputs, ValueKind } from "../extension.ts";
import type { ExtensionConfig } from "../model.ts";
import { unpackExtension } from "./unpack-extension.ts";

/** Which inputs may stand in a tree. */
export interface InputRules {
  readonly ctx: CompileContext;
  /** By message type. */
  readonly inputs: MatchInputs;
  /** Why an input that there is may not stand here; null when it may. */
  refuseInput?(type: string): string | null;
}

/**
 * An input whose values are of one of the kinds that its reader `takes`. Null when it is none, which was reported; `reader`
 * says in that report who takes them.
 */
export function compileInput(
  extension: TypedExtensionConfig | undefined,
  rules: InputRules,
  takes: readonly ValueKind[],
  reader: string,
): ExtensionConfig | null {
  if (extension === undefined) return null;
  const { ctx } = rules;
  const found = unpackExtension(extension, rules.inputs, ctx);
  if (found === null) return null;
  const { side, message } = found;
  const refusal = rules.refuseInput?.(side.configType) ?? null;
  if (refusal !== null) {
    ctx.problems.error(extension, "typed_config", refusal);
    return null;
  }
  if (!takes.includes(side.valueKind)) {
    const text = `unsupported data input type: ${side.valueKind}; ${reader} takes ${takes.join(", ")}`;
    ctx.problems.error(extension, "typed_config", text);
    return null;
  }
  return { type: side.configType, plain: side.compile(message as never, ctx) };
}
