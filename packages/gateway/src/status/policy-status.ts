import type { Cells } from "../incremental/cells.ts";
import { Index } from "../incremental/index-cells.ts";
import { Stage, type Read } from "../incremental/stage.ts";
import { CONTROLLER_NAME, GATEWAY_GROUP } from "../resources/kinds.ts";
import type { ObjectKey } from "../resources/object.ts";
import type { ResourceStore } from "../resources/store.ts";
import { expectedKinds } from "../translator/backends/backend-kinds.ts";
import { clustersByBackend } from "../translator/backends/demands.ts";
import type { ServiceObject } from "../translator/backends/objects.ts";
import type { CheckedPolicy } from "../translator/backends/tls/checked-policy.ts";
import { splitTarget } from "../translator/backends/tls/checked-policy.ts";
import type { PolicyWinner } from "../translator/backends/tls/policy-winners.ts";
import type { BackendDemand } from "../translator/translated-route.ts";
import { finding, observed, resolvedRefs, type Finding } from "./condition.ts";
import type { ObjectStatus } from "./object-status.ts";

/** PolicyStatus.ancestors */
const ANCESTORS_MAX = 16;

interface PolicyInputs {
  readonly store: ResourceStore;
  readonly policies: Cells<CheckedPolicy>;
  readonly winners: Cells<PolicyWinner>;
  readonly demands: Cells<BackendDemand>;
}

/** Statuses of BackendTLSPolicies, by `BackendTLSPolicy/<key>`: what each Gateway that uses a target makes of them. */
export function backendTlsPolicyStatuses(inputs: PolicyInputs): Stage<ObjectStatus> {
  const keys = new Index("backend TLS policy statuses", inputs.policies, ({ key }) => [
    `BackendTLSPolicy/${key}`,
  ]);
  const clusters = clustersByBackend(inputs.demands);
  return new Stage<ObjectStatus>({
    name: "backend TLS policy statuses",
    compute: (statusKey, read) => {
      const [key] = read.one(keys, statusKey) ?? [];
      const policy = key === undefined ? undefined : read.one(inputs.policies, key);
      if (policy === undefined) return undefined;
      const gateways = ancestors(read, clusters, inputs.demands, policy);
      if (gateways.length === 0) return undefined;
      const conditions = observed(policyFindings(read, inputs, policy), policy.generation);
      const status = {
        ancestors: gateways.map((gateway) => ({
          ancestorRef: gatewayRef(gateway),
          controllerName: CONTROLLER_NAME,
          conditions,
        })),
      };
      return { kind: "BackendTLSPolicy", key: policy.key, status };
    },
  }).forEach(keys);
}

function ancestors(
  read: Read,
  clusters: Cells<ReadonlySet<string>>,
  demands: Cells<BackendDemand>,
  { targets }: CheckedPolicy,
): ObjectKey[] {
  const names = targets.flatMap((target) => [
    ...(read.one(clusters, splitTarget(target).backend) ?? []),
  ]);
  const gateways = names.map((name) => read.one(demands, name)!.gateway);
  return [...new Set(gateways)].toSorted().slice(0, ANCESTORS_MAX);
}

function gatewayRef(gateway: ObjectKey): {
  group: string;
  kind: string;
  namespace: string;
  name: string;
} {
  const [namespace = "", name = ""] = gateway.split("/");
  return { group: GATEWAY_GROUP, kind: "Gateway", namespace, name };
}

function policyFindings(read: Read, inputs: PolicyInputs, policy: CheckedPolicy): Finding[] {
  const { refusal, problems, targets } = policy;
  const rivals = targets.map((target) => read.one(inputs.winners, target)?.policy);
  if (rivals.every((winner) => winner !== policy.key)) {
    const message = `${[...new Set(rivals)].join(", ")} is older, or first by name, and has the same targets`;
    return [finding("Accepted", "False", "Conflicted", message)];
  }
  const missing = targets.filter((target) => !hasPort(read, inputs.store, target));
  const lost = targets.filter((_, i) => rivals[i] !== policy.key);
  const accepted =
    refusal === undefined
      ? missing.length === targets.length
        ? finding("Accepted", "False", "TargetNotFound", `no such port: ${targetTexts(missing)}`)
        : finding("Accepted", "True", "Accepted", acceptedText(policy, lost, missing))
      : finding("Accepted", "False", refusal.reason, refusal.message);
  return [accepted, resolvedRefs(problems)];
}

/** Also what it names without effect. */
function acceptedText(
  { otherKinds }: CheckedPolicy,
  lost: readonly string[],
  missing: readonly string[],
): string {
  const without = [
    ...(lost.length === 0
      ? []
      : [`${targetTexts(lost)}, where an older one, or one first by name, counts`]),
    ...(missing.length === 0 ? [] : [`${targetTexts(missing)}, where there is no such port`]),
    ...otherKinds.map((kind) => `a target of kind ${kind}, which is none of ${expectedKinds()}`),
  ];
  return without.length === 0
    ? "the policy is accepted"
    : `the policy is accepted, but not for ${without.join("; ")}`;
}

/** `Service/web/a, Service/web/a port http` */
function targetTexts(targets: readonly string[]): string {
  return targets.map((target) => target.replace("|", " port ")).join(", ");
}

/** A target without a section is the whole object. */
function hasPort(read: Read, store: ResourceStore, target: string): boolean {
  const { kind, key, section } = splitTarget(target);
  if (section === undefined) return true;
  if (kind !== "Service" && kind !== "ServiceImport") return false;
  const service = read.one(store.table<ServiceObject>(kind), key);
  return service?.spec?.ports?.some(({ name = "" }) => name === section) ?? false;
}
