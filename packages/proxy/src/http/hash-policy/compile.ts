import type {
  RouteAction_HashPolicy,
  RouteAction_HashPolicy_Cookie,
} from "@nuncio/api/types/envoy/config/route/v3/route_components_pb";
import { requestHeaderKey } from "@nuncio/codec";
import type { CompileContext } from "../../config/context.ts";
import { compileDuration } from "../../config/durations.ts";
import { toByteString } from "../../observe/format/byte-string.ts";
import { compileSubstitute } from "../route/compile/substitute.ts";
import type { HashPolicyConfig, HashSourceConfig, SessionCookieConfig } from "./model.ts";

/** `hash_policy` of one place. A policy without anything to look at is left out, terminal or not, as in Envoy. */
export function compileHashPolicies(
  messages: readonly RouteAction_HashPolicy[],
  ctx: CompileContext,
): HashPolicyConfig[] {
  return messages.flatMap((message) => {
    const source = compileSource(message, ctx);
    if (source === null) return [];
    return [message.terminal ? { ...source, terminal: true as const } : source];
  });
}

/** Null for none; validate.rules refuse a policy without a specifier. */
function compileSource(
  { policySpecifier: specifier }: RouteAction_HashPolicy,
  ctx: CompileContext,
): HashSourceConfig | null {
  switch (specifier.case) {
    case "header": {
      const { headerName, regexRewrite } = specifier.value;
      const name = requestHeaderKey(headerName);
      if (regexRewrite === undefined) return { kind: "header", name };
      return { kind: "header", name, rewrite: compileSubstitute(regexRewrite, ctx) };
    }
    case "cookie": {
      const name = toByteString(specifier.value.name);
      const generate = compileSessionCookie(specifier.value, ctx);
      return { kind: "cookie", name, ...(generate !== null && { generate }) };
    }
    case "queryParameter":
      return { kind: "query_parameter", name: toByteString(specifier.value.name) };
    case "connectionProperties":
      return specifier.value.sourceIp ? { kind: "source_ip" } : null;
    case "filterState":
      return { kind: "filter_state", key: specifier.value.key };
    default:
      return null;
  }
}

function compileSessionCookie(
  message: RouteAction_HashPolicy_Cookie,
  ctx: CompileContext,
): SessionCookieConfig | null {
  if (message.ttl === undefined) return null;
  return {
    maxAgeS: Math.floor(compileDuration(message, "ttl", message.ttl, 0, ctx) / 1000),
    path: toByteString(message.path),
    attributes: message.attributes.map(({ name, value }) => ({
      name: toByteString(name),
      value: toByteString(value),
    })),
  };
}
