import { GATEWAY_API, chance, object, some, type DocumentObject, type Scene } from "./scene.ts";

/** Not several of which one is missing: what becomes of the others is left to implementations. */
const AUTHORITIES = ["authorities", "authorities", "authorities", "missing"];
const NAMES = [
  { type: "Hostname", hostname: "name.example.com" },
  { type: "URI", uri: "spiffe://example.com/name" },
];

/** TLS towards some of the Services, with authorities that are there and others that are not. */
export function randomBackendPolicies(scene: Scene): DocumentObject[] {
  if (!chance(scene, 25)) return [];
  const count = 1 + scene.random.below(3);
  return Array.from({ length: count }, (_, index) => policy(scene, `tls-${index}`));
}

function policy(scene: Scene, name: string): DocumentObject {
  const { random, app } = scene;
  const sectionName = random.pick([undefined, undefined, "http", "raw"]);
  const services = chance(scene, 15) ? ["s1", "missing"] : some(scene, ["s1", "s2", "s3"], 2);
  const targets = (services.length === 0 ? ["s2"] : services).map((service) => ({
    group: "",
    kind: "Service",
    name: service,
    ...(sectionName !== undefined && { sectionName }),
  }));
  const ref = { group: "", kind: "ConfigMap", name: random.pick(AUTHORITIES) };
  const validation = {
    hostname: random.pick(["inside.example.com", "other.example.com"]),
    ...(chance(scene, 75) ? { caCertificateRefs: [ref] } : { wellKnownCACertificates: "System" }),
    ...(random.oneIn(3) && { subjectAltNames: some(scene, NAMES, 2) }),
  };
  return object(
    `${GATEWAY_API}/v1`,
    "BackendTLSPolicy",
    { name, namespace: app },
    {
      targetRefs: targets,
      validation,
      ...(chance(scene, 12) && { options: { "example.org/option": "value" } }),
    },
  );
}
