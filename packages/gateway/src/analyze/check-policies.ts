import type { Backend, BackendTLSPolicy } from "#gen/resources";
import type { IrCluster } from "../ir/cluster.ts";
import { keyOf, namespaceOf } from "../resources/object.ts";
import { backendKind, unknownKind } from "../translator/backends/backend-kinds.ts";
import { targetKey } from "../translator/backends/tls/checked-policy.ts";
import { hasStatus } from "./has-status.ts";
import type { AnalyzedResources, Check, Finding } from "./mistake.ts";
import { OF_OTHERS, withoutEffect } from "./without-effect.ts";

/** BackendTLSPolicies that nobody uses, targets of theirs that come to nothing, and TLS of Backends that they replace. */
export const checkPolicies: Check = (resources) => {
  const { store, pipeline } = resources;
  const policies = [...store.table<BackendTLSPolicy>("BackendTLSPolicy").values()];
  const backends = [...store.table<Backend>("Backend").values()];
  const clusters = Map.groupBy(
    pipeline.pieces.clusters.values(),
    ({ backend: { kind, namespace = "", name } }) => targetKey({ kind, namespace, name }),
  );
  return [
    ...policies.flatMap((policy) => unused(resources, clusters, policy)),
    ...policies.flatMap((policy) => targetsWithoutEffect(resources, policy)),
    ...backends.flatMap((backend) => tlsWithoutEffect(resources, clusters, backend)),
  ];
};

/** By the `targetKey` of the backend as a whole. */
type ClustersByBackend = ReadonlyMap<string, readonly IrCluster[]>;

function unused(
  { pipeline }: AnalyzedResources,
  clusters: ClustersByBackend,
  policy: BackendTLSPolicy,
): Finding[] {
  const found = (message: string): Finding[] => [
    {
      rule: "unused-policy",
      severity: "warning",
      object: policy,
      path: ["spec", "targetRefs"],
      message,
    },
  ];
  if (!hasStatus(pipeline, policy)) return found("no route sends anything to its targets");
  return hasNoTls(clusters, wholesOf(policy)) ? found(OF_CLIENTS) : [];
}

function targetsWithoutEffect(
  { pipeline }: AnalyzedResources,
  policy: BackendTLSPolicy,
): Finding[] {
  const namespace = namespaceOf(policy);
  return policy.spec.targetRefs.flatMap(({ group, kind, name, sectionName }, index) => {
    const path = ["spec", "targetRefs", index];
    if (backendKind(group, kind) === undefined)
      return [withoutEffect(policy, [...path, "kind"], unknownKind(group, kind), OF_OTHERS)];
    const winner = pipeline.policyWinners.peek(targetKey({ kind, namespace, name }, sectionName));
    if (winner === undefined || winner.policy === keyOf(policy)) return [];
    const message = `BackendTLSPolicy ${winner.policy} is older, or first by name, and has the same target`;
    return [withoutEffect(policy, path, message)];
  });
}

function tlsWithoutEffect(
  { pipeline }: AnalyzedResources,
  clusters: ClustersByBackend,
  backend: Backend,
): Finding[] {
  if (backend.spec.tls === undefined) return [];
  const { name } = backend.metadata;
  const whole = targetKey({ kind: "Backend", namespace: namespaceOf(backend), name });
  const winner = pipeline.policyWinners.peek(whole);
  const path = ["spec", "tls"];
  if (winner !== undefined)
    return [withoutEffect(backend, path, `BackendTLSPolicy ${winner.policy} takes its place`)];
  return hasNoTls(clusters, [whole]) ? [withoutEffect(backend, path, OF_CLIENTS)] : [];
}

/** Where TLS of the gateway has no place. */
const OF_CLIENTS =
  "what is sent there is datagrams, or TLS of clients that stays as it came: none of it is the gateway's";

/** Without a cluster nobody is connected, which statuses say. */
function hasNoTls(clusters: ClustersByBackend, backends: readonly string[]): boolean {
  const own = backends.flatMap((backend) => clusters.get(backend) ?? []);
  return own.length > 0 && own.every(({ tls }) => tls === undefined);
}

/** The backends that a policy names, without their sections. */
function wholesOf(policy: BackendTLSPolicy): string[] {
  const namespace = namespaceOf(policy);
  return policy.spec.targetRefs
    .filter(({ group, kind }) => backendKind(group, kind) !== undefined)
    .map(({ kind, name }) => targetKey({ kind, namespace, name }));
}
