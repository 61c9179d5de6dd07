import { GATEWAY_API, chance, object, type DocumentObject, type Scene } from "./scene.ts";

const ROUTES = ["HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute", "UDPRoute"];

/** Who may refer to what is in the third namespace; sometimes nobody. */
export function randomGrants(scene: Scene): DocumentObject[] {
  const { random, infra, app } = scene;
  const grants: DocumentObject[] = [];
  if (chance(scene, 60)) {
    const namespace = random.pick([infra, infra, app]);
    const kinds = random.pick([["Gateway"], ["ListenerSet"], ["Gateway", "ListenerSet"]]);
    const from = kinds.map((kind) => ({ group: GATEWAY_API, kind, namespace }));
    const name = random.pick([undefined, "cert", "another"]);
    grants.push(grant(scene, "secrets", from, { group: "", kind: "Secret", name }));
  }
  if (chance(scene, 60)) {
    const kinds = chance(scene, 70) ? ROUTES : [random.pick(ROUTES)];
    const from = kinds.map((kind) => ({ group: GATEWAY_API, kind, namespace: app }));
    const name = random.pick([undefined, undefined, "s1", "s2"]);
    grants.push(grant(scene, "services", from, { group: "", kind: "Service", name }));
  }
  return grants;
}

function grant(
  { other }: Scene,
  name: string,
  from: readonly object[],
  { name: target, ...to }: { group: string; kind: string; name: string | undefined },
): DocumentObject {
  return object(
    `${GATEWAY_API}/v1beta1`,
    "ReferenceGrant",
    { name, namespace: other },
    {
      from,
      to: [{ ...to, ...(target !== undefined && { name: target }) }],
    },
  );
}
