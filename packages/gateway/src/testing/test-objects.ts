import type { Resource } from "../resources/object.ts";

/** The Gateway `infra/web` of the class that is always there; without defaults. */
export function testGateway(listeners: readonly object[], spec: object = {}): Resource {
  return object("Gateway", "web", { gatewayClassName: "nuncio", listeners, ...spec });
}

/** A ListenerSet of that Gateway. */
export function testListenerSet(name: string, listeners: readonly object[]): Resource {
  return object("ListenerSet", name, { parentRef: { name: "web" }, listeners });
}

/** An HTTPRoute of these listeners of that Gateway. */
export function testRoute(
  name: string,
  listeners: readonly string[],
  rule: object = { backendRefs: [{ name: "a", port: 80 }] },
): Resource {
  return object("HTTPRoute", name, {
    parentRefs: listeners.map((sectionName) => ({ name: "web", sectionName })),
    hostnames: [`${name}.example.com`],
    rules: [rule],
  });
}

function object(kind: string, name: string, spec: object): Resource & { readonly spec: object } {
  const metadata = { name, namespace: "infra", generation: 1 };
  return { apiVersion: "gateway.networking.k8s.io/v1", kind, metadata, spec };
}
