import type { WorkerContext } from "../../base/worker-context.ts";
import { TLS_FACTORY_STATS } from "../../observe/stats/tables/tls.ts";
import type { NativeHandle } from "../native.ts";
import type { TransportContext } from "../transport-context.ts";
import type {
  DownstreamTransportSocket,
  HandshakeCallbacks,
  SecureHandle,
  UpstreamPeer,
  UpstreamTransportOptions,
  UpstreamTransportSocket,
} from "../transport-socket.ts";
import { ClientContext } from "./client-context.ts";
import { KeyLog } from "./key-log.ts";
import { LocalCertificates } from "./local-certificates.ts";
import type {
  CommonTlsConfig,
  DownstreamTlsConfig,
  TlsContextConfig,
  UpstreamTlsConfig,
} from "./model.ts";
import { NotReadyRole } from "./not-ready.ts";
import type { PeerVerifier } from "./peer-verifier.ts";
import { ServerContext } from "./server-context.ts";
import { TlsHandle, type TlsRole } from "./tls-handle.ts";
import { TlsSession } from "./tls-session.ts";

/** Builds the judge of a context's peers; null for one that takes everybody. */
export type BuildVerifier = (config: TlsContextConfig) => PeerVerifier | null;

/** What contexts of a worker are made with. */
interface Workshop {
  readonly worker: WorkerContext;
  readonly transport: TransportContext;
  readonly buildVerifier: BuildVerifier;
  keyLog(config: CommonTlsConfig): KeyLog | null;
}

/** All TLS transport sockets of a worker; a rotated secret reaches them here. */
export class TlsSockets {
  readonly #workshop: Workshop;
  /** By the id of the context. What a listener or cluster that is gone had goes with it. */
  readonly #sockets: Map<number, WeakRef<ServerTls | ClientTls>> = new Map();
  /** What came after the configuration of the listener or cluster, which may not be built yet. */
  readonly #updates: Map<number, TlsContextConfig> = new Map();
  readonly #keyLogs: Map<string, KeyLog> = new Map();

  constructor(worker: WorkerContext, transport: TransportContext, buildVerifier: BuildVerifier) {
    this.#workshop = {
      worker,
      transport,
      buildVerifier,
      keyLog: (config) => this.#keyLog(config),
    };
  }

  /** The one of the configuration's id, brought up to its version. */
  downstream(config: DownstreamTlsConfig): DownstreamTransportSocket {
    return this.#socketOf(config, () => new ServerTls(config, this.#workshop)) as ServerTls;
  }

  /** The one of the configuration's id, brought up to its version. */
  upstream(config: UpstreamTlsConfig): UpstreamTransportSocket {
    return this.#socketOf(config, () => new ClientTls(config, this.#workshop)) as ClientTls;
  }

  /** A secret came or changed: connections made from now on use it. */
  update(config: TlsContextConfig): void {
    this.#updates.set(config.id, config);
    this.#sockets.get(config.id)?.deref()?.update(config);
  }

  #socketOf(config: TlsContextConfig, make: () => ServerTls | ClientTls): ServerTls | ClientTls {
    const known = this.#sockets.get(config.id)?.deref();
    if (known !== undefined) {
      known.update(config);
      return known;
    }
    for (const [id, socket] of this.#sockets) {
      if (socket.deref() === undefined) this.#sockets.delete(id);
    }
    const made = make();
    const update = this.#updates.get(config.id);
    if (update !== undefined) made.update(update);
    this.#sockets.set(config.id, new WeakRef(made));
    return made;
  }

  #keyLog({ keyLog }: CommonTlsConfig): KeyLog | null {
    if (keyLog === null) return null;
    const key = JSON.stringify(keyLog);
    let log = this.#keyLogs.get(key);
    if (log === undefined) this.#keyLogs.set(key, (log = new KeyLog(keyLog)));
    return log;
  }
}

class ServerTls implements DownstreamTransportSocket {
  readonly #workshop: Workshop;
  #config: DownstreamTlsConfig;
  #localCertificates: LocalCertificates;
  #role: TlsRole;

  constructor(config: DownstreamTlsConfig, workshop: Workshop) {
    this.#workshop = workshop;
    this.#config = config;
    this.#localCertificates = new LocalCertificates(config.certificates);
    this.#role = this.#roleOf(config);
  }

  update(config: TlsContextConfig): void {
    if (config.side !== "downstream" || config.version <= this.#config.version) return;
    this.#config = config;
    this.#localCertificates = new LocalCertificates(config.certificates);
    this.#role = this.#roleOf(config);
  }

  accept(handle: NativeHandle): SecureHandle {
    const { transport } = this.#workshop;
    const session = new TlsSession(this.#localCertificates);
    const { shared } = transport.buffers;
    const secure = new TlsHandle(handle, session, this.#role, transport.loop, shared);
    secure.beginEarly();
    return secure;
  }

  #roleOf(config: DownstreamTlsConfig): TlsRole {
    const { worker, buildVerifier } = this.#workshop;
    if (config.ready)
      return new ServerContext(
        config,
        worker,
        buildVerifier(config),
        this.#workshop.keyLog(config),
      );
    const { downstream_context_secrets_not_ready: stat } = TLS_FACTORY_STATS.at;
    return new NotReadyRole(() => (worker.stats.slots[config.factoryScope.base + stat]! += 1));
  }
}

class ClientTls implements UpstreamTransportSocket {
  readonly #workshop: Workshop;
  #config: UpstreamTlsConfig;
  #context: ClientContext;

  constructor(config: UpstreamTlsConfig, workshop: Workshop) {
    this.#workshop = workshop;
    this.#config = config;
    this.#context = this.#contextOf(config);
  }

  update(config: TlsContextConfig): void {
    if (config.side !== "upstream" || config.version <= this.#config.version) return;
    this.#config = config;
    this.#context = this.#contextOf(config);
  }

  connect(
    handle: NativeHandle,
    host: UpstreamPeer,
    options: UpstreamTransportOptions,
    callbacks: HandshakeCallbacks,
  ): SecureHandle {
    const { transport, worker } = this.#workshop;
    if (this.#config.ready)
      return this.#context.connect(handle, host, options, callbacks, transport);
    const { upstream_context_secrets_not_ready: stat } = TLS_FACTORY_STATS.at;
    worker.stats.slots[this.#config.factoryScope.base + stat]! += 1;
    const role = new NotReadyRole(() => {});
    const session = new TlsSession(new LocalCertificates([]));
    const secure = new TlsHandle(handle, session, role, transport.loop, transport.buffers.shared);
    transport.loop.soon({
      onTurn() {
        if (secure.closed) return;
        secure.close();
        callbacks.onHandshakeFailure(NotReadyRole.REASON);
      },
    });
    return secure;
  }

  #contextOf(config: UpstreamTlsConfig): ClientContext {
    const { worker, buildVerifier } = this.#workshop;
    const verifier = buildVerifier(config);
    return new ClientContext(config, worker, verifier, this.#workshop.keyLog(config));
  }
}
