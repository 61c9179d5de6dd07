import {
  createDecipheriv,
  createHmac,
  createPrivateKey,
  pbkdf2Sync,
  timingSafeEqual,
  X509Certificate,
  type KeyObject,
} from "node:crypto";
import {
  DER,
  derChildren,
  DerError,
  expectDer,
  firstDer,
  oidText,
  readDer,
  type DerValue,
} from "../der.ts";
import { derivePkcs12Key, KEY_PURPOSE } from "./pkcs12-key.ts";

/** What a PKCS #12 file holds. */
export interface Pkcs12 {
  readonly key: KeyObject | null;
  readonly certificates: readonly X509Certificate[];
}

const OID = {
  data: "1.2.840.113549.1.7.1",
  encryptedData: "1.2.840.113549.1.7.6",
  keyBag: "1.2.840.113549.1.12.10.1.1",
  shroudedKeyBag: "1.2.840.113549.1.12.10.1.2",
  certBag: "1.2.840.113549.1.12.10.1.3",
  pbes2: "1.2.840.113549.1.5.13",
  sha1With3Des: "1.2.840.113549.1.12.1.3",
} as const;

/** Digests, and HMACs of PBKDF2 with them. */
const DIGESTS: Readonly<Record<string, string>> = {
  "1.3.14.3.2.26": "sha1",
  "2.16.840.1.101.3.4.2.1": "sha256",
  "2.16.840.1.101.3.4.2.2": "sha384",
  "2.16.840.1.101.3.4.2.3": "sha512",
  "1.2.840.113549.2.7": "sha1",
  "1.2.840.113549.2.9": "sha256",
  "1.2.840.113549.2.10": "sha384",
  "1.2.840.113549.2.11": "sha512",
};

const CIPHERS: Readonly<Record<string, readonly [name: string, keyBytes: number]>> = {
  "2.16.840.1.101.3.4.1.2": ["aes-128-cbc", 16],
  "2.16.840.1.101.3.4.1.22": ["aes-192-cbc", 24],
  "2.16.840.1.101.3.4.1.42": ["aes-256-cbc", 32],
};

/** More work than this is no password check but an attack; OpenSSL writes 2,048. */
const ITERATIONS_MAX = 10_000_000;

/**
 * Reads a PFX (RFC 7292). The password opens it as a whole: its MAC, and what is encrypted in it.
 * @throws for what is none, a wrong password, and algorithms that are not known
 */
export function readPkcs12(bytes: Buffer, password: string): Pkcs12 {
  const [, authSafe, macData] = derChildren(readDer(bytes));
  const content = contentOf(expectDer(authSafe), password);
  if (macData !== undefined) verifyMac(macData, content, password);
  const bags = derChildren(readDer(content)).flatMap((safe) =>
    derChildren(readDer(contentOf(safe, password))),
  );
  let key: KeyObject | null = null;
  const certificates: X509Certificate[] = [];
  for (const bag of bags) {
    const [type, explicit] = derChildren(bag);
    const value = firstDer(expectDer(explicit));
    const oid = oidText(expectDer(type).content);
    if (oid === OID.certBag) certificates.push(readCertBag(value));
    else if (oid === OID.keyBag || oid === OID.shroudedKeyBag) key ??= readKey(value, password);
  }
  return { key, certificates };
}

/** The content of a ContentInfo, decrypted. */
function contentOf(info: DerValue, password: string): Buffer {
  const [type, explicit] = derChildren(info);
  const value = firstDer(expectDer(explicit));
  const oid = oidText(expectDer(type).content);
  if (oid === OID.data) return value.content;
  if (oid !== OID.encryptedData) throw new DerError(`content of type ${oid}`);
  const [, encrypted] = derChildren(value);
  const [, algorithm, data] = derChildren(expectDer(encrypted));
  return decrypt(expectDer(algorithm), expectDer(data).content, password);
}

function readCertBag(value: DerValue): X509Certificate {
  const [, explicit] = derChildren(value);
  return new X509Certificate(firstDer(expectDer(explicit)).content);
}

function readKey(value: DerValue, password: string): KeyObject {
  return createPrivateKey({
    key: value.encoded,
    format: "der",
    type: "pkcs8",
    passphrase: password,
  });
}

function verifyMac(macData: DerValue, content: Buffer, password: string): void {
  const [digestInfo, salt, iterations] = derChildren(macData);
  const [algorithm, mac] = derChildren(expectDer(digestInfo));
  const digest = digestOf(firstDer(expectDer(algorithm)));
  const given = expectDer(mac).content;
  const key = derivePkcs12Key(
    password,
    expectDer(salt).content,
    iterations === undefined ? 1 : countOf(iterations),
    KEY_PURPOSE.mac,
    digest,
    given.length,
  );
  const own = createHmac(digest, key).update(content).digest();
  if (own.length !== given.length || !timingSafeEqual(own, given))
    throw new DerError("the MAC does not fit: wrong password");
}

function decrypt(algorithm: DerValue, data: Buffer, password: string): Buffer {
  const [type, parameters] = derChildren(algorithm);
  const oid = oidText(expectDer(type).content);
  const [first, second] = derChildren(expectDer(parameters));
  if (oid === OID.pbes2) return decryptPbes2(expectDer(first), expectDer(second), data, password);
  if (oid !== OID.sha1With3Des) throw new DerError(`encryption with ${oid}`);
  const salt = expectDer(first).content;
  const count = countOf(expectDer(second));
  const derive = (purpose: number, bytes: number): Buffer =>
    derivePkcs12Key(password, salt, count, purpose, "sha1", bytes);
  const key = derive(KEY_PURPOSE.encryption, 24);
  return open("des-ede3-cbc", key, derive(KEY_PURPOSE.iv, 8), data);
}

/** RFC 8018, 6.2. */
function decryptPbes2(kdf: DerValue, scheme: DerValue, data: Buffer, password: string): Buffer {
  const [cipherType, iv] = derChildren(scheme);
  const cipher = CIPHERS[oidText(expectDer(cipherType).content)];
  if (cipher === undefined) throw new DerError("encryption with an unknown cipher");
  const [, parameters] = derChildren(kdf);
  const [salt, iterations, ...rest] = derChildren(expectDer(parameters));
  const prf = rest.find(({ tag }) => tag === DER.sequence);
  const digest = prf === undefined ? "sha1" : digestOf(firstDer(prf));
  const count = countOf(expectDer(iterations));
  const key = pbkdf2Sync(password, expectDer(salt).content, count, cipher[1], digest);
  return open(cipher[0], key, expectDer(iv).content, data);
}

function open(cipher: string, key: Buffer, iv: Buffer, data: Buffer): Buffer {
  const decipher = createDecipheriv(cipher, key, iv);
  return Buffer.concat([decipher.update(data), decipher.final()]);
}

function digestOf(type: DerValue): string {
  const digest = DIGESTS[oidText(type.content)];
  if (digest === undefined) throw new DerError("an unknown digest");
  return digest;
}

function countOf({ content }: DerValue): number {
  const count = content.length > 4 ? Infinity : content.readUIntBE(0, content.length);
  if (count < 1 || count > ITERATIONS_MAX) throw new DerError("iterations out of range");
  return count;
}
