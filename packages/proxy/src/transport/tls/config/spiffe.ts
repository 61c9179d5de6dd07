import { typeNameOfAny, unpack } from "@nuncio/api";
import type { CertificateValidationContext } from "@nuncio/api/types/envoy/extensions/transport_sockets/tls/v3/common_pb";
import type { SPIFFECertValidatorConfig } from "@nuncio/api/types/envoy/extensions/transport_sockets/tls/v3/tls_spiffe_validator_config_pb";
import { certificateBlocks, isCertificate, toPem } from "../pem.ts";
import type { SpiffeConfig, SpiffeTrustDomain } from "../validation/model.ts";
import { pathOf, type SecretReader } from "./secret-reader.ts";

const NAME = "envoy.tls.cert_validator.spiffe";
const TYPE = "envoy.extensions.transport_sockets.tls.v3.SPIFFECertValidatorConfig";

/** `custom_validator_config`: the SPIFFE validator, or none. Envoy finds validators by their names. */
export function compileSpiffe(
  message: CertificateValidationContext,
  reader: SecretReader,
): SpiffeConfig | null {
  const extension = message.customValidatorConfig;
  if (extension === undefined) return null;
  const { problems } = reader.ctx;
  if (extension.name !== NAME) {
    const text = `Failed to get certificate validator factory for ${extension.name}`;
    problems.error(extension, "name", text);
  }
  const any = extension.typedConfig;
  if (any === undefined || typeNameOfAny(any) !== TYPE) {
    problems.error(extension, "typed_config", `expected a ${TYPE}`);
    return { trustDomains: [] };
  }
  const config = unpack<SPIFFECertValidatorConfig>(any)!;
  const trustDomains =
    config.trustBundles === undefined
      ? readTrustDomains(config, reader)
      : readTrustBundles(config, reader);
  let index = 0;
  for (const { name, trustBundle } of trustDomains) {
    const domain = config.trustDomains.find((given) => given.name === name);
    const path = `${name}: ${pathOf(domain?.trustBundle ?? config.trustBundles)}`;
    for (const { text } of certificateBlocks(trustBundle))
      reader.show("ca", path, text, `unnamed_ca_cert_${index++}`);
  }
  return { trustDomains };
}

function readTrustDomains(
  config: SPIFFECertValidatorConfig,
  reader: SecretReader,
): SpiffeTrustDomain[] {
  const { problems } = reader.ctx;
  const seen = new Set<string>();
  return config.trustDomains.map((domain) => {
    const { name } = domain;
    if (seen.has(name)) {
      const text = `Multiple trust bundles are given for one trust domain for ${name}`;
      problems.error(domain, "name", text);
    }
    seen.add(name);
    const before = problems.list.length;
    const bytes = reader.read(domain.trustBundle) ?? Buffer.alloc(0);
    const blocks = certificateBlocks(bytes.toString("latin1"));
    const valid = blocks.every(({ der }) => der !== null && isCertificate(der));
    if ((blocks.length === 0 || !valid) && problems.list.length === before) {
      const text = `Failed to load trusted CA certificate for ${name}`;
      problems.error(domain, "trust_bundle", text);
    }
    return { name, trustBundle: blocks.map(({ text }) => text).join("") };
  });
}

/** `trust_bundles`: the JSON of a SPIFFE bundle map. */
function readTrustBundles(
  config: SPIFFECertValidatorConfig,
  reader: SecretReader,
): SpiffeTrustDomain[] {
  const bytes = reader.read(config.trustBundles);
  if (bytes === null) return [];
  const read = readBundleMap(bytes.toString("utf8"));
  if (typeof read !== "string") return read;
  reader.ctx.problems.error(config, "trust_bundles", read);
  return [];
}

/** The text says what is wrong. */
function readBundleMap(text: string): SpiffeTrustDomain[] | string {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return "Invalid JSON found in SPIFFE bundle";
  }
  const domains = Object.entries(objectAt(json, "trust_domains"));
  if (domains.length === 0) return "No trust domains found in SPIFFE bundle";
  const trustDomains: SpiffeTrustDomain[] = [];
  for (const [name, domain] of domains) {
    const bundle = readBundle(name, domain);
    if ("problem" in bundle) return bundle.problem;
    trustDomains.push({ name, trustBundle: bundle.pem });
  }
  return trustDomains;
}

function readBundle(name: string, domain: unknown): { pem: string } | { problem: string } {
  const keys = arrayAt(domain, "keys");
  if (keys.length === 0) return { problem: `No keys found in SPIFFE bundle for domain '${name}'` };
  let pem = "";
  for (const key of keys) {
    if ((key as { use?: unknown } | null)?.use !== "x509-svid") {
      return { problem: `missing or invalid 'use' field found in cert for domain '${name}'` };
    }
    const certificates = arrayAt(key, "x5c");
    if (certificates.length === 0)
      return { problem: `missing or empty 'x5c' field found in keys for domain: '${name}'` };
    for (const certificate of certificates) {
      const der = Buffer.from(String(certificate), "base64");
      if (!isCertificate(der))
        return { problem: `Invalid x509 object in certs for domain '${name}'` };
      pem += toPem("CERTIFICATE", der);
    }
  }
  return { pem };
}

function objectAt(json: unknown, name: string): object {
  const value = (json as Record<string, unknown> | null)?.[name];
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value : {};
}

function arrayAt(json: unknown, name: string): readonly unknown[] {
  const value = (json as Record<string, unknown> | null)?.[name];
  return Array.isArray(value) ? value : [];
}
