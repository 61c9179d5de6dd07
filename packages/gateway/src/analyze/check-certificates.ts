import { X509Certificate } from "node:crypto";
import type { Listener, Secret } from "#gen/resources";
import { objectKey, type Resource } from "../resources/object.ts";
import { readKeyPair } from "../translator/certificates/key-pair.ts";
import { covers, domainOf } from "../translator/hostnames.ts";
import type { AnalyzedResources, Check, Finding } from "./mistake.ts";
import type { Reference } from "./references.ts";

const DAY_MS = 86_400_000;
/** A certificate that ends sooner is told of. */
const DAYS_LEFT_MIN = 14;

/** Certificates of listeners that are for another name, or not of this time. */
export const checkCertificates: Check = (resources) =>
  resources.references
    .filter(({ field }) => field === "certificateRefs")
    .flatMap((reference) => {
      const { to } = reference;
      const secrets = resources.store.table<Secret>("Secret");
      const secret = secrets.peek(objectKey(to.namespace, to.name));
      const pair = secret && readKeyPair(secret);
      // What cannot be read is told by the status.
      if (pair === undefined || "problem" in pair) return [];
      const about = `Secret ${to.namespace}/${to.name}`;
      return [
        ...nameFindings(reference, about, pair.dnsNames),
        ...timeFindings(reference, about, new X509Certificate(pair.certificateChain), resources),
      ];
    });

function nameFindings(
  { from, path }: Reference,
  about: string,
  names: readonly string[],
): Finding[] {
  const hostname = domainOf(listenerOf(from, path)?.hostname);
  if (hostname === "*" || names.some((name) => matches(name, hostname))) return [];
  return [
    {
      rule: "certificate-name",
      severity: "warning",
      object: from,
      path,
      message: `${about} has a certificate for ${names.join(", ") || "no name"}, and the listener is for ${hostname}`,
    },
  ];
}

function timeFindings(
  { from, path }: Reference,
  about: string,
  { validFrom, validTo }: X509Certificate,
  { nowMs }: AnalyzedResources,
): Finding[] {
  const find = (severity: Finding["severity"], text: string): Finding[] => [
    { rule: "certificate-time", severity, object: from, path, message: `${about}: ${text}` },
  ];
  if (Date.parse(validTo) < nowMs)
    return find("error", `the certificate has expired on ${validTo}`);
  if (Date.parse(validFrom) > nowMs)
    return find("error", `the certificate is not valid before ${validFrom}`);
  if (Date.parse(validTo) - nowMs < DAYS_LEFT_MIN * DAY_MS)
    return find("warning", `the certificate expires on ${validTo}`);
  return [];
}

/** The listener that a path within its owner leads through. */
function listenerOf(owner: Resource, path: Reference["path"]): Listener | undefined {
  const { spec } = owner as unknown as {
    readonly spec: { readonly listeners?: readonly Listener[] };
  };
  return path[1] === "listeners" ? spec.listeners?.[Number(path[2])] : undefined;
}

/** A wildcard of a certificate stands for one label (RFC 9525). */
function matches(name: string, hostname: string): boolean {
  if (!name.startsWith("*.")) return name === hostname;
  return covers(name, hostname) && hostname.split(".").length === name.split(".").length;
}
