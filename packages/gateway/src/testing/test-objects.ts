import type { Resource } from "../resources/object.ts";
import type {
  GatewayObject,
  ListenerSetObject,
  ListenerSpec,
} from "../translator/gateways/objects.ts";

/** The Gateway `infra/web` of the class that is always there. */
export function testGateway(
  listeners: readonly ListenerSpec[],
  spec: Partial<GatewayObject["spec"]> = {},
): GatewayObject {
  return {
    apiVersion: "gateway.networking.k8s.io/v1",
    kind: "Gateway",
    metadata: { name: "web", namespace: "infra", generation: 1 },
    spec: { gatewayClassName: "nuncio", listeners, ...spec },
  };
}

/** A ListenerSet of that Gateway. */
export function testListenerSet(
  name: string,
  listeners: readonly ListenerSpec[],
): ListenerSetObject {
  return {
    apiVersion: "gateway.networking.k8s.io/v1",
    kind: "ListenerSet",
    metadata: { name, namespace: "infra", generation: 1 },
    spec: { parentRef: { name: "web" }, listeners },
  };
}

/** An HTTPRoute of these listeners of that Gateway. */
export function testRoute(
  name: string,
  listeners: readonly string[],
  rule: object = { backendRefs: [{ name: "a", port: 80 }] },
): Resource {
  const spec = {
    parentRefs: listeners.map((sectionName) => ({ name: "web", sectionName })),
    hostnames: [`${name}.example.com`],
    rules: [rule],
  };
  const route = {
    apiVersion: "gateway.networking.k8s.io/v1",
    kind: "HTTPRoute",
    metadata: { name, namespace: "infra", generation: 1 },
    spec,
  };
  return route;
}
