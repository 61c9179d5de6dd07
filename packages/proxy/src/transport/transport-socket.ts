import type { Address } from "../observe/stream-info.ts";
import type { TlsInfo } from "../observe/tls-info.ts";
import type { NativeHandle } from "./native.ts";

/**
 * Envoy's transport sockets: what stands between a socket and its connection. Null wherever one may stand is the
 * plain socket, which costs nothing.
 */
export interface DownstreamTransportSocket {
  /**
   * Takes an accepted socket, of which nothing was read but what listener filters give to `Connection.start`. The
   * result goes to `new Connection`.
   */
  accept(handle: NativeHandle): SecureHandle;
}

export interface UpstreamTransportSocket {
  /** Takes a socket that just connected to `host` and shakes hands; one of the callbacks follows, in a later turn. */
  connect(
    handle: NativeHandle,
    host: UpstreamPeer,
    options: UpstreamTransportOptions,
    callbacks: HandshakeCallbacks,
  ): SecureHandle;
}

/** A host as its transport socket sees it. */
export interface UpstreamPeer {
  readonly address: Address;
  readonly hostname: string;
}

/** What a request or pool says about its upstream connections; connections with other options are not shared. */
export interface UpstreamTransportOptions {
  /** Instead of the context's SNI; empty for that one. */
  readonly serverName: string;
  /** `auto_san_validation`: one of them must be in the certificate; null asks for nothing. */
  readonly expectedNames: readonly string[] | null;
  /** Offered when the context names no protocols. */
  readonly alpnFallback: readonly string[];
  /** Offered instead of the context's; null for those. */
  readonly alpnOverride: readonly string[] | null;
}

export interface HandshakeCallbacks {
  /** The peer is accepted; a connection may be made of the handle. */
  onHandshakeDone(): void;
  /** The handle is closed. `reason` is `TLS_error:|…:TLS_error_end`, or a close before the end of the handshake. */
  onHandshakeFailure(reason: string): void;
}

/** A handle that a connection can stand on, with what TLS knows of it. */
export interface SecureHandle extends NativeHandle {
  readonly tls: TlsInfo;
  /** Bytes of the peer that were read before the handle was made. */
  receive(early: Uint8Array): void;
}
