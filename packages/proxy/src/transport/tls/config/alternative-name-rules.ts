import type {
  CertificateValidationContext,
  SubjectAltNameMatcher,
} from "@nuncio/api/types/envoy/extensions/transport_sockets/tls/v3/common_pb";
import type { StringMatcher } from "@nuncio/api/types/envoy/type/matcher/v3/string_pb";
import type { CompileContext } from "../../../config/context.ts";
import type { AlternativeNameRule } from "../validation/model.ts";

/** By Envoy's numbers of `SanType`. */
const TYPES = [null, "email", "dns", "uri", "ip", "other"] as const;

/** What the deprecated matchers without a type look at. */
const UNTYPED = ["dns", "uri", "email", "ip"] as const;

/** `match_typed_subject_alt_names`, else `match_subject_alt_names`. */
export function compileAlternativeNameRules(
  message: CertificateValidationContext,
  ctx: CompileContext,
): AlternativeNameRule[] {
  if (message.matchTypedSubjectAltNames.length > 0)
    return message.matchTypedSubjectAltNames.flatMap((rule) => compileTyped(rule, ctx));
  return message.matchSubjectAltNames.flatMap((matcher) =>
    UNTYPED.map((type) => compileRule(type, "", matcher, ctx)),
  );
}

function compileTyped(rule: SubjectAltNameMatcher, ctx: CompileContext): AlternativeNameRule[] {
  const type = TYPES[rule.sanType] ?? null;
  // Without a type or a matcher validate.rules refuse it.
  if (type === null || rule.matcher === undefined) return [];
  if (type === "other" && !/^[0-2](\.\d+)+$/.test(rule.oid)) {
    const text = `Failed to create SAN matcher for OTHER_NAME with OID: ${rule.oid}`;
    ctx.problems.error(rule, "oid", text);
  }
  return [compileRule(type, type === "other" ? rule.oid : "", rule.matcher, ctx)];
}

function compileRule(
  type: Exclude<AlternativeNameRule["type"], "dns_exact">,
  oid: string,
  matcher: StringMatcher,
  ctx: CompileContext,
): AlternativeNameRule {
  const { matchPattern: pattern } = matcher;
  if (type === "dns" && pattern.case === "exact") return { type: "dns_exact", name: pattern.value };
  return { type, oid, matcher: ctx.matchers.string(matcher, ctx) };
}
