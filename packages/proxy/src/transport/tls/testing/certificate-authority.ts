import "reflect-metadata";
import { createPrivateKey, webcrypto } from "node:crypto";
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  AuthorityKeyIdentifierExtension,
  X509CertificateGenerator,
  X509CrlGenerator,
  X509CrlReason,
  type Extension,
  type JsonGeneralName,
  type X509Certificate,
} from "@peculiar/x509";

type KeyPair = webcrypto.CryptoKeyPair;

export type KeyKind = "ecdsa-p256" | "ecdsa-p384" | "ecdsa-p521" | "rsa-2048" | "rsa-1024";

/** What a certificate is to say. Without names it has no SAN extension. */
export interface CertificateOptions {
  /** `CN=…`; or a whole name, such as `CN=a, O=b, C=DE`. */
  readonly subject?: string;
  readonly dnsNames?: readonly string[];
  readonly uris?: readonly string[];
  readonly ips?: readonly string[];
  readonly emails?: readonly string[];
  /** otherName of type 1.3.6.1.4.1.311.20.2.3, UTF-8. */
  readonly userPrincipalNames?: readonly string[];
  readonly key?: KeyKind;
  /** Hex. */
  readonly serialNumber?: string;
  readonly notBefore?: Date;
  readonly notAfter?: Date;
  /** Usages of the key; digitalSignature and keyEncipherment without. */
  readonly keyUsages?: number;
  /** OIDs; serverAuth and clientAuth without. */
  readonly extendedKeyUsages?: readonly string[];
}

/** A certificate with its key, as PEM. */
export interface Identity {
  readonly certificate: string;
  readonly key: string;
  /** The leaf, then the intermediates up to the root, which is left out. */
  readonly chain: string;
  /** Lower case hex. */
  readonly serialNumber: string;
}

const DAY_MS = 86_400_000;

function nowMs(): number {
  return new Date().getTime();
}
const SIGNING = { name: "ECDSA", hash: "SHA-256" };

/** Makes certificates for tests, when they run: nothing of them is ever in a file of the project. */
export class CertificateAuthority {
  /** PEM of its own certificate. */
  readonly certificate: string;
  readonly #x509: X509Certificate;
  readonly #keys: KeyPair;
  /** Above this one, without the root. */
  readonly #intermediates: string;

  private constructor(x509: X509Certificate, keys: KeyPair, intermediates: string) {
    this.#x509 = x509;
    this.certificate = pem(x509);
    this.#keys = keys;
    this.#intermediates = intermediates;
  }

  /** A root. */
  static async create(
    commonName = "Test CA",
    options: CertificateOptions = {},
  ): Promise<CertificateAuthority> {
    const keys = await newKeys("ecdsa-p256");
    const x509 = await X509CertificateGenerator.createSelfSigned({
      name: options.subject ?? `CN=${commonName}`,
      keys,
      signingAlgorithm: SIGNING,
      ...validity(options),
      ...serial(options),
      extensions: await authorityExtensions(keys, null, options),
    });
    return new CertificateAuthority(x509, keys, "");
  }

  /** An authority below this one. */
  async intermediate(
    commonName: string,
    options: CertificateOptions = {},
  ): Promise<CertificateAuthority> {
    const keys = await newKeys("ecdsa-p256");
    const x509 = await X509CertificateGenerator.create({
      subject: options.subject ?? `CN=${commonName}`,
      issuer: this.#x509.subject,
      publicKey: keys.publicKey,
      signingKey: this.#keys.privateKey,
      signingAlgorithm: SIGNING,
      ...validity(options),
      ...serial(options),
      extensions: await authorityExtensions(keys, this.#x509, options),
    });
    return new CertificateAuthority(x509, keys, pem(x509) + this.#intermediates);
  }

  /** A leaf, good for servers and clients. */
  async issue(options: CertificateOptions = {}): Promise<Identity> {
    const keys = await newKeys(options.key ?? "ecdsa-p256");
    const x509 = await X509CertificateGenerator.create({
      subject: subjectOf(options),
      issuer: this.#x509.subject,
      publicKey: keys.publicKey,
      signingKey: this.#keys.privateKey,
      signingAlgorithm: SIGNING,
      ...validity(options),
      ...serial(options),
      extensions: leafExtensions(options, this.#x509),
    });
    const key = await keyPem(keys);
    const certificate = pem(x509);
    return {
      certificate,
      key,
      chain: certificate + this.#intermediates,
      serialNumber: x509.serialNumber,
    };
  }

  /** A revocation list with these certificates; PEM. */
  async revocationList(
    revoked: readonly Identity[],
    nextUpdate: Date = new Date(nowMs() + DAY_MS),
  ): Promise<string> {
    const crl = await X509CrlGenerator.create({
      issuer: this.#x509.subject,
      thisUpdate: new Date(Math.min(nowMs(), nextUpdate.getTime()) - DAY_MS),
      nextUpdate,
      entries: revoked.map(({ serialNumber }) => ({
        serialNumber,
        revocationDate: new Date(nowMs() - DAY_MS),
        // Without any extension of an entry the library writes an empty list, which BoringSSL refuses.
        reason: X509CrlReason.keyCompromise,
      })),
      signingAlgorithm: SIGNING,
      signingKey: this.#keys.privateKey,
    });
    // OpenSSL knows the label of RFC 7468 alone.
    return `${crl.toString("pem").replaceAll("CRL-----", "X509 CRL-----")}\n`;
  }
}

/** The same key under a password: PKCS #8, `ENCRYPTED PRIVATE KEY`. */
export function encryptKey(key: string, passphrase: string): string {
  return createPrivateKey(key).export({
    type: "pkcs8",
    format: "pem",
    cipher: "aes-256-cbc",
    passphrase,
  });
}

/** Validity that is over: yesterday was its last day. */
export function expired(): CertificateOptions {
  const now = nowMs();
  return { notBefore: new Date(now - 10 * DAY_MS), notAfter: new Date(now - DAY_MS) };
}

function newKeys(kind: KeyKind): Promise<KeyPair> {
  const { subtle } = webcrypto;
  if (kind.startsWith("rsa")) {
    const modulusLength = Number(kind.slice("rsa-".length));
    return subtle.generateKey(
      {
        name: "RSASSA-PKCS1-v1_5",
        hash: "SHA-256",
        modulusLength,
        publicExponent: new Uint8Array([1, 0, 1]),
      },
      true,
      ["sign", "verify"],
    );
  }
  const namedCurve = kind.replace("ecdsa-p", "P-");
  return subtle.generateKey({ name: "ECDSA", namedCurve }, true, ["sign", "verify"]);
}

function subjectOf({ subject = "leaf" }: CertificateOptions): string {
  return subject.includes("=") || subject === "" ? subject : `CN=${subject}`;
}

function validity({ notBefore, notAfter }: CertificateOptions): {
  notBefore: Date;
  notAfter: Date;
} {
  const now = nowMs();
  return {
    notBefore: notBefore ?? new Date(now - DAY_MS),
    notAfter: notAfter ?? new Date(now + 365 * DAY_MS),
  };
}

function serial({ serialNumber }: CertificateOptions): { serialNumber?: string } {
  return serialNumber === undefined ? {} : { serialNumber };
}

async function authorityExtensions(
  keys: KeyPair,
  issuer: X509Certificate | null,
  options: CertificateOptions,
): Promise<Extension[]> {
  const extensions: Extension[] = [
    new BasicConstraintsExtension(true, undefined, true),
    new KeyUsagesExtension(
      options.keyUsages ?? KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign,
      true,
    ),
    await SubjectKeyIdentifierExtension.create(keys.publicKey, false),
    ...alternativeNames(options),
  ];
  if (issuer !== null) extensions.push(authorityKeyIdentifier(issuer));
  return extensions;
}

function leafExtensions(options: CertificateOptions, issuer: X509Certificate): Extension[] {
  const usages = options.extendedKeyUsages ?? [
    ExtendedKeyUsage.serverAuth,
    ExtendedKeyUsage.clientAuth,
  ];
  return [
    new BasicConstraintsExtension(false, undefined, true),
    new KeyUsagesExtension(
      options.keyUsages ?? KeyUsageFlags.digitalSignature | KeyUsageFlags.keyEncipherment,
      true,
    ),
    ...(usages.length === 0 ? [] : [new ExtendedKeyUsageExtension([...usages])]),
    authorityKeyIdentifier(issuer),
    ...alternativeNames(options),
  ];
}

function authorityKeyIdentifier(issuer: X509Certificate): Extension {
  const id = issuer.getExtension(SubjectKeyIdentifierExtension)!.keyId;
  return new AuthorityKeyIdentifierExtension(id, false);
}

function alternativeNames(options: CertificateOptions): Extension[] {
  const { dnsNames = [], uris = [], ips = [], emails = [], userPrincipalNames = [] } = options;
  const of = (type: JsonGeneralName["type"], values: readonly string[]): JsonGeneralName[] =>
    values.map((value) => ({ type, value }));
  const names = [
    ...of("url", uris),
    ...of("dns", dnsNames),
    ...of("ip", ips),
    ...of("email", emails),
    ...of("upn", userPrincipalNames),
  ];
  return names.length === 0 ? [] : [new SubjectAlternativeNameExtension(names)];
}

async function keyPem({ privateKey }: KeyPair): Promise<string> {
  const der = await webcrypto.subtle.exportKey("pkcs8", privateKey);
  return createPrivateKey({ key: Buffer.from(der), format: "der", type: "pkcs8" }).export({
    type: "pkcs8",
    format: "pem",
  });
}

function pem(certificate: X509Certificate): string {
  return `${certificate.toString("pem")}\n`;
}
