import type { DocumentGateway } from "./gateways.ts";
import type { DocumentListenerSet } from "./listener-sets.ts";
import { grpcRule, httpRule, l4Rule } from "./rules.ts";
import {
  GATEWAY_API,
  chance,
  object,
  some,
  someAtLeastOne,
  type DocumentObject,
  type Scene,
} from "./scene.ts";

type Kind = "HTTPRoute" | "GRPCRoute" | "TLSRoute" | "TCPRoute" | "UDPRoute";

/** Of one document; more often those that have more to them. */
const HTTP_KINDS: readonly (readonly Kind[])[] = [
  ["HTTPRoute"],
  ["HTTPRoute"],
  ["HTTPRoute"],
  ["GRPCRoute"],
  ["HTTPRoute", "HTTPRoute", "GRPCRoute"],
];
const L4_KINDS: readonly Kind[] = ["TLSRoute", "TCPRoute", "UDPRoute"];
const HOSTNAMES = [
  "a.example.com",
  "b.example.com",
  "*.example.com",
  "x.a.example.com",
  "*.a.example.com",
  "other.org",
];

/** What routes can be attached to. */
type Parent = DocumentGateway | DocumentListenerSet;

/** Routes that want to be at these Gateways, and at these ListenerSets. */
export function randomRoutes(
  scene: Scene,
  gateways: readonly DocumentGateway[],
  listenerSets: readonly DocumentListenerSet[],
): DocumentObject[] {
  const parents = [...gateways, ...listenerSets];
  const count = 2 + scene.random.below(5);
  const http = scene.random.pick(HTTP_KINDS);
  return Array.from({ length: count }, (_, index) => {
    const kind = chance(scene, 70) ? scene.random.pick(http) : scene.random.pick(L4_KINDS);
    return randomRoute(scene, parents, { kind, name: `r${index}` });
  });
}

function randomRoute(
  scene: Scene,
  parents: readonly Parent[],
  { kind, name }: { readonly kind: Kind; readonly name: string },
): DocumentObject {
  const { random, app, infra, other } = scene;
  const namespace = random.pick([app, app, app, infra, other]);
  // Without a time at which it was made: `egctl` does not read it.
  return object(
    `${GATEWAY_API}/v1`,
    kind,
    { name, namespace },
    {
      parentRefs: randomParents(scene, parents),
      ...hostnames(scene, kind),
      rules: rules(scene, kind),
    },
  );
}

/** References to one parent differ in the listener. */
function randomParents(scene: Scene, all: readonly Parent[]): object[] {
  const { random, infra } = scene;
  const nobody = chance(scene, 4) ? [{ name: "nobody", namespace: infra }] : [];
  const parents = someAtLeastOne(scene, all, 2).flatMap(({ kind, metadata, spec }) => {
    const named = (kind !== "Gateway" || chance(scene, 10)) && { group: GATEWAY_API, kind };
    const parent = { ...named, name: metadata.name, namespace: metadata.namespace };
    if (chance(scene, 50)) return [parent];
    const { name, port } = random.pick(spec.listeners);
    if (chance(scene, 10)) return [{ ...parent, sectionName: "missing" }];
    if (chance(scene, 20)) return [{ ...parent, port: chance(scene, 80) ? port : 4711 }];
    const both = chance(scene, 10) && { port };
    if (chance(scene, 70)) return [{ ...parent, sectionName: name, ...both }];
    return someAtLeastOne(scene, spec.listeners, 2).map((one) => ({
      ...parent,
      sectionName: one.name,
    }));
  });
  return [...parents, ...nobody];
}

function hostnames(scene: Scene, kind: Kind): object {
  if (kind === "TLSRoute") return { hostnames: someAtLeastOne(scene, HOSTNAMES, 2) };
  if (kind === "TCPRoute" || kind === "UDPRoute") return {};
  const names = some(scene, HOSTNAMES, 2);
  return names.length === 0 ? {} : { hostnames: names };
}

function rules(scene: Scene, kind: Kind): object[] {
  if (kind !== "HTTPRoute" && kind !== "GRPCRoute") return [l4Rule(scene, kind)];
  const rule = kind === "HTTPRoute" ? httpRule : grpcRule;
  return Array.from({ length: 1 + scene.random.below(3) }, () => rule(scene));
}
