import { createSecureContext, type SecureContextOptions } from "node:tls";
import type { NativeHandle } from "./native.ts";

/**
 * The door to OpenSSL below `tls.TLSSocket`, for the same reasons as native.ts: what Node's own TLS stands on, without the
 * streams. A TLS handle lies over a socket's handle, reads and writes through it inside of C++, and takes one write at a
 * time, which it completes in a later turn.
 */

/** Node's wrapper of an SSL_CTX. */
export interface NativeSecureContext {
  readonly context: object;
}

/** An error of OpenSSL as Node tells it. */
export interface NativeTlsError extends Error {
  /** `ERR_SSL_WRONG_VERSION_NUMBER`. */
  readonly code?: string;
  /** `wrong version number`. */
  readonly reason?: string;
}

/** One side of a TLS session. Callbacks are properties, called with the handle as `this`. */
export interface NativeTls extends NativeHandle {
  onhandshakedone: ((this: NativeTls) => void) | null;
  onerror: ((this: NativeTls, error: NativeTlsError) => void) | null;
  /** A client's session that can be resumed, as DER. */
  onnewsession: ((this: NativeTls, id: Buffer, session: Buffer) => void) | null;
  onkeylog: ((this: NativeTls, line: Buffer) => void) | null;
  /** Takes bytes of the peer that were read before the handle was made. */
  receive(bytes: Uint8Array): void;
  /** Client: sends the hello. */
  start(): void;
  destroySSL(): void;
  setVerifyMode(request: boolean, require: boolean): void;
  /** Wire format: a length byte before each name. */
  setALPNProtocols(protocols: Uint8Array): void;
  setServername(name: string): void;
  setSession(session: Uint8Array): void;
  getSession(): Buffer | undefined;
  isSessionReused(): boolean;
  enableSessionCallbacks(): void;
  enableKeylogCallback(): void;
  setOCSPResponse(response: Uint8Array): void;
  /** Null when the chain is trusted. */
  verifyError(): (Error & { readonly code: string }) | null;
  hasPeerCertificate(): boolean;
  getPeerCertificate(detailed: boolean): NativeCertificate | undefined;
  getALPNNegotiatedProtocol(): string | false;
  getProtocol(): string;
  /** Undefined before one was agreed on. */
  getCipher(): { readonly name: string } | undefined;
  /** Client: `{ type: "ECDH", name: "X25519", size: 253 }`. */
  getEphemeralKeyInfo(): { readonly type?: string; readonly name?: string } | null;
}

export interface NativeCertificate {
  readonly raw?: Buffer;
  /** The same object at the end of the chain. */
  readonly issuerCertificate?: NativeCertificate;
}

interface TlsBinding {
  wrap(
    handle: NativeHandle,
    context: object,
    isServer: boolean,
    hasActiveWriteIssuedByPrevListener: boolean,
  ): NativeTls;
}

const binding = (process as unknown as { binding(name: string): unknown }).binding(
  "tls_wrap",
) as TlsBinding;

/** Lays TLS over a connected socket. Nothing was written to it, and what was read goes to `receive`. */
export function wrapTls(
  socket: NativeHandle,
  { context }: NativeSecureContext,
  isServer: boolean,
): NativeTls {
  return binding.wrap(socket, context, isServer, false);
}

/** Makes an SSL_CTX. Throws what OpenSSL has against the options. */
export function newSecureContext(options: SecureContextOptions): NativeSecureContext {
  return createSecureContext(options);
}
