import type { X509Certificate } from "node:crypto";
import type { NativeTls } from "../native-tls.ts";
import { chainErrorText } from "./chain-error.ts";
import type { PeerCertificates, PeerVerifier, VerifyFailure } from "./peer-verifier.ts";
import type { TlsSession } from "./tls-session.ts";

/**
 * Judges the peer of a handshake that is complete. Null accepts; without a certificate there is nothing to judge. A resumed session was judged when it was new: what it
 * was accepted by is part of what makes it resumable.
 */
export function verifyPeer(
  verifier: PeerVerifier,
  session: TlsSession,
  native: NativeTls,
  expectedNames: readonly string[] | null,
): VerifyFailure | null {
  if (!session.peerCertificatePresented) return null;
  if (session.sessionReused) {
    session.peerCertificateValidated = verifier.validates;
    return null;
  }
  const failure = verifier.verify(new HandshakePeer(session, native, expectedNames));
  session.peerCertificateValidated = failure === null && verifier.validates;
  return failure;
}

class HandshakePeer implements PeerCertificates {
  readonly chainError: string | null;
  readonly chainErrorText: string;
  readonly serverName: string;
  readonly expectedNames: readonly string[] | null;
  readonly #session: TlsSession;

  constructor(session: TlsSession, native: NativeTls, expectedNames: readonly string[] | null) {
    const error = native.verifyError();
    this.chainError = error === null ? null : error.code;
    this.chainErrorText = error === null ? "" : chainErrorText(error.code, error.message);
    this.serverName = session.serverName;
    this.expectedNames = expectedNames;
    this.#session = session;
  }

  get leaf(): X509Certificate | null {
    return this.#session.peerCertificate?.certificate ?? null;
  }

  chain(): readonly X509Certificate[] {
    return this.#session.peerCertificateChain.map(({ certificate }) => certificate);
  }
}
