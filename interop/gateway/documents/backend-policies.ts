import type { DocumentKeyPair } from "./random-document.ts";
import { GATEWAY_API, chance, object, type DocumentObject, type Scene } from "./scene.ts";

/** TLS towards some of the Services, with authorities that are there and others that are not. */
export function randomBackendPolicies(scene: Scene, keyPair: DocumentKeyPair): DocumentObject[] {
  if (!chance(scene, 25)) return [];
  const { random, app } = scene;
  const count = 1 + random.below(3);
  return [
    authorities(app, keyPair),
    ...Array.from({ length: count }, (_, index) => policy(scene, `tls-${index}`)),
  ];
}

function authorities(namespace: string, { cert }: DocumentKeyPair): DocumentObject {
  const metadata = { name: "authorities", namespace };
  return { ...object("v1", "ConfigMap", metadata), data: { "ca.crt": cert } } as DocumentObject;
}

function policy(scene: Scene, name: string): DocumentObject {
  const { random, app } = scene;
  const sectionName = random.pick([undefined, undefined, "http", "raw"]);
  const target = {
    group: "",
    kind: "Service",
    name: random.pick(["s1", "s2", "s3"]),
    ...(sectionName !== undefined && { sectionName }),
  };
  const ref = { group: "", kind: "ConfigMap", name: chance(scene, 80) ? "authorities" : "missing" };
  const validation = {
    hostname: random.pick(["inside.example.com", "other.example.com"]),
    ...(chance(scene, 75) ? { caCertificateRefs: [ref] } : { wellKnownCACertificates: "System" }),
    ...(random.oneIn(3) && { subjectAltNames: [randomName(scene)] }),
  };
  return object(
    `${GATEWAY_API}/v1`,
    "BackendTLSPolicy",
    { name, namespace: app },
    {
      targetRefs: [target],
      validation,
    },
  );
}

function randomName({ random }: Scene): object {
  return random.oneIn(2)
    ? { type: "Hostname", hostname: "name.example.com" }
    : { type: "URI", uri: "spiffe://example.com/name" };
}
