import { createHmac, createPrivateKey, X509Certificate } from "node:crypto";
import { derivePkcs12Key, KEY_PURPOSE } from "../config/pkcs12-key.ts";
import type { Identity } from "./certificate-authority.ts";

const OID = {
  data: "2a864886f70d010701",
  shroudedKeyBag: "2a864886f70d010c0a0102",
  certBag: "2a864886f70d010c0a0103",
  x509Certificate: "2a864886f70d01091601",
  sha256: "608648016503040201",
} as const;

const ITERATIONS = 1000;
const SALT = Buffer.from("12345678");

/** A PFX (RFC 7292) with the leaf's certificate in the open, its key under the password, and a MAC. */
export function pkcs12File(identity: Identity, password: string): Buffer {
  const key = createPrivateKey(identity.key).export({
    type: "pkcs8",
    format: "der",
    cipher: "aes-256-cbc",
    passphrase: password,
  });
  const certificate = sequence(
    oid(OID.x509Certificate),
    explicit(octets(new X509Certificate(identity.certificate).raw)),
  );
  const safe = sequence(
    data(sequence(sequence(oid(OID.certBag), explicit(certificate)))),
    data(sequence(sequence(oid(OID.shroudedKeyBag), explicit(key)))),
  );
  const macKey = derivePkcs12Key(password, SALT, ITERATIONS, KEY_PURPOSE.mac, "sha256", 32);
  const mac = createHmac("sha256", macKey).update(safe).digest();
  return sequence(
    integer(3),
    data(safe),
    sequence(
      sequence(sequence(oid(OID.sha256), value(0x05)), octets(mac)),
      octets(SALT),
      integer(ITERATIONS),
    ),
  );
}

/** A ContentInfo of the type data. */
function data(content: Buffer): Buffer {
  return sequence(oid(OID.data), explicit(octets(content)));
}

function sequence(...parts: Buffer[]): Buffer {
  return value(0x30, ...parts);
}

function explicit(content: Buffer): Buffer {
  return value(0xa0, content);
}

function octets(content: Buffer): Buffer {
  return value(0x04, content);
}

function oid(hex: string): Buffer {
  return value(0x06, Buffer.from(hex, "hex"));
}

function integer(number: number): Buffer {
  return value(0x02, Buffer.from([number >> 8, number & 0xff]).subarray(number < 128 ? 1 : 0));
}

function value(tag: number, ...parts: Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const length =
    content.length < 128 ? [content.length] : [0x82, content.length >> 8, content.length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), content]);
}
