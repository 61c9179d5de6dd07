import { X509Certificate } from "node:crypto";
import type { TlsInfo } from "../../observe/tls-info.ts";
import type { NativeCertificate, NativeTls } from "../native-tls.ts";
import { ReadCertificate } from "./certificate-facts.ts";
import type { LocalCertificates } from "./local-certificates.ts";
import { peerOf, sessionIdOf } from "./session-der.ts";
import type { TrustedRoots } from "./trusted-roots.ts";

/** The facts of one TLS connection, read from OpenSSL when somebody asks. */
export class TlsSession implements TlsInfo {
  established = false;
  peerCertificateValidated = false;
  serverName = "";
  failureReason = "";
  /** Server: the group that the hello leads to; client: what OpenSSL tells. */
  expectedGroup = "";
  /** The own certificate's place in the configuration. */
  localIndex = 0;
  readonly #local: LocalCertificates;
  /** What Node may have added to the peer's chain; null for nothing. */
  trustedRoots: TrustedRoots | null = null;
  #native: NativeTls | null = null;
  #alpn: string | null = null;
  #version = "";
  #cipher = "";
  #sessionId: string | null = null;
  #reused: boolean | null = null;
  #peer: readonly ReadCertificate[] | null = null;

  constructor(local: LocalCertificates) {
    this.#local = local;
  }

  /** OpenSSL is at it: from now on there are facts. */
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

  /** As with Envoy's library it is 1.2 until something was agreed on. */
  get version(): string {
    if (this.#version === "" && this.cipher !== "" && this.#native !== null)
      this.#version = this.#native.getProtocol();
    return this.#version || "TLSv1.2";
  }

  get cipher(): string {
    if (this.#cipher === "" && this.#native !== null)
      this.#cipher = this.#native.getCipher()?.name ?? "";
    return this.#cipher;
  }

  get group(): string {
    if (this.cipher === "") return "";
    const exchanged = this.cipher.startsWith("ECDHE-") && !this.sessionReused;
    return exchanged || this.version === "TLSv1.3" ? this.expectedGroup : "";
  }

  /** Sessions of TLS 1.3 have none: theirs are tickets. */
  get sessionId(): string {
    if (this.version === "TLSv1.3") return "";
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
    if (this.#native !== null) this.#peer ??= peerChain(this.#native, this.trustedRoots);
    return this.#peer ?? [];
  }

  get localCertificate(): ReadCertificate | null {
    return this.#local.at(this.localIndex);
  }
}

/** Of a session that a client resumed Node tells nothing, but the session itself does. */
function peerChain(native: NativeTls, roots: TrustedRoots | null): ReadCertificate[] {
  const chain = chainOf(native.getPeerCertificate(true));
  if (chain.length > 1 && roots?.has(chain.at(-1)!.certificate) === true) chain.pop();
  if (chain.length > 0 || !native.hasPeerCertificate()) return chain;
  const peer = peerOf(native.getSession());
  return peer === null ? [] : [new ReadCertificate(peer)];
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
