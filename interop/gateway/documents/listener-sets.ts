import { randomListeners, type DocumentGateway, type DocumentListener } from "./gateways.ts";
import { GATEWAY_API, chance, object, type DocumentObject, type Scene } from "./scene.ts";

/** A ListenerSet as documents have it. */
export interface DocumentListenerSet extends DocumentObject {
  readonly spec: { readonly listeners: readonly DocumentListener[] };
}

/** Some were made at the same time: their names decide then. */
const MADE = ["2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z", "2026-01-02T00:00:00Z"];

/** ListenerSets whose listeners are in the way of each other and of the Gateways' own; not all Gateways take all of them. */
export function randomListenerSets(
  scene: Scene,
  gateways: readonly DocumentGateway[],
): DocumentListenerSet[] {
  if (!chance(scene, 35)) return [];
  const count = 1 + scene.random.below(3);
  return Array.from({ length: count }, (_, index) => listenerSet(scene, gateways, `ls-${index}`));
}

function listenerSet(
  scene: Scene,
  gateways: readonly DocumentGateway[],
  name: string,
): DocumentListenerSet {
  const { random, infra, app, other } = scene;
  const namespace = random.pick([infra, infra, app, other]);
  const gateway = chance(scene, 5) ? "nobody" : random.pick(gateways).metadata.name;
  const isNear = namespace === infra && random.oneIn(2);
  const parentRef = {
    ...(chance(scene, 10) && { group: GATEWAY_API, kind: "Gateway" }),
    name: gateway,
    ...(!isNear && !chance(scene, 3) && { namespace: infra }),
  };
  const metadata = { name, namespace, creationTimestamp: random.pick(MADE) };
  const spec = { parentRef, listeners: randomListeners(scene, 3) };
  return object(`${GATEWAY_API}/v1`, "ListenerSet", metadata, spec) as DocumentListenerSet;
}
