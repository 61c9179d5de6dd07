import { createPrivateKey, type KeyObject, type X509Certificate } from "node:crypto";
import type { Secret } from "#gen/resources";
import { secretText } from "./objects.ts";
import { certificatesPem, readCertificates } from "./pem.ts";

/** The type of a Secret with a certificate and its key (core/v1 SecretTypeTLS). */
const TLS_SECRET = "kubernetes.io/tls";
const CHAIN = "tls.crt";
const KEY = "tls.key";

/** What BoringSSL as Envoy builds it takes, so that no data plane refuses what is accepted here. */
const RSA_BITS_MIN = 2048;
const CURVES = new Set(["prime256v1", "secp384r1", "secp521r1"]);

/** A certificate and its key; PEM. */
export interface KeyPair {
  readonly certificateChain: string;
  readonly privateKey: string;
  /** Alternative names of the certificate, lower case. */
  readonly dnsNames: readonly string[];
  /** What it is chosen by: its kind of key with each of its names. */
  readonly choices: readonly string[];
}

export type ReadKeyPair = KeyPair | { readonly problem: string };

const read = new WeakMap<Secret, ReadKeyPair>();

/** The certificate and key of a Secret; or what is wrong with them. Objects do not change, so each is read once. */
export function readKeyPair(secret: Secret): ReadKeyPair {
  let found = read.get(secret);
  if (found === undefined) read.set(secret, (found = readSecret(secret)));
  return found;
}

function readSecret(secret: Secret): ReadKeyPair {
  if (secret.type !== TLS_SECRET) return problem(`expected type ${TLS_SECRET}, got ${secret.type}`);
  const chain = secretText(secret, CHAIN);
  const key = secretText(secret, KEY);
  if (chain === undefined || chain === "") return problem(`expected ${CHAIN}, found none`);
  if (key === undefined || key === "") return problem(`expected ${KEY}, found none`);
  const found = readCertificates(chain);
  if ("problem" in found) return problem(`${CHAIN}: ${found.problem}`);
  const privateKey = readPrivateKey(key);
  if (privateKey === undefined) return problem(`${KEY}: expected a private key in PEM`);
  return checked(found.certificates, privateKey);
}

function checked(certificates: readonly X509Certificate[], key: KeyObject): ReadKeyPair {
  const [leaf] = certificates;
  if (leaf === undefined || !leaf.checkPrivateKey(key))
    return problem(`${KEY} is not the key of the first certificate of ${CHAIN}`);
  const weak = keyProblem(key);
  if (weak !== undefined) return problem(`${KEY}: ${weak}`);
  return {
    certificateChain: certificatesPem(certificates),
    privateKey: key.export({ type: "pkcs8", format: "pem" }),
    dnsNames: dnsNames(leaf),
    choices: choices(leaf, key),
  };
}

function choices(leaf: X509Certificate, { asymmetricKeyType }: KeyObject): string[] {
  const names = dnsNames(leaf);
  const commonName = /^CN=(.+)$/m.exec(leaf.subject ?? "")?.[1];
  if (names.length === 0 && commonName !== undefined) names.push(commonName.toLowerCase());
  return [...new Set(names)].map((name) => `${asymmetricKeyType} ${name}`);
}

function readPrivateKey(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(pem);
  } catch {
    return undefined;
  }
}

function keyProblem({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): string | undefined {
  if (asymmetricKeyType === "rsa") {
    const bits = asymmetricKeyDetails?.modulusLength ?? 0;
    if (bits < RSA_BITS_MIN) return `expected RSA of at least ${RSA_BITS_MIN} bits, got ${bits}`;
  } else if (asymmetricKeyType === "ec") {
    const curve = asymmetricKeyDetails?.namedCurve ?? "";
    if (!CURVES.has(curve)) return `expected a curve P-256, P-384 or P-521, got ${curve}`;
  } else {
    return `expected RSA or ECDSA, got ${asymmetricKeyType ?? "another kind"}`;
  }
  return undefined;
}

function dnsNames({ subjectAltName = "" }: X509Certificate): string[] {
  return subjectAltName
    .split(", ")
    .filter((name) => name.startsWith("DNS:"))
    .map((name) => name.slice("DNS:".length).toLowerCase());
}

function problem(text: string): { readonly problem: string } {
  return { problem: text };
}
