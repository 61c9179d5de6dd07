import assert from "node:assert/strict";
import net from "node:net";
import type { TestContext } from "node:test";
import tls from "node:tls";
import { ServerSocket } from "../listener/server-socket.ts";
import { Connection, type CloseReason, type ConnectionCallbacks } from "../transport/connection.ts";
import { READ_BYTES_OR_ERROR, streamState, type NativeHandle } from "../transport/native.ts";
import type { DownstreamTlsConfig } from "../transport/tls/model.ts";
import { CertificateAuthority } from "../transport/tls/testing/certificate-authority.ts";
import { certificateConfig, downstreamTls } from "../transport/tls/testing/tls-configs.ts";
import { TlsSockets, type BuildVerifier } from "../transport/tls/tls-sockets.ts";
import type { TransportContext } from "../transport/transport-context.ts";
import type { DownstreamTransportSocket } from "../transport/transport-socket.ts";
import { FakeWorker } from "../upstream/testing/fake-worker.ts";
import { testTransport } from "./loop.ts";
import { turnsUntil } from "./turns.ts";

/** A connection's callbacks that remember, and resolve when something is waited for. */
export class Recorder implements ConnectionCallbacks {
  connection!: Connection;
  readonly chunks: Buffer[] = [];
  readonly events: string[] = [];
  onBytes: (data: Buffer) => void = () => {};
  readonly closed: Promise<CloseReason>;
  #close!: (reason: CloseReason) => void;

  constructor() {
    this.closed = new Promise((resolve) => (this.#close = resolve));
  }
  onData(buffer: Buffer, start: number, end: number): void {
    const data = Buffer.from(buffer.subarray(start, end));
    this.chunks.push(data);
    this.onBytes(buffer.subarray(start, end));
  }
  onEndStream(): void {
    this.events.push("end");
  }
  onClose(reason: CloseReason): void {
    this.events.push(reason);
    this.#close(reason);
  }
  onAboveWriteBufferHighWatermark(): void {
    this.events.push("above");
  }
  onBelowWriteBufferLowWatermark(): void {
    this.events.push("below");
  }
}

export interface ServerRig {
  readonly port: number;
  readonly transport: TransportContext;
  readonly exceptions: unknown[];
  readonly worker: FakeWorker;
  readonly sockets: TlsSockets;
  /** Of the first connection. */
  readonly server: Recorder;
  /** Of all connections. */
  readonly servers: readonly Recorder[];
  readonly accepted: Promise<void>;
}

interface RigOptions {
  /** The first bytes are read off the raw socket, as listener filters do. */
  readonly earlyBytes?: boolean;
  readonly buildVerifier?: BuildVerifier;
}

function startWithEarlyBytes(connection: Connection, handle: NativeHandle): void {
  const buffer = Buffer.alloc(65536);
  handle.onread = (): undefined => {
    connection.start(buffer.subarray(0, streamState[READ_BYTES_OR_ERROR]));
  };
  handle.useUserBuffer(buffer);
  handle.readStart();
}

/** A listening socket on whose first connection a `Connection` stands; with `config` over TLS. */
export function listen(
  t: TestContext,
  config: DownstreamTlsConfig | null,
  setUp: (server: Recorder) => void = () => {},
  { earlyBytes = false, buildVerifier = () => null }: RigOptions = {},
): ServerRig {
  const { transport, exceptions } = testTransport();
  const worker = new FakeWorker();
  const sockets = new TlsSockets(worker, transport, buildVerifier);
  const over = config === null ? null : sockets.downstream(config);
  const server = new Recorder();
  const servers: Recorder[] = [];
  const socket = new ServerSocket({
    protocol: "tcp",
    ip: "127.0.0.1",
    port: 0,
    path: "",
    mode: 0,
    ipv4Compat: false,
  });
  const accepted = new Promise<void>((resolve) => {
    const error = socket.listen(transport.loop, 16, false, (handle) => {
      const recorder =
        (server.connection as Connection | undefined) === undefined ? server : new Recorder();
      recorder.connection = new Connection(transport, secured(handle, over), recorder);
      servers.push(recorder);
      setUp(recorder);
      if (earlyBytes) startWithEarlyBytes(recorder.connection, handle);
      else recorder.connection.start();
      resolve();
    });
    assert.equal(error, null);
  });
  t.after(() => {
    socket.close();
    (server.connection as Connection | undefined)?.close();
  });
  return { port: socket.port, transport, exceptions, worker, sockets, server, servers, accepted };
}

function secured(handle: NativeHandle, over: DownstreamTransportSocket | null): NativeHandle {
  return over === null ? handle : over.accept(handle);
}

export interface Pair extends ServerRig {
  readonly client: net.Socket;
  /** What the client's TLS stands on, or the client itself. */
  readonly socket: net.Socket;
}

export type TransportKind = "raw" | "TLS 1.2" | "TLS 1.3";

/** A client of Node's on one side, a Connection on the other. */
export async function connect(
  t: TestContext,
  kind: TransportKind,
  setUp: (server: Recorder) => void = () => {},
): Promise<Pair> {
  const config = kind === "raw" ? null : downstreamTls([certificateConfig(await leaf())]);
  const rig = listen(t, config, setUp);
  const socket = net.connect(rig.port, "127.0.0.1");
  const client = kind === "raw" ? socket : tlsClient(socket, kind);
  t.after(() => client.destroy());
  const ready = new Promise<void>((resolve) => {
    client.once(kind === "raw" ? "connect" : "secureConnect", () => resolve());
  });
  await Promise.all([rig.accepted, ready]);
  // A client of TLS 1.3 is done before the server is.
  const { connection } = rig.server;
  await turnsUntil(() => connection.tls?.established !== false);
  return { ...rig, client, socket };
}

function tlsClient(socket: net.Socket, kind: "TLS 1.2" | "TLS 1.3"): tls.TLSSocket {
  const maxVersion = kind === "TLS 1.2" ? "TLSv1.2" : "TLSv1.3";
  return tls.connect({ socket, rejectUnauthorized: false, maxVersion });
}

let identity: ReturnType<CertificateAuthority["issue"]> | undefined;

/** One leaf for all tests that do not look at it. */
export function leaf(): ReturnType<CertificateAuthority["issue"]> {
  return (identity ??= CertificateAuthority.create().then((authority) => authority.issue()));
}
