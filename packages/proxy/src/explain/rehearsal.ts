import { ServerHealth } from "../base/server-health.ts";
import { TimerWheel } from "../base/timer-wheel.ts";
import type { WorkerContext } from "../base/worker-context.ts";
import { ExtensionConfigs } from "../extension/extension-configs.ts";
import { AsyncClient } from "../http/async-client/async-client.ts";
import { buildConnectionManager } from "../http/connection-manager/build.ts";
import { ConnectionManagerFactory } from "../http/connection-manager/connection-manager-factory.ts";
import type { HttpConnectionManagerConfig } from "../http/connection-manager/model.ts";
import { RouteConfigs } from "../http/route/rds/route-configs.ts";
import { ScopedRoutes } from "../http/route/scoped/scoped-routes.ts";
import { ServerConnection } from "../network/filter-manager.ts";
import type { NetworkServices } from "../network/services.ts";
import { responseFlagsText } from "../observe/format/response-flags.ts";
import type { ScopeSlots, StatsLease } from "../observe/stats/definition.ts";
import type { DownstreamInfo, FormatContext } from "../observe/stream-info.ts";
import { Demands } from "../on-demand/demands.ts";
import { OverloadState } from "../overload/overload-state.ts";
import type { Runtime } from "../runtime/snapshot.ts";
import { Connection } from "../transport/connection.ts";
import { IoLoop } from "../transport/io-loop.ts";
import { NO_CALLBACKS } from "../transport/no-callbacks.ts";
import { TlsSockets } from "../transport/tls/tls-sockets.ts";
import { TransportContext } from "../transport/transport-context.ts";
import type { ClusterDefinition } from "../upstream/definition.ts";
import { HostSessions } from "../upstream/host-sessions.ts";
import { ConfiguredClusters } from "./configured-clusters.ts";
import { observedFilters, withObservers } from "./observed-filters.ts";
import { RecordingPools } from "./recording-pools.ts";
import { readResponse, RehearsalRecord } from "./rehearsal-record.ts";
import { SilentHandle } from "./silent-handle.ts";

/** One request to rehearse. */
export interface RehearsedRequest {
  readonly bytes: Buffer;
  readonly downstream: DownstreamInfo;
  /** What the stream draws, in [0, 1). */
  readonly random: number;
  /** Of the listener. */
  readonly bufferLimitBytes: number;
}

/** What requests are rehearsed with. */
export interface RehearsalSource {
  readonly clusters: readonly ClusterDefinition[];
  readonly hostIp: string;
  /** The time of day that formatters and so on see. */
  readonly wallMs: number;
  readonly runtime: Runtime;
}

/**
 * Takes requests through the data path's own code on this thread: the codec, the connection manager, the filters and the
 * router, built as on a worker. Only the ends are others: sockets lead nowhere, pools note what would be sent, and
 * nothing is counted or logged.
 */
export class Rehearsal {
  readonly clusters: ConfiguredClusters;
  readonly runtime: Runtime;
  readonly #services: NetworkServices;
  readonly #pools: RecordingPools;
  /** Of requests that filters send for themselves. */
  readonly #ownPools: RecordingPools;
  readonly #managers = new Map<HttpConnectionManagerConfig, ConnectionManagerFactory>();
  #record: RehearsalRecord = new RehearsalRecord();
  #random = 0;

  constructor({ clusters, hostIp, wallMs, runtime }: RehearsalSource) {
    this.runtime = runtime;
    const onException = (error: unknown): void => void this.#record.exceptions.push(error);
    const loop = new IoLoop(onException);
    const worker: WorkerContext = {
      workerId: 0,
      // Stores beyond its end are dropped: nothing is counted.
      stats: {
        slots: new Float64Array(0),
        record() {},
        dynamicCounter: () => 0,
        dynamicHistogram: () => 0,
      },
      runtime,
      timers: new TimerWheel({ nowMs: () => loop.now, wakeAfter() {}, onException }),
      nowMs: () => loop.now,
      wallMs: () => wallMs,
      random: () => this.#random,
    };
    const transport = new TransportContext(loop, worker.timers, 0, 1);
    // Nothing is sent, so nobody is judged.
    const tlsSockets = new TlsSockets(worker, transport, () => null);
    this.clusters = ConfiguredClusters.of(clusters, worker, NO_STATS);
    const overload = OverloadState.NONE;
    const parts = { worker, transport, tlsSockets, overload };
    this.#pools = new RecordingPools(parts, (request) => this.#record.upstream.push(request));
    this.#ownPools = new RecordingPools(parts, (request) => this.#record.asked.push(request));
    const routeConfigs = new RouteConfigs();
    this.#services = {
      worker,
      transport,
      tlsSockets,
      clusters: this.clusters,
      routeConfigs,
      scopedRoutes: new ScopedRoutes(routeConfigs),
      demands: new Demands(null, onException),
      extensionConfigs: new ExtensionConfigs(),
      pools: this.#pools,
      hostSessions: new HostSessions(),
      asyncClient: new AsyncClient({
        worker,
        clusters: this.clusters,
        pools: this.#ownPools,
        hostIp,
      }),
      hostIp,
      serverHealth: new ServerHealth(),
      overload,
      onFilterException: onException,
      buildAccessLogs: () => [{ log: (context) => this.#logged(context), close() {} }],
    };
  }

  /** What becomes of one request to a connection manager. */
  run(config: HttpConnectionManagerConfig, request: RehearsedRequest): RehearsalRecord {
    const record = (this.#record = new RehearsalRecord());
    this.#random = request.random;
    const manager = this.#managerOf(config);
    const { loop } = this.#services.transport;
    const handle = new SilentHandle();
    const connection = new Connection(this.#services.transport, handle, NO_CALLBACKS);
    connection.highWatermarkBytes = request.bufferLimitBytes;
    const server = new ServerConnection(connection, request.downstream, OWNER, [manager]);
    connection.callbacks = server;
    loop.enter();
    try {
      server.start();
      server.onData(request.bytes, 0, request.bytes.length);
      this.#ownPools.answer();
      this.#pools.answer();
    } catch (error) {
      record.exceptions.push(error);
    }
    connection.flush();
    record.response = readResponse(handle.written);
    if (!connection.closed) connection.close("local");
    this.#ownPools.forget();
    this.#pools.forget();
    loop.leave();
    return record;
  }

  #managerOf(config: HttpConnectionManagerConfig): ConnectionManagerFactory {
    let manager = this.#managers.get(config);
    if (manager === undefined) {
      const observer = {
        record: () => this.#record,
        // The stream has drawn by now; what is drawn behind it (drop_overload) is not to depend on it.
        streamBegan: () => (this.#random = BEHIND_THE_STREAM),
      };
      const filters = observedFilters(observer);
      manager = new ConnectionManagerFactory(
        buildConnectionManager(withObservers(config), this.#services, filters),
      );
      this.#managers.set(config, manager);
    }
    return manager;
  }

  /** The stream is over. */
  #logged({ streamInfo }: FormatContext): void {
    const record = this.#record;
    record.clusterName = streamInfo.upstream.clusterName;
    if (record.upstream.length > 0) return;
    record.flags = responseFlagsText(streamInfo);
    record.details = streamInfo.responseCodeDetails;
  }
}

const BEHIND_THE_STREAM = 1 - 2 ** -53;
const NO_SLOTS: ScopeSlots = { base: 0, histogramBase: 0, prefix: "" };
const NO_STATS: StatsLease = {
  scope: () => NO_SLOTS,
  lease: () => NO_STATS,
  setTextReadout() {},
  release() {},
};

const OWNER = {
  onServerConnectionClose(): void {},
  onHandshakeTimeout(): void {},
  drainClose: (): boolean => false,
  wallMsAt: (): number => 0,
};
