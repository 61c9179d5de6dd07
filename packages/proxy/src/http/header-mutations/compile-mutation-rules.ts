import type { HeaderMutationRules } from "@nuncio/api/types/envoy/config/common/mutation_rules/v3/mutation_rules_pb";
import type { CompileContext } from "../../config/context.ts";
import { compileRegex } from "../route/regex/compile-regex.ts";
import type { MutationRulesConfig } from "./mutation-rules.ts";

/** Compiles rules for headers that somebody else changes. */
export function compileMutationRules(
  message: HeaderMutationRules,
  ctx: CompileContext,
): MutationRulesConfig {
  const { allowExpression: allowed, disallowExpression: disallowed } = message;
  return {
    allowAllRouting: message.allowAllRouting ?? false,
    allowEnvoy: message.allowEnvoy ?? false,
    disallowSystem: message.disallowSystem ?? false,
    disallowAll: message.disallowAll ?? false,
    allowExpression: allowed === undefined ? null : compileRegex(allowed, ctx),
    disallowExpression: disallowed === undefined ? null : compileRegex(disallowed, ctx),
    disallowIsError: message.disallowIsError ?? false,
  };
}
