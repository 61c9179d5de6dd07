import type { Service } from "#gen/resources";
import { keyOf, namespaceOf } from "../resources/object.ts";
import { targetKey } from "../translator/backends/tls/checked-policy.ts";
import type { AnalyzedResources, Check, Finding } from "./mistake.ts";
import type { Reference } from "./references.ts";
import { withoutEffect } from "./without-effect.ts";

/** What is said of backends, and does not become of them. */
export const checkBackendFields: Check = (resources) => [
  ...resources.references.flatMap(portOfBackend),
  ...[...resources.store.table<Service>("Service").values()].flatMap((one) =>
    plainText(resources, one),
  ),
];

function portOfBackend({ from, path, to, port }: Reference): Finding[] {
  if (to.kind !== "Backend" || port === undefined) return [];
  return [withoutEffect(from, [...path, "port"], "a Backend says the ports of its endpoints")];
}

const OF_HTTP = ["HTTPRoute", "GRPCRoute"];
/** Names of IANA and of Kubernetes. */
const OF_TLS = ["https", "kubernetes.io/wss", "wss", "tls", "ssl"];

/** Ports that say TLS, without a policy that says how. */
function plainText({ references, pipeline }: AnalyzedResources, service: Service): Finding[] {
  const { name } = service.metadata;
  const whole = { kind: "Service", namespace: namespaceOf(service), name };
  const isThis = ({ to }: Reference): boolean =>
    to.group === "" &&
    to.kind === "Service" &&
    to.name === name &&
    to.namespace === whole.namespace;
  const hasPolicy = (section?: string): boolean =>
    pipeline.policyWinners.peek(targetKey(whole, section)) !== undefined;
  return (service.spec?.ports ?? []).flatMap(({ name: section, port, appProtocol = "" }, index) => {
    if (!OF_TLS.includes(appProtocol.toLowerCase())) return [];
    const isUsed = references.some(
      (reference) =>
        isThis(reference) && reference.port === port && OF_HTTP.includes(reference.from.kind),
    );
    if (!isUsed || hasPolicy(section) || hasPolicy()) return [];
    const message = `${appProtocol} alone makes no TLS: requests are sent in the clear`;
    const suggestion = `a BackendTLSPolicy for Service ${keyOf(service)} says which name and authorities to check`;
    return [withoutEffect(service, ["spec", "ports", index, "appProtocol"], message, suggestion)];
  });
}
