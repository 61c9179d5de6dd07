import type { WorkerContext } from "../../base/worker-context.ts";
import {
  wrapTls,
  type NativeSecureContext,
  type NativeTls,
  type NativeTlsError,
} from "../native-tls.ts";
import type { NativeHandle } from "../native.ts";
import type { TransportContext } from "../transport-context.ts";
import type {
  HandshakeCallbacks,
  UpstreamPeer,
  UpstreamTransportOptions,
} from "../transport-socket.ts";
import { alpnWireFormat } from "./alpn.ts";
import { HandshakeStats } from "./handshake-stats.ts";
import { groupName } from "./key-exchange-group.ts";
import type { KeyLog } from "./key-log.ts";
import { LocalCertificates } from "./local-certificates.ts";
import type { UpstreamTlsConfig } from "./model.ts";
import type { PeerVerifier } from "./peer-verifier.ts";
import { secureContextOf } from "./secure-context.ts";
import { SessionCache } from "./session-cache.ts";
import { verifyErrorText } from "./tls-error.ts";
import { TlsHandle, type TlsRole } from "./tls-handle.ts";
import { TlsSession } from "./tls-session.ts";
import { TrustedRoots } from "./trusted-roots.ts";
import { verifyPeer } from "./verify-peer.ts";

/** One version of an upstream context on a worker: what its connections shake hands with. */
export class ClientContext {
  readonly config: UpstreamTlsConfig;
  readonly verifier: PeerVerifier | null;
  readonly stats: HandshakeStats;
  readonly trustedRoots: TrustedRoots | null;
  readonly sessions: SessionCache;
  readonly #keyLog: KeyLog | null;
  readonly #localCertificates: LocalCertificates;
  #native: NativeSecureContext | null = null;

  constructor(
    config: UpstreamTlsConfig,
    worker: WorkerContext,
    verifier: PeerVerifier | null,
    keyLog: KeyLog | null,
  ) {
    this.config = config;
    this.verifier = verifier;
    this.stats = new HandshakeStats(worker.stats, config.scope);
    this.sessions = new SessionCache(config.maxSessionKeys);
    this.#keyLog = keyLog;
    this.trustedRoots = config.trustedCa === "" ? null : new TrustedRoots(config.trustedCa);
    this.#localCertificates = new LocalCertificates(config.certificates);
  }

  /** Says hello on a connected socket. */
  connect(
    socket: NativeHandle,
    host: UpstreamPeer,
    options: UpstreamTransportOptions,
    callbacks: HandshakeCallbacks,
    transport: TransportContext,
  ): TlsHandle {
    const { config, sessions } = this;
    const serverName = serverNameOf(config, host, options);
    const expectedNames =
      options.expectedNames ??
      (config.autoSniSanValidation && serverName !== "" ? [serverName] : null);
    const session = new TlsSession(this.#localCertificates);
    session.serverName = serverName;
    const peer = [host.address.text, serverName, ...(expectedNames ?? [])].join(" ");
    const role = new ClientHandshake(this, peer, expectedNames, callbacks);
    const handle = new TlsHandle(socket, session, role, transport.loop, transport.buffers.shared);
    const native = wrapTls(socket, (this.#native ??= this.#newContext()), false);
    const alpn = alpnOf(config, options);
    if (alpn.length > 0) native.setALPNProtocols(alpnWireFormat(alpn));
    if (serverName !== "") native.setServername(serverName);
    this.#keyLog?.attach(native, socket);
    handle.begin(native);
    if (sessions.enabled) role.useSessions(native);
    handle.readStart();
    native.start();
    return handle;
  }

  #newContext(): NativeSecureContext {
    const { config } = this;
    return secureContextOf(config, config.certificates[0] ?? null, {
      allowRenegotiation: config.allowRenegotiation,
      preferServerCiphers: false,
      ticketKeys: null,
      sessionTimeoutS: 0,
      sessionIdContext: "",
    });
  }
}

function serverNameOf(
  config: UpstreamTlsConfig,
  host: UpstreamPeer,
  options: UpstreamTransportOptions,
): string {
  if (options.serverName !== "") return options.serverName;
  if (config.autoHostSni && host.hostname !== "") return host.hostname;
  return config.sni;
}

function alpnOf(config: UpstreamTlsConfig, options: UpstreamTransportOptions): readonly string[] {
  if (options.alpnOverride !== null) return options.alpnOverride;
  return config.alpnProtocols.length > 0 ? config.alpnProtocols : options.alpnFallback;
}

/** One upstream handshake. */
class ClientHandshake implements TlsRole {
  readonly renegotiates: boolean;
  readonly #context: ClientContext;
  readonly #peer: string;
  readonly #expectedNames: readonly string[] | null;
  /** Null when they were told: a connection does not keep who waited for it. */
  #callbacks: HandshakeCallbacks | null;

  constructor(
    context: ClientContext,
    peer: string,
    expectedNames: readonly string[] | null,
    callbacks: HandshakeCallbacks,
  ) {
    this.renegotiates = context.config.allowRenegotiation;
    this.#context = context;
    this.#peer = peer;
    this.#expectedNames = expectedNames;
    this.#callbacks = callbacks;
  }

  /** Offers the newest session and keeps those that come. */
  useSessions(native: NativeTls): void {
    const { sessions } = this.#context;
    const session = sessions.newest(this.#peer);
    if (session !== null) {
      native.setSession(session);
      sessions.remove(this.#peer, session);
    }
    native.enableSessionCallbacks();
    native.onnewsession = (_id, der): void => sessions.add(this.#peer, der);
  }

  onEarlyBytes(): void {}

  onHandshakeDone(handle: TlsHandle, native: NativeTls): boolean {
    const { verifier, stats } = this.#context;
    const { tls } = handle;
    tls.trustedRoots = this.#context.trustedRoots;
    tls.expectedGroup = groupName(native.getEphemeralKeyInfo()?.name ?? "");
    const failure =
      verifier === null ? null : verifyPeer(verifier, tls, native, this.#expectedNames);
    if (failure !== null) {
      stats.count(failure.stat);
      if (failure.tolerated !== true) {
        this.#fail(handle, verifyErrorText(failure.text));
        return false;
      }
    }
    stats.countHandshake(tls, tls.peerCertificatePresented);
    return true;
  }

  onHandshakeError(handle: TlsHandle, reason: string, error: NativeTlsError | null): void {
    if (error !== null) this.#context.stats.count("connection_error");
    this.#fail(handle, reason);
  }

  onSessionError(handle: TlsHandle, reason: string): void {
    this.#context.stats.count("connection_error");
    handle.refuse(reason);
  }

  onOpen(): void {
    const callbacks = this.#callbacks;
    this.#callbacks = null;
    callbacks?.onHandshakeDone();
  }

  #fail(handle: TlsHandle, reason: string): void {
    handle.tls.failureReason = reason;
    handle.close();
    const callbacks = this.#callbacks;
    this.#callbacks = null;
    callbacks?.onHandshakeFailure(reason);
  }
}
