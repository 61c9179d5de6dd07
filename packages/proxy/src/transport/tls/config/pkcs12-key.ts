import { createHash } from "node:crypto";

/** What a derived key is for (RFC 7292, B.3). */
export const KEY_PURPOSE = { encryption: 1, iv: 2, mac: 3 } as const;

const BLOCK_BYTES: Readonly<Record<string, number>> = {
  sha1: 64,
  sha256: 64,
  sha384: 128,
  sha512: 128,
};

/** A key out of a password, as RFC 7292, B.2 has it. */
export function derivePkcs12Key(
  password: string,
  salt: Buffer,
  iterations: number,
  purpose: number,
  digest: string,
  bytes: number,
): Buffer {
  const block = BLOCK_BYTES[digest]!;
  const fill = (from: Buffer): Buffer =>
    Buffer.alloc(Math.ceil(from.length / block) * block, from.length === 0 ? undefined : from);
  const input = Buffer.concat([fill(salt), fill(bmpString(password))]);
  const parts: Buffer[] = [];
  for (let length = 0; length < bytes;) {
    let hash = Buffer.concat([Buffer.alloc(block, purpose), input]);
    for (let round = 0; round < iterations; round++)
      hash = createHash(digest).update(hash).digest();
    parts.push(hash);
    length += hash.length;
    const added = Buffer.alloc(block, hash);
    for (let at = 0; at < input.length; at += block) addTo(input.subarray(at, at + block), added);
  }
  return Buffer.concat(parts).subarray(0, bytes);
}

/** Big endian UTF-16 with a zero at its end. */
function bmpString(text: string): Buffer {
  return Buffer.from(`${text}\0`, "utf16le").swap16();
}

/** `block + added + 1`, as large numbers, without what does not fit. */
function addTo(block: Buffer, added: Buffer): void {
  let carry = 1;
  for (let at = block.length - 1; at >= 0; at--) {
    carry += block[at]! + added[at]!;
    block[at] = carry & 0xff;
    carry >>= 8;
  }
}
