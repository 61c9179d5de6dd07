import { randomClientValidation } from "./client-validation.ts";
import {
  CLASS_NAME,
  GATEWAY_API,
  chance,
  object,
  type DocumentObject,
  type Scene,
} from "./scene.ts";

/** A listener as documents have it. */
export interface DocumentListener {
  readonly name: string;
  readonly protocol: Protocol;
  readonly port: number;
  readonly hostname?: string;
  readonly tls?: object;
  readonly allowedRoutes?: object;
}

type Protocol = "HTTP" | "HTTPS" | "TLS" | "TCP" | "UDP";

/** A Gateway as documents have it. */
export interface DocumentGateway extends DocumentObject {
  readonly spec: { readonly listeners: readonly DocumentListener[] };
}

/** More often those that have more to them. */
const PROTOCOLS: readonly Protocol[] = [
  "HTTP",
  "HTTP",
  "HTTP",
  "HTTP",
  "HTTPS",
  "HTTPS",
  "TLS",
  "TLS",
  "TCP",
  "UDP",
];
const PORTS: Readonly<Record<Protocol, readonly number[]>> = {
  HTTP: [80, 80, 8080],
  HTTPS: [443, 443, 8443],
  TLS: [443, 6443, 6443],
  TCP: [9000, 9001, 80],
  UDP: [5353, 80],
};
const HOSTNAMES = [
  undefined,
  undefined,
  "*.example.com",
  "a.example.com",
  "b.example.com",
  "*.a.example.com",
  "other.org",
];
const KINDS: Readonly<Record<Protocol, readonly string[]>> = {
  HTTP: ["HTTPRoute", "GRPCRoute"],
  HTTPS: ["HTTPRoute", "GRPCRoute"],
  TLS: ["TLSRoute"],
  TCP: ["TCPRoute"],
  UDP: ["UDPRoute"],
};
const MISSING = { name: "missing" };
/** Ours that are right, one that is wrong, and the option of somebody else. The original passes over all. */
const OPTIONS = [
  { "gateway.nuncio.dev/tls-min-version": "1.2" },
  { "gateway.nuncio.dev/tls-max-version": "1.3" },
  { "gateway.nuncio.dev/tls-min-version": "9" },
  { "example.org/option": "1.2" },
];
const LABELLED = { from: "Selector", selector: { matchLabels: { team: "one" } } };
const EXPRESSED = {
  from: "Selector",
  selector: { matchExpressions: [{ key: "team", operator: "NotIn", values: ["two"] }] },
};
/** `allowedRoutes.namespaces`. Not `None`, which the original takes for `Same`. */
const TAKEN_ROUTES = [
  ...Array.from({ length: 5 }, () => ({ from: "All" })),
  { from: "Same" },
  LABELLED,
  EXPRESSED,
];
/** `allowedListeners.namespaces`. */
const TAKEN_SETS = [...TAKEN_ROUTES, { from: "None" }];
const OTHER_KINDS = ["HTTPRoute", "TLSRoute", "UDPRoute", "Nothing"];

/** One or two Gateways with listeners that are alike enough to be in each other's way. */
export function randomGateways(scene: Scene): DocumentGateway[] {
  const names = chance(scene, 30) ? ["gw-1", "gw-2"] : ["gw-1"];
  return names.map((name) => {
    const listeners = randomListeners(scene, 5);
    const metadata = { name, namespace: scene.infra };
    const spec = {
      gatewayClassName: CLASS_NAME,
      ...allowedListeners(scene),
      ...randomClientValidation(scene),
      listeners,
    };
    return object(`${GATEWAY_API}/v1`, "Gateway", metadata, spec) as DocumentGateway;
  });
}

/** ListenerSets of most namespaces, unless nothing is said: then none. */
function allowedListeners(scene: Scene): object {
  if (chance(scene, 15)) return {};
  return { allowedListeners: { namespaces: scene.random.pick(TAKEN_SETS) } };
}

/** Up to `most`. Port, protocol and host name are not the same twice: no API server takes that. */
export function randomListeners(scene: Scene, most: number): DocumentListener[] {
  const { random } = scene;
  const listeners = new Map<string, DocumentListener>();
  for (let count = 1 + random.below(most); count > 0; count -= 1) {
    const listener = randomListener(scene, `l${count}`);
    listeners.set(`${listener.protocol} ${listener.port} ${listener.hostname}`, listener);
  }
  return [...listeners.values()];
}

function randomListener(scene: Scene, name: string): DocumentListener {
  const { random } = scene;
  const protocol = random.pick(PROTOCOLS);
  const isByName = protocol !== "TCP" && protocol !== "UDP";
  const hostname = isByName ? random.pick(HOSTNAMES) : undefined;
  // Not with wrong kinds: the original does not look at them then.
  const isPartial = chance(scene, 8);
  const allowedRoutes = randomAllowedRoutes(scene, protocol, isPartial);
  return {
    name,
    protocol,
    port: random.pick(PORTS[protocol]),
    ...(hostname !== undefined && { hostname }),
    ...((protocol === "HTTPS" || protocol === "TLS") && {
      tls: randomTls(scene, protocol, isPartial),
    }),
    ...(allowedRoutes !== undefined && { allowedRoutes }),
  };
}

/** @param isPartial one of several certificates is missing */
function randomTls(scene: Scene, protocol: "HTTPS" | "TLS", isPartial: boolean): object {
  const { random, other } = scene;
  const options = chance(scene, 8) && { options: random.pick(OPTIONS) };
  if (protocol === "TLS" && chance(scene, 60)) return { mode: "Passthrough", ...options };
  const refs = [
    ...Array.from({ length: 5 }, () => ({ name: "cert" })),
    { name: "cert", namespace: other },
    MISSING,
    { kind: "ConfigMap", name: "cert" },
  ];
  const first = random.pick(refs);
  return { mode: "Terminate", certificateRefs: isPartial ? [first, MISSING] : [first], ...options };
}

function randomAllowedRoutes(
  scene: Scene,
  protocol: Protocol,
  isRight: boolean,
): object | undefined {
  const { random } = scene;
  if (chance(scene, 15)) return undefined;
  const namespaces = random.pick(TAKEN_ROUTES);
  if (!chance(scene, 15)) return { namespaces };
  // One that fits is among them: a listener that takes no route has its host names for itself with the original only.
  const kinds = new Set([
    random.pick(KINDS[protocol]),
    ...(!isRight && chance(scene, 30) ? [random.pick(OTHER_KINDS)] : []),
  ]);
  const group = chance(scene, 30) && { group: GATEWAY_API };
  return { namespaces, kinds: Array.from(kinds, (kind) => ({ ...group, kind })) };
}
