import {
  DER,
  derChildren,
  DerError,
  expectDer,
  firstDer,
  oidText,
  readDer,
  type DerValue,
} from "./der.ts";

/** A general name of a subjectAltName extension (RFC 5280, 4.2.1.6). */
export type AlternativeName =
  | { readonly type: "dns" | "uri" | "email"; readonly value: string }
  /** 4 or 16 bytes. */
  | { readonly type: "ip"; readonly bytes: Buffer }
  /** `value` is the text of string types, and of others the DER of the value. */
  | { readonly type: "other"; readonly oid: string; readonly value: string };

/** What Node's `X509Certificate` does not tell, or not unambiguously: read out of the DER (RFC 5280, 4.1). */
export interface CertificateFields {
  readonly alternativeNames: readonly AlternativeName[];
  /** DER of SubjectPublicKeyInfo. */
  readonly publicKeyInfo: Buffer;
  /** DER of the names. */
  readonly issuer: Buffer;
  readonly subject: Buffer;
  /** Content of the serial number's INTEGER. */
  readonly serialNumber: Buffer;
  /** `basicConstraints` says that it may issue certificates. */
  readonly isCa: boolean;
  /** Intermediates that may follow below it; Infinity without a limit. */
  readonly pathLength: number;
  /** Bits of `keyUsage`, digitalSignature is bit 0; null without the extension. */
  readonly keyUsage: number | null;
  /** OIDs of `extKeyUsage`; null without the extension. */
  readonly extendedKeyUsage: readonly string[] | null;
  /** TLS feature status_request (RFC 7633). */
  readonly mustStaple: boolean;
  readonly hasNameConstraints: boolean;
  /** OIDs of critical extensions that are not among those above. */
  readonly otherCritical: readonly string[];
}

export const KEY_USAGE = {
  digitalSignature: 0,
  keyEncipherment: 2,
  keyCertSign: 5,
  crlSign: 6,
} as const;

const OID = {
  keyUsage: "2.5.29.15",
  subjectAltName: "2.5.29.17",
  basicConstraints: "2.5.29.19",
  extKeyUsage: "2.5.29.37",
  nameConstraints: "2.5.29.30",
  tlsFeature: "1.3.6.1.5.5.7.1.24",
} as const;

const STATUS_REQUEST = 5;

/**
 * Reads a certificate.
 * @param der of the whole certificate (`X509Certificate.raw`)
 * @throws DerError
 */
export function readCertificateFields(der: Buffer): CertificateFields {
  const tbs = firstDer(readDer(der));
  const fields = derChildren(tbs);
  // The version is left out of certificates of version 1.
  const skip = fields[0]?.tag === 0xa0 ? 1 : 0;
  const [serial, , issuer, , subject, publicKey] = fields.slice(skip);
  if (
    serial === undefined ||
    issuer === undefined ||
    subject === undefined ||
    publicKey === undefined
  )
    throw new DerError("certificate ends early");
  const extensions = fields.find(({ tag }) => tag === 0xa3);
  return {
    publicKeyInfo: publicKey.encoded,
    issuer: issuer.encoded,
    subject: subject.encoded,
    serialNumber: serial.content,
    ...readExtensions(extensions === undefined ? [] : derChildren(firstDer(extensions))),
  };
}

type Extensions = Omit<CertificateFields, "publicKeyInfo" | "issuer" | "subject" | "serialNumber">;

function readExtensions(extensions: readonly DerValue[]): Extensions {
  let alternativeNames: readonly AlternativeName[] = [];
  let constraints = { isCa: false, pathLength: Infinity };
  let keyUsage: number | null = null;
  let extendedKeyUsage: readonly string[] | null = null;
  let mustStaple = false;
  let hasNameConstraints = false;
  const otherCritical: string[] = [];
  for (const extension of extensions) {
    const parts = derChildren(extension);
    const oid = oidText(expectDer(parts[0]).content);
    const value = readDer(parts.at(-1)!.content);
    if (oid === OID.subjectAltName) alternativeNames = derChildren(value).flatMap(readGeneralName);
    else if (oid === OID.basicConstraints) constraints = readBasicConstraints(value);
    else if (oid === OID.keyUsage) keyUsage = readBits(value);
    else if (oid === OID.extKeyUsage)
      extendedKeyUsage = derChildren(value).map(({ content }) => oidText(content));
    else if (oid === OID.nameConstraints) hasNameConstraints = true;
    else if (oid === OID.tlsFeature)
      mustStaple = derChildren(value).some(({ content }) => content.at(-1) === STATUS_REQUEST);
    else if (parts.length === 3 && parts[1]!.content[0] !== 0) otherCritical.push(oid);
  }
  return {
    alternativeNames,
    ...constraints,
    keyUsage,
    extendedKeyUsage,
    mustStaple,
    hasNameConstraints,
    otherCritical,
  };
}

function readBasicConstraints(value: DerValue): { isCa: boolean; pathLength: number } {
  const parts = derChildren(value);
  const isCa = parts.some(({ tag, content }) => tag === DER.boolean && content[0] !== 0);
  const limit = parts.find(({ tag }) => tag === DER.integer);
  return { isCa, pathLength: limit === undefined ? Infinity : limit.content.at(-1)! };
}

/** Bit 0 is the first one of the string. */
function readBits({ content }: DerValue): number {
  let bits = 0;
  for (let bit = 0; bit < 8 * (content.length - 1) && bit < 16; bit++)
    if ((content[1 + (bit >> 3)]! & (0x80 >> (bit & 7))) !== 0) bits |= 1 << bit;
  return bits;
}

const TEXT_NAMES = { 0x81: "email", 0x82: "dns", 0x86: "uri" } as const;

function readGeneralName({ tag, content, encoded }: DerValue): AlternativeName[] {
  if (tag === 0x81 || tag === 0x82 || tag === 0x86)
    return [{ type: TEXT_NAMES[tag], value: content.latin1Slice(0, content.length) }];
  if (tag === 0x87) return [{ type: "ip", bytes: content }];
  if (tag === 0xa0) return [readOtherName(encoded)];
  return [];
}

/** ASN.1 types whose content is text. */
const STRINGS = new Set([0x0c, 0x12, 0x13, 0x14, 0x16, 0x19, 0x1a, 0x1b, 0x1c, 0x1e, 0x17, 0x18]);

function readOtherName(encoded: Buffer): AlternativeName {
  const [type, explicit] = derChildren(readDer(encoded));
  if (type === undefined || explicit === undefined) throw new DerError("otherName ends early");
  const value = readDer(explicit.content);
  const text = STRINGS.has(value.tag) ? value.content : value.encoded;
  return { type: "other", oid: oidText(type.content), value: text.latin1Slice(0, text.length) };
}
