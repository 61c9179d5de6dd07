import { X509Certificate } from "node:crypto";
import type { TlsInfo } from "../../observe/tls-info.ts";
import type { NativeCertificate, NativeTls } from "../native-tls.ts";
import { ReadCertificate } from "./certificate-facts.ts";
import { sessionIdOf } from "./session-id.ts";

/** The facts of one TLS connection, read from OpenSSL when somebody asks. */
export class TlsSession implements TlsInfo {
  established = false;
  peerCertificateValidated = false;
  serverName = "";
  failureReason = "";
  /** The group of the key exchange, `X25519`; empty when it is not known. */
  group = "";
  /** Server: the group that the hello leads to. */
  expectedGroup = "";
  #native: NativeTls | null = null;
  #alpn: string | null = null;
  #version = "";
  #cipher = "";
  #sessionId: string | null = null;
  #reused: boolean | null = null;
  #peer: readonly ReadCertificate[] | null = null;
  #local: ReadCertificate | null | undefined;

  /** The handshake is complete: from now on there are facts. */
  attach(native: NativeTls): void {
    this.#native = native;
  }

  detach(): void {
    this.#native = null;
  }

  get alpn(): string {
    if (this.#alpn === null && this.#native !== null)
      this.#alpn = this.#native.getALPNNegotiatedProtocol() || "";
    return this.#alpn ?? "";
  }

  get version(): string {
    if (this.#version === "" && this.#native !== null) this.#version = this.#native.getProtocol();
    return this.#version;
  }

  get cipher(): string {
    if (this.#cipher === "" && this.#native !== null) this.#cipher = this.#native.getCipher().name;
    return this.#cipher;
  }

  get sessionId(): string {
    if (this.#sessionId === null && this.#native !== null)
      this.#sessionId = sessionIdOf(this.#native.getSession());
    return this.#sessionId ?? "";
  }

  get sessionReused(): boolean {
    if (this.#native !== null) this.#reused ??= this.#native.isSessionReused();
    return this.#reused ?? false;
  }

  get peerCertificatePresented(): boolean {
    return this.#peer === null
      ? this.#native?.hasPeerCertificate() === true
      : this.#peer.length > 0;
  }

  get peerCertificate(): ReadCertificate | null {
    return this.peerCertificateChain[0] ?? null;
  }

  get peerCertificateChain(): readonly ReadCertificate[] {
    if (this.#native !== null) this.#peer ??= chainOf(this.#native.getPeerCertificate(true));
    return this.#peer ?? [];
  }

  get localCertificate(): ReadCertificate | null {
    if (this.#local === undefined && this.#native !== null)
      this.#local = chainOf(this.#native.getCertificate())[0] ?? null;
    return this.#local ?? null;
  }
}

/** Certificates from the leaf up; the last one is its own issuer in Node's form. */
function chainOf(leaf: NativeCertificate | undefined): ReadCertificate[] {
  const chain: ReadCertificate[] = [];
  for (let at = leaf; at?.raw !== undefined; at = at.issuerCertificate) {
    chain.push(new ReadCertificate(new X509Certificate(at.raw)));
    if (at.issuerCertificate === at) break;
  }
  return chain;
}
