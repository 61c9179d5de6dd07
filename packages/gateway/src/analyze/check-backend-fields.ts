import type { Service } from "#gen/resources";
import { keyOf, namespaceOf, objectKey } from "../resources/object.ts";
import { backendKind } from "../translator/backends/backend-kinds.ts";
import { targetKey } from "../translator/backends/tls/checked-policy.ts";
import type { AnalyzedResources, Check, Finding } from "./mistake.ts";
import type { Reference } from "./references.ts";
import { withoutEffect } from "./without-effect.ts";

/** What is said of backends, and does not become of them. */
export const checkBackendFields: Check = (resources) => [
  ...resources.references.flatMap(portOfBackend),
  ...plainText(resources),
];

function portOfBackend({ from, path, to, port }: Reference): Finding[] {
  if (backendKind(to.group, to.kind) !== "Backend" || port === undefined) return [];
  return [withoutEffect(from, [...path, "port"], "a Backend says the ports of its endpoints")];
}

const OF_HTTP = ["HTTPRoute", "GRPCRoute"];
/** Names of IANA and of Kubernetes. */
const OF_TLS = ["https", "kubernetes.io/wss", "wss", "tls", "ssl"];

/** Ports that say TLS, without a policy that says how. */
function plainText({ references, store, pipeline }: AnalyzedResources): Finding[] {
  const used = new Set(
    references
      .filter(({ from, to: { group, kind } }) => {
        return OF_HTTP.includes(from.kind) && group === "" && kind === "Service";
      })
      .map(({ to, port }) => `${objectKey(to.namespace, to.name)} ${port}`),
  );
  const hasPolicy = (service: Service, section?: string): boolean => {
    const whole = { kind: "Service", namespace: namespaceOf(service), name: service.metadata.name };
    return pipeline.policyWinners.peek(targetKey(whole, section)) !== undefined;
  };
  return [...store.table<Service>("Service").values()].flatMap((service) =>
    (service.spec?.ports ?? []).flatMap(({ name, port, appProtocol = "" }, index) => {
      if (!OF_TLS.includes(appProtocol.toLowerCase())) return [];
      const isUsed = used.has(`${keyOf(service)} ${port}`);
      if (!isUsed || hasPolicy(service, name) || hasPolicy(service)) return [];
      const message = `${appProtocol} alone makes no TLS: requests are sent in the clear`;
      const suggestion = `a BackendTLSPolicy for Service ${keyOf(service)} says which name and authorities to check`;
      return [withoutEffect(service, ["spec", "ports", index, "appProtocol"], message, suggestion)];
    }),
  );
}
