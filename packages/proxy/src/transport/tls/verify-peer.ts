import type { X509Certificate } from "node:crypto";
import type { NativeTls } from "../native-tls.ts";
import { chainErrorText } from "./chain-error.ts";
import type { PeerCertificates, PeerVerifier, VerifyFailure } from "./peer-verifier.ts";
import type { TlsSession } from "./tls-session.ts";

/** Judges the peer of a handshake that is complete. Null accepts; without a certificate there is nothing to judge. */
export function verifyPeer(
  verifier: PeerVerifier,
  session: TlsSession,
  native: NativeTls,
  expectedNames: readonly string[] | null,
): VerifyFailure | null {
  if (!session.peerCertificatePresented) return null;
  const failure = session.sessionReused
    ? verifyResumed(verifier, session)
    : verifier.verify(new HandshakePeer(session, native, expectedNames));
  session.peerCertificateValidated = failure === null && verifier.validates;
  return failure;
}

function verifyResumed(verifier: PeerVerifier, session: TlsSession): VerifyFailure | null {
  const leaf = session.peerCertificate;
  return leaf === null ? null : verifier.verifyResumed(leaf.certificate);
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
