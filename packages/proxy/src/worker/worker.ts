import { GrpcAccessLoggers } from "../access-loggers/grpc/grpc-access-loggers.ts";
import { collectGarbage } from "../base/collect-garbage.ts";
import { ServerHealth } from "../base/server-health.ts";
import { TimerWheel } from "../base/timer-wheel.ts";
import type { WorkerContext } from "../base/worker-context.ts";
import { ExtensionConfigs } from "../extension/extension-configs.ts";
import { AsyncClient } from "../http/async-client/async-client.ts";
import { matcherBuilders } from "../http/route/matchers/builders.ts";
import { RouteConfigs } from "../http/route/rds/route-configs.ts";
import { ScopedRoutes } from "../http/route/scoped/scoped-routes.ts";
import type { ActiveListener } from "../listener/active-listener.ts";
import { Drain, type DrainOptions } from "../listener/drain.ts";
import { InheritedSockets } from "../listener/inherited-sockets.ts";
import type { ListenerUpdate } from "../listener/model.ts";
import type { NetworkServices } from "../network/services.ts";
import { AccessLogManager } from "../observe/access-log/access-log-manager.ts";
import { WorkerStatsStore } from "../observe/stats/worker-store.ts";
import { Demands } from "../on-demand/demands.ts";
import { WorkerOverload } from "../overload/worker-overload.ts";
import { buildListener } from "../path.ts";
import { Runtime } from "../runtime/snapshot.ts";
import { IoLoop } from "../transport/io-loop.ts";
import { TlsSockets } from "../transport/tls/tls-sockets.ts";
import { buildVerifier } from "../transport/tls/validation/build-verifier.ts";
import { TransportContext } from "../transport/transport-context.ts";
import { Clusters } from "../upstream/clusters.ts";
import { HostSessions } from "../upstream/host-sessions.ts";
import type { Host } from "../upstream/host.ts";
import { HttpPools } from "../upstream/pool/http-pools.ts";
import { openUpstreamMemory } from "../upstream/shared/upstream-memory.ts";
import { WorkerClock } from "./clock.ts";
import type { FromWorker, RoutesMessage, ToWorker, WorkerInit } from "./messages.ts";

/** One worker: an event loop that accepts and serves. All of its state hangs from here. */
export class Worker {
  readonly #post: (message: FromWorker) => void;
  readonly #services: NetworkServices;
  readonly #stats: WorkerStatsStore;
  readonly #clusters: Clusters;
  readonly #accessLogs: AccessLogManager;
  readonly #loop: IoLoop;
  readonly #overload: WorkerOverload;
  readonly #runtime = new Runtime();
  readonly #listeners = new Map<string, ActiveListener>();
  /** Removed, or replaced by others of their names, with connections left. */
  readonly #retired = new Set<ActiveListener>();
  readonly #drainOptions: DrainOptions;
  readonly #inherited = new InheritedSockets();

  constructor(init: WorkerInit, post: (message: FromWorker) => void) {
    this.#post = post;
    this.#drainOptions = init.drain;
    const onException = (error: unknown): void => post({ kind: "exception", text: textOf(error) });
    this.#loop = new IoLoop(onException);
    const clock = new WorkerClock(this.#loop);
    this.#stats = new WorkerStatsStore(init.stats, (announcement) =>
      post({ kind: "stat", announcement }),
    );
    const worker: WorkerContext = {
      workerId: init.workerId,
      stats: this.#stats,
      timers: new TimerWheel(clock),
      runtime: this.#runtime,
      nowMs: () => clock.nowMs(),
      wallMs: () => clock.wallMs(),
      random: Math.random,
    };
    const transport = new TransportContext(this.#loop, worker.timers, init.workerId, init.workers);
    const tlsSockets = new TlsSockets(worker, transport, (config) =>
      buildVerifier(config, matcherBuilders.string, () => worker.wallMs()),
    );
    this.#overload = new WorkerOverload(init.overload, worker);
    const overload = this.#overload.state;
    const pools = new HttpPools({ worker, transport, tlsSockets, overload });
    const hostSessions = new HostSessions();
    const partWith = (host: Host): void => {
      pools.drain(host);
      hostSessions.end(host);
    };
    this.#clusters = new Clusters(worker, openUpstreamMemory(init.upstream, init.workerId), {
      onClusterRemoved: (cluster) => asyncClient.onClusterRemoved(cluster),
      onHostRemoved: (_cluster, host) => partWith(host),
      onHostUnhealthy: (_cluster, host) => pools.drain(host),
      onConnectionsOutdated: (_cluster, host) => partWith(host),
    });
    const routeConfigs = new RouteConfigs();
    const { hostIp } = init;
    const asyncClient = new AsyncClient({ worker, clusters: this.#clusters, pools, hostIp });
    const { sides } = new GrpcAccessLoggers(worker, asyncClient, init.node);
    this.#accessLogs = new AccessLogManager(worker, matcherBuilders, init.accessLog, sides);
    this.#services = {
      worker,
      transport,
      tlsSockets,
      clusters: this.#clusters,
      pools,
      hostSessions,
      asyncClient,
      routeConfigs,
      scopedRoutes: new ScopedRoutes(routeConfigs),
      demands: new Demands((demand) => post({ kind: "demand", demand }), onException),
      extensionConfigs: new ExtensionConfigs(),
      hostIp,
      serverHealth: new ServerHealth(),
      overload,
      onFilterException: onException,
      buildAccessLogs: (configs) => this.#accessLogs.build(configs),
    };
  }

  /** What this worker asks for itself. */
  get asyncClient(): AsyncClient {
    return this.#services.asyncClient;
  }

  handle(message: ToWorker): void {
    this.#loop.enter();
    switch (message.kind) {
      case "cluster":
        this.#clusters.apply(message.update);
        break;
      case "listener":
        this.#setListener(message.update);
        break;
      case "route_config":
      case "virtual_hosts":
      case "scoped_routes":
        this.#setRoutes(message);
        break;
      case "demand_met":
        this.#services.demands.met(message.demand, message.found);
        break;
      case "extension_config":
        this.#services.extensionConfigs.set(message.update);
        break;
      case "forget_extension_config":
        this.#services.extensionConfigs.forget(message.id);
        break;
      case "runtime":
        this.#runtime.swap(message.values);
        break;
      case "tls_context":
        this.#services.tlsSockets.update(message.config);
        break;
      case "remove_listener":
        this.#removeListener(message.name, message.generation);
        break;
      case "health_check_failed":
        this.#services.serverHealth.failed = message.failed;
        break;
      case "drain":
        this.#drain(message.stopAccepting, message.inboundOnly);
        break;
      case "last_call":
        for (const listener of this.#listeners.values()) listener.lastCall();
        break;
      case "sockets":
        this.#inherited.adopt(message.sockets, message.keys);
        break;
      case "release_sockets":
        this.#inherited.release();
        break;
      case "list_sockets":
        this.#listSockets();
        break;
      case "forget_stats":
        this.#stats.forget(message.names);
        break;
      case "reopen_logs":
        this.#accessLogs.reopen();
        break;
      case "overload":
        this.#overload.apply(message.update);
        if (message.update.accepting) this.#resumeAccepting();
        break;
      case "collect_garbage":
        collectGarbage();
        break;
      case "shutdown":
        this.#shutdown();
        break;
    }
    this.#loop.leave();
  }

  /** Where a listener accepts; empty when there is none of that name. */
  portsOf(listener: string): readonly number[] {
    return this.#listeners.get(listener)?.settings.addresses.map(({ port }) => port) ?? [];
  }

  #setRoutes(message: RoutesMessage): void {
    const { routeConfigs, scopedRoutes } = this.#services;
    if (message.kind === "route_config") routeConfigs.set(message.id, message.table);
    else if (message.kind === "virtual_hosts") routeConfigs.changeHosts(message.id, message.change);
    else scopedRoutes.apply(message.id, message.change);
  }

  #setListener(update: ListenerUpdate): void {
    const { generation } = update;
    let error: string | null;
    try {
      error = this.#place(update, () => this.#post({ kind: "drained", generation }));
    } catch (thrown) {
      this.#loop.onException(thrown);
      error = thrown instanceof Error ? thrown.message : String(thrown);
    }
    this.#post({ kind: "listening", generation, error });
  }

  /** Returns what went wrong; what was there serves on then. */
  #place(update: ListenerUpdate, onDrained: () => void): string | null {
    const { settings } = update;
    const known = this.#listeners.get(settings.name) ?? null;
    if (known?.canBecome(settings) === true)
      return known.update(update, this.#newDrain(), onDrained, null);
    const listener = buildListener(settings, this.#services);
    listener.inherited = this.#inherited;
    const error = listener.update(update, this.#newDrain(), () => {}, known);
    if (error !== null) return error;
    this.#listeners.set(settings.name, listener);
    if (known === null) onDrained();
    else this.#retire(known, onDrained);
    return null;
  }

  #removeListener(name: string, generation: number): void {
    const listener = this.#listeners.get(name);
    const onDrained = (): void => this.#post({ kind: "drained", generation });
    this.#listeners.delete(name);
    if (listener === undefined) onDrained();
    else this.#retire(listener, onDrained);
  }

  #retire(listener: ActiveListener, onDrained: () => void): void {
    this.#retired.add(listener);
    listener.retire(this.#newDrain(), () => {
      this.#retired.delete(listener);
      onDrained();
    });
  }

  #newDrain(): Drain {
    return new Drain(this.#drainOptions, this.#services.worker);
  }

  #drain(stopAccepting: boolean, inboundOnly: boolean): void {
    for (const listener of this.#listeners.values()) {
      if (inboundOnly && listener.settings.trafficDirection !== "inbound") continue;
      if (stopAccepting) listener.stopAccepting();
      listener.drain(this.#newDrain());
    }
  }

  #listSockets(): void {
    const sockets = [...this.#listeners.values()].flatMap(({ listening }) => listening);
    this.#post({ kind: "sockets", sockets });
  }

  #resumeAccepting(): void {
    for (const listener of this.#listeners.values()) listener.resumeAccepting();
  }

  #shutdown(): void {
    this.#overload.stop();
    for (const listener of [...this.#listeners.values(), ...this.#retired]) {
      listener.stopAccepting();
      listener.closeConnections();
    }
    this.#listeners.clear();
    this.#accessLogs.flush();
    this.#clusters.close();
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
