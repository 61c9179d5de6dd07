import { unpack } from "@nuncio/api";
import type { TypedExtensionConfig } from "@nuncio/api/types/envoy/config/core/v3/extension_pb";
import type { HeaderMutation } from "@nuncio/api/types/envoy/extensions/http/early_header_mutation/header_mutation/v3/header_mutation_pb";
import type { CompileContext } from "../../config/context.ts";
import { builtInCommands } from "../../observe/format/built-in-commands.ts";
import { compileHeaderMutations } from "../header-mutations/compile.ts";
import { implemented as mutationsImplemented } from "../header-mutations/implemented.ts";
import type { HeaderMutationStep } from "../header-mutations/model.ts";

const HEADER_MUTATION =
  "envoy.extensions.http.early_header_mutation.header_mutation.v3.HeaderMutation";

/** The one extension there is. */
export const implemented = {
  ...mutationsImplemented,
  "envoy.config.core.v3.TypedExtensionConfig": "all",
  [HEADER_MUTATION]: ["mutations"],
} as const;

/** `early_header_mutation_extensions`: header mutations before anything looks at a request's headers. */
export function compileEarlyMutations(
  extensions: readonly TypedExtensionConfig[],
  ctx: CompileContext,
): HeaderMutationStep[] {
  return extensions.flatMap((extension) => {
    const message = extension.typedConfig === undefined ? undefined : unpack(extension.typedConfig);
    if (message?.$typeName !== HEADER_MUTATION) {
      ctx.problems.error(
        extension,
        "typed_config",
        `expected ${HEADER_MUTATION}, seen ${message?.$typeName ?? "none"}`,
      );
      return [];
    }
    return compileHeaderMutations((message as HeaderMutation).mutations, builtInCommands(ctx), ctx);
  });
}
