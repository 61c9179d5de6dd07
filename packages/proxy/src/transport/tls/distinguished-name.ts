import { DER, derChildren, oidText, readDer, type DerValue } from "./der.ts";

/** Short names of attribute types, as OpenSSL has them; others are printed as their OID. */
const SHORT_NAMES: { readonly [oid: string]: string } = {
  "2.5.4.3": "CN",
  "2.5.4.4": "SN",
  "2.5.4.5": "serialNumber",
  "2.5.4.6": "C",
  "2.5.4.7": "L",
  "2.5.4.8": "ST",
  "2.5.4.9": "street",
  "2.5.4.10": "O",
  "2.5.4.11": "OU",
  "2.5.4.12": "title",
  "2.5.4.13": "description",
  "2.5.4.17": "postalCode",
  "2.5.4.42": "GN",
  "2.5.4.43": "initials",
  "2.5.4.44": "generationQualifier",
  "2.5.4.46": "dnQualifier",
  "2.5.4.65": "pseudonym",
  "1.2.840.113549.1.9.1": "emailAddress",
  "0.9.2342.19200300.100.1.1": "UID",
  "0.9.2342.19200300.100.1.25": "DC",
};

const BMP_STRING = 0x1e;
const UNIVERSAL_STRING = 0x1c;
/** Types whose content is bytes of one character each, or UTF-8. */
const BYTE_STRINGS: ReadonlySet<number> = new Set([DER.utf8String, 0x12, 0x13, 0x14, 0x16, 0x1a]);

/**
 * A name as RFC 2253 writes it, the last part first, what is not printable ASCII as `\C3` for each byte of UTF-8.
 * @param der of a Name (RFC 5280, 4.1.2.4)
 * @throws DerError
 */
export function distinguishedNameText(der: Buffer): string {
  return derChildren(readDer(der))
    .toReversed()
    .map((set) => derChildren(set).toReversed().map(attributeText).join("+"))
    .join(",");
}

function attributeText(attribute: DerValue): string {
  const [type, value] = derChildren(attribute);
  const oid = oidText(type!.content);
  const name = SHORT_NAMES[oid];
  if (name === undefined) return `${oid}=#${value!.encoded.toString("hex").toUpperCase()}`;
  return `${name}=${valueText(value!)}`;
}

function valueText({ tag, content, encoded }: DerValue): string {
  if (tag === DER.utf8String) return escape(content);
  if (BYTE_STRINGS.has(tag)) return escape(Buffer.from(content.latin1Slice(0, content.length)));
  if (tag === BMP_STRING && content.length % 2 === 0)
    return escape(Buffer.from(Buffer.from(content).swap16().toString("utf16le")));
  if (tag === UNIVERSAL_STRING && content.length % 4 === 0) return escape(utf32(content));
  return `#${encoded.toString("hex").toUpperCase()}`;
}

function utf32(content: Buffer): Buffer {
  let text = "";
  for (let at = 0; at < content.length; at += 4) {
    const point = content.readUInt32BE(at);
    text += point <= 0x10ffff ? String.fromCodePoint(point) : "\ufffd";
  }
  return Buffer.from(text);
}

function escape(utf8: Buffer): string {
  let text = "";
  for (const [at, byte] of utf8.entries()) {
    const character = String.fromCharCode(byte);
    const edge = at === 0 || at === utf8.length - 1;
    if (byte < 0x20 || byte > 0x7e) text += `\\${byte.toString(16).toUpperCase().padStart(2, "0")}`;
    else if (',+"\\<>;'.includes(character)) text += `\\${character}`;
    else if ((edge && byte === 0x20) || (at === 0 && byte === 0x23)) text += `\\${character}`;
    else text += character;
  }
  return text;
}
