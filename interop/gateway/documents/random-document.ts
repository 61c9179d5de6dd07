import { Random } from "../../harness/random.ts";
import { randomBackendPolicies } from "./backend-policies.ts";
import { randomBackends } from "./backends.ts";
import { randomGateways } from "./gateways.ts";
import { randomGrants } from "./grants.ts";
import { randomListenerSets } from "./listener-sets.ts";
import { randomRoutes } from "./routes.ts";
import {
  CLASS_NAME,
  GATEWAY_API,
  object,
  type DocumentObject,
  type GatewayDocument,
  type Scene,
} from "./scene.ts";

/** A key pair that documents can use, PEM. */
export interface DocumentKeyPair {
  readonly cert: string;
  readonly key: string;
}

/** Gateways, routes and backends by chance; the same for the same seed and number. */
export function randomDocument(
  seed: number,
  number: number,
  keyPair: DocumentKeyPair,
): GatewayDocument {
  const prefix = `c${number}`;
  const scene: Scene = {
    random: new Random(seed + 7_919 * number),
    infra: `${prefix}-infra`,
    app: `${prefix}-app`,
    other: `${prefix}-other`,
  };
  const gateways = randomGateways(scene);
  const listenerSets = randomListenerSets(scene, gateways);
  return {
    name: `${seed}.${number}`,
    objects: [
      ...namespaces(scene),
      ...randomBackends(scene),
      secret(scene.infra, keyPair),
      secret(scene.other, keyPair),
      authorities(scene.infra, keyPair),
      authorities(scene.app, keyPair),
      ...gateways,
      ...listenerSets,
      ...randomRoutes(scene, gateways, listenerSets),
      ...randomGrants(scene),
      ...randomBackendPolicies(scene),
    ],
  };
}

/** The class that all documents share. */
export function gatewayClass(controllerName: string): DocumentObject {
  const metadata = { name: CLASS_NAME };
  return object(`${GATEWAY_API}/v1`, "GatewayClass", metadata, { controllerName });
}

function namespaces({ infra, app, other }: Scene): DocumentObject[] {
  return [
    object("v1", "Namespace", { name: infra }),
    object("v1", "Namespace", { name: app, labels: { team: "one" } }),
    object("v1", "Namespace", { name: other, labels: { team: "two" } }),
  ];
}

/** What clients and backends are checked against. */
function authorities(namespace: string, { cert }: DocumentKeyPair): DocumentObject {
  const metadata = { name: "authorities", namespace };
  return { ...object("v1", "ConfigMap", metadata), data: { "ca.crt": cert } } as DocumentObject;
}

function secret(namespace: string, { cert, key }: DocumentKeyPair): DocumentObject {
  const base64 = (text: string): string => Buffer.from(text).toString("base64");
  return {
    ...object("v1", "Secret", { name: "cert", namespace }),
    type: "kubernetes.io/tls",
    data: { "tls.crt": base64(cert), "tls.key": base64(key) },
  } as DocumentObject;
}
