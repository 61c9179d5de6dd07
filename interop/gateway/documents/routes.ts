import type { DocumentGateway } from "./gateways.ts";
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
/** Routes that want to be at these Gateways. */
export function randomRoutes(scene: Scene, gateways: readonly DocumentGateway[]): DocumentObject[] {
  const count = 2 + scene.random.below(5);
  const http = scene.random.pick(HTTP_KINDS);
  return Array.from({ length: count }, (_, index) => {
    const kind = chance(scene, 70) ? scene.random.pick(http) : scene.random.pick(L4_KINDS);
    return randomRoute(scene, gateways, { kind, name: `r${index}` });
  });
}

function randomRoute(
  scene: Scene,
  gateways: readonly DocumentGateway[],
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
      parentRefs: randomParents(scene, gateways),
      ...hostnames(scene, kind),
      rules: rules(scene, kind),
    },
  );
}

/** References to one Gateway differ in the listener. */
function randomParents(scene: Scene, gateways: readonly DocumentGateway[]): object[] {
  const { random, infra } = scene;
  const nobody = chance(scene, 4) ? [{ name: "nobody", namespace: infra }] : [];
  const parents = someAtLeastOne(scene, gateways, 2).flatMap(({ metadata, spec }) => {
    const named = chance(scene, 10) && { group: GATEWAY_API, kind: "Gateway" };
    const parent = { ...named, name: metadata.name, namespace: infra };
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
