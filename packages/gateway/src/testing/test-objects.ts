import type { IrHttpFilter } from "../ir/listener.ts";
import type {
  GatewayObject,
  ListenerSetObject,
  ListenerSpec,
} from "../translator/gateways/objects.ts";
import type { TranslatedRoute } from "../translator/translated-route.ts";

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

/** What the stages of routes give for an HTTPRoute that is attached to these listeners of that Gateway. */
export function testRoute(
  name: string,
  listeners: readonly string[],
  { accepted = true, filters = [] }: { accepted?: boolean; filters?: readonly IrHttpFilter[] } = {},
): TranslatedRoute {
  const status = accepted ? "True" : "False";
  return {
    kind: "HTTPRoute",
    key: `infra/${name}`,
    generation: 1,
    createdAt: "",
    parents: [
      {
        parentRef: { name: "web" },
        gateway: "infra/web",
        conditions: [
          { type: "Accepted", status, reason: "Accepted", message: "", observedGeneration: 1 },
        ],
        attachments: listeners.map((listener) => ({ listener, domains: [`${name}.example.com`] })),
        filters,
        backends: [],
      },
    ],
  };
}
