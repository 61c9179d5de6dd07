import { hkdfSync } from "node:crypto";
import type { TlsSessionTicketKeys } from "@nuncio/api/types/envoy/extensions/transport_sockets/tls/v3/common_pb";
import type { SecretReader } from "./secret-reader.ts";

/** Name, HMAC key, AES key: 16, 32 and 32 bytes. */
const ENVOY_KEY_BYTES = 80;
/** The same for Node, 16 bytes each. */
export const NODE_KEY_BYTES = 48;

/**
 * The key that tickets are made with, as Node takes it: derived from the first of Envoy's keys, so that all who share that
 * key share this one. Node knows one key only: tickets of the others, which Envoy still reads, cost a full handshake.
 * Null with a problem.
 */
export function compileTicketKeys(
  message: TlsSessionTicketKeys,
  reader: SecretReader,
): Uint8Array | null {
  const keys = message.keys.map((source, index) => {
    const key = reader.read(source);
    if (key === null || key.length === ENVOY_KEY_BYTES) return key;
    const text = `Incorrect TLS session ticket key length. Length ${key.length}, expected length ${ENVOY_KEY_BYTES}.`;
    reader.ctx.problems.error(message, "keys", text, index);
    return null;
  });
  const first = keys[0];
  if (first === null || first === undefined) return null;
  return new Uint8Array(hkdfSync("sha256", first, "", "session ticket key", NODE_KEY_BYTES));
}
