import type { Translation } from "../offline/translation.ts";
import { RESOURCE_KINDS } from "../resources/kinds.ts";
import { keyOf } from "../resources/object.ts";
import { formatPath } from "../resources/problem.ts";
import { checkBackendFields } from "./check-backend-fields.ts";
import { checkEndpoints, checkPorts, checkWeights } from "./check-backends.ts";
import { checkCertificates } from "./check-certificates.ts";
import { checkClasses } from "./check-classes.ts";
import { checkFallbacks } from "./check-fallbacks.ts";
import { checkForwarding } from "./check-forwarding.ts";
import { checkGatewayFields } from "./check-gateway-fields.ts";
import { checkGrantKinds, checkGrants } from "./check-grants.ts";
import { checkHopHeaders } from "./check-hop-headers.ts";
import { checkHostnames } from "./check-hostnames.ts";
import { checkNames } from "./check-names.ts";
import { checkParameters } from "./check-parameters.ts";
import { checkPolicies } from "./check-policies.ts";
import { checkReferences } from "./check-references.ts";
import { checkShadowed } from "./check-shadowed.ts";
import { checkStatuses } from "./check-statuses.ts";
import { checkUnclaimed } from "./check-unclaimed.ts";
import { checkUnserved } from "./check-unserved.ts";
import type { AnalyzedResources, Check, Finding, Mistake } from "./mistake.ts";
import { referencesOf } from "./references.ts";

const CHECKS: readonly Check[] = [
  checkReferences,
  checkClasses,
  checkPorts,
  checkHostnames,
  checkShadowed,
  checkCertificates,
  checkWeights,
  checkEndpoints,
  checkGrants,
  checkGrantKinds,
  checkPolicies,
  checkForwarding,
  checkNames,
  checkHopHeaders,
  checkGatewayFields,
  checkBackendFields,
  checkFallbacks,
  checkParameters,
];

/** What is looked at: resources, and what was made of them. */
type AnalyzedTranslation = Pick<Translation, "store" | "pipeline" | "placeOf">;

/**
 * Looks for mistakes in resources that were translated, sorted by place. What their status says is told
 * where no check has said why.
 *
 * @param nowMs milliseconds since 1970, for certificates
 */
export function analyze(translation: AnalyzedTranslation, nowMs: number): readonly Mistake[] {
  const { store, pipeline } = translation;
  const objects = RESOURCE_KINDS.flatMap(({ kind }) => [...store.table(kind).values()]);
  const references = objects.flatMap(referencesOf);
  const resources: AnalyzedResources = { store, pipeline, objects, references, nowMs };
  const found = CHECKS.flatMap((check) => check(resources));
  const others = [checkStatuses, checkUnclaimed, checkUnserved].flatMap((check) =>
    check(resources, found),
  );
  return [...found, ...others].map((finding) => mistakeOf(finding, translation)).toSorted(byPlace);
}

function mistakeOf(finding: Finding, translation: AnalyzedTranslation): Mistake {
  const { rule, severity, object, path, message, suggestion = null } = finding;
  const key = keyOf(object);
  const place = translation.placeOf(object.kind, key, path) ?? null;
  const what = { object: `${object.kind} ${key}`, path: formatPath(path) };
  return { rule, severity, place, ...what, message, suggestion };
}

function byPlace(a: Mistake, b: Mistake): number {
  const [one, other] = [a.place, b.place];
  if (one === null || other === null) return Number(one !== null) - Number(other !== null);
  if (one.file !== other.file) return one.file < other.file ? -1 : 1;
  return one.line - other.line || one.column - other.column;
}
