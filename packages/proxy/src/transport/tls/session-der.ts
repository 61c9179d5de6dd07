import { X509Certificate } from "node:crypto";
import { DerError, derChildren, readDer, type DerValue } from "./der.ts";

/** Places and tags in OpenSSL's `SSL_SESSION_ASN1`: version, protocol, cipher, session id, key, and then what has a tag. */
const SESSION_ID_FIELD = 3;
const PEER_TAG = 0xa3;

/** The id of a session that is given as DER, in hexadecimal; empty for none. */
export function sessionIdOf(session: Buffer | undefined): string {
  return fieldsOf(session)[SESSION_ID_FIELD]?.content.toString("hex") ?? "";
}

/** The peer's certificate in a session, which is all that is left of its chain when it is resumed. */
export function peerOf(session: Buffer | undefined): X509Certificate | null {
  const peer = fieldsOf(session).find(({ tag }) => tag === PEER_TAG);
  return peer === undefined ? null : new X509Certificate(peer.content);
}

function fieldsOf(session: Buffer | undefined): readonly DerValue[] {
  if (session === undefined) return [];
  try {
    return derChildren(readDer(session));
  } catch (error) {
    if (error instanceof DerError) return [];
    throw error;
  }
}
