import assert from "node:assert/strict";
import { request } from "node:http";
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from "node:http";
import { create, toBinary } from "@bufbuild/protobuf";
import type { Message } from "@bufbuild/protobuf";
import { envoyTypes, load } from "@nuncio/api";
import type { SourceStatus } from "@nuncio/xds";
import { readRequest, type RequestText } from "../../../explain/explain-request.ts";
import type { Explanation } from "../../../explain/model.ts";
import { LogLevel } from "../../../observe/log/level.ts";
import { PrometheusRenderer } from "../../../observe/stats/render/prometheus.ts";
import { StatView } from "../../../observe/stats/stat-view.ts";
import { defaultStatsSettings } from "../../../observe/stats/stats-config.ts";
import { StatsStore } from "../../../observe/stats/store.ts";
import { Runtime } from "../../../runtime/snapshot.ts";
import type { ClusterStatus } from "../../../upstream/manager/cluster-status.ts";
import { HealthFlag } from "../../../upstream/shared/host-memory.ts";
import { AdminServer } from "../admin-server.ts";
import type { AdminConfig } from "../config.ts";
import type { AdminProviders, ServerState } from "../providers.ts";

/** What a client got. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** An admin listener on loopback over a process that is not there. Tests close it. */
export class FakeAdmin {
  readonly store: StatsStore = new StatsStore();
  /** What was asked of the process, in order. */
  readonly actions: string[] = [];
  state: ServerState = "LIVE";
  readonly server: AdminServer;

  private constructor(config: Partial<AdminConfig>, addressPath: string) {
    const address = {
      protocol: "tcp",
      ip: "127.0.0.1",
      port: 0,
      path: "",
      mode: 0,
      ipv4Compat: false,
    } as const;
    this.server = new AdminServer({
      runtime: new Runtime(),
      config: { address, allowsPath: null, accessLogs: [], ...config },
      providers: this.#providers(),
      formBytesMax: 100,
      addressPath,
    });
  }

  /** @throws what the server throws when it cannot listen */
  static async start(config: Partial<AdminConfig> = {}, addressPath = ""): Promise<FakeAdmin> {
    const fake = new FakeAdmin(config, addressPath);
    await fake.server.listen();
    return fake;
  }

  close(): Promise<void> {
    return this.server.close();
  }

  get(path: string): Promise<Answer> {
    return this.send("GET", path);
  }

  post(path: string, form?: string): Promise<Answer> {
    return this.send("POST", path, form);
  }

  postJson(path: string, body: string): Promise<Answer> {
    return this.send("POST", path, body, "application/json");
  }

  async getJson(path: string): Promise<unknown> {
    const { status, headers, body } = await this.get(path);
    assert.equal(status, 200, body);
    assert.equal(headers["content-type"], "application/json");
    return JSON.parse(body);
  }

  send(
    method: string,
    path: string,
    form?: string,
    type = "application/x-www-form-urlencoded",
  ): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const headers: OutgoingHttpHeaders = form === undefined ? {} : { "content-type": type };
      const sent = request({ ...this.target, path, method, headers, agent: false }, (response) => {
        let body = "";
        response.setEncoding("utf8");
        response.on("data", (piece) => (body += piece));
        response.on("end", () =>
          resolve({ status: response.statusCode!, headers: response.headers, body }),
        );
      });
      sent.on("error", reject);
      sent.end(form);
    });
  }

  /** Where it listens, as `http.request` wants it. */
  get target(): { socketPath: string } | { host: string; port: string } {
    const { address } = this.server;
    if (address.startsWith("/")) return { socketPath: address };
    const [host, port] = address.split(":") as [string, string];
    return { host, port };
  }

  /** Answers with what the tests expect to see again. */
  #providers(): AdminProviders {
    const view = new StatView(this.store, defaultStatsSettings());
    return {
      stats: { view, prometheus: new PrometheusRenderer(view) },
      logging: {
        levels: () => [
          ["http", LogLevel.info],
          ["upstream", LogLevel.warning],
        ],
        setLevel: (component, level) => this.actions.push(`level ${component} ${level}`),
      },
      server: () => ({
        state: this.state,
        version: "test",
        uptimeSeconds: 7,
        uptimeAllEpochsSeconds: 9,
        hotRestartVersion: "nuncio.1",
        commandLineOptions: { concurrency: 2 },
        node: message("envoy.config.core.v3.Node", { id: "n1" }),
      }),
      xds: () => ({ nowMs: 0, sources: [secretSource()] }),
      clusters: () => [cluster("svc"), cluster("other")],
      listeners: () => [
        {
          name: "web",
          addresses: [ip("127.0.0.1", 80), { text: "/run/x", ip: "/run/x", port: 0 }],
        },
      ],
      configDump: (includeEds) => dumps(includeEds),
      explain: async (asked) => explanationOf(asked),
      runtime: () => ({
        layers: ["base", "admin"],
        entries: new Map([
          ["b", ["1", ""]],
          ["a.c", ["1", "2"]],
        ]),
      }),
      modifyRuntime: (values) => {
        this.actions.push(`runtime ${JSON.stringify([...values])}`);
        return values.has("no_layer") ? "No admin layer specified" : null;
      },
      memory: () => Promise.resolve({ allocated: 1, heapSize: 2, physical: 3 }),
      certificates: () => [],
      unreadyTargets: () =>
        this.state === "INITIALIZING" ? [{ name: "listener init", targetNames: ["target x"] }] : [],
      setHealthCheckFailed: (failed) => this.actions.push(`failed ${failed}`),
      drainListeners: (options) => this.actions.push(`drain ${JSON.stringify(options)}`),
      quit: () => this.actions.push("quit"),
      reopenLogs: () => this.actions.push("reopen"),
    };
  }
}

function message(typeName: string, init: Record<string, unknown>): Message {
  return create(envoyTypes().getMessage(typeName)!, init);
}

/** The request as it was understood, and a connection that leads to nothing. */
async function explanationOf(text: RequestText): Promise<Explanation> {
  const { method, scheme, host, target, headers, source } = readRequest(text);
  return {
    request: { method, scheme, host, path: target, headers, source: source.text },
    listener: { name: text.listener || "l", address: "", why: "", place: null },
    filterChain: { name: "", why: "", place: null, refused: [], matcher: [] },
    manager: null,
    scope: null,
    network: "the connection is closed",
    virtualHost: null,
    routes: [],
    outcomes: [],
  };
}

function ip(host: string, port: number): { text: string; ip: string; port: number } {
  return { text: `${host}:${port}`, ip: host, port };
}

function dumps(includeEds: boolean): Message[] {
  const text = (typeName: string, body: object): Message => {
    const source = { name: "dump.json", content: JSON.stringify(body) };
    const { message: loaded, problems } = load(typeName, [source]);
    assert.deepEqual(problems.list, []);
    return loaded;
  };
  const clusterOf = (name: string): object => ({
    cluster: {
      "@type": "type.googleapis.com/envoy.config.cluster.v3.Cluster",
      name,
      type: "STATIC",
    },
    last_updated: "2026-01-02T03:04:05Z",
  });
  return [
    text("envoy.admin.v3.BootstrapConfigDump", {
      bootstrap: { node: { id: "n1", cluster: "c1" } },
    }),
    text("envoy.admin.v3.ClustersConfigDump", {
      static_clusters: [clusterOf("a"), clusterOf("b")],
    }),
    ...(includeEds ? [text("envoy.admin.v3.EndpointsConfigDump", {})] : []),
    text("envoy.admin.v3.ListenersConfigDump", {}),
  ];
}

function cluster(name: string): ClusterStatus {
  const limits = { maxConnections: 1, maxPendingRequests: 2, maxRequests: 3, maxRetries: 4 };
  const config = {
    name,
    observabilityName: `${name}_alt`,
    circuitBreakers: { default: limits, high: limits },
  };
  const host = {
    address: ip("10.0.0.1", 80),
    hostname: "h",
    weight: 5,
    priority: 1,
    locality: { region: "r", zone: "", subZone: "s" },
    metadata: { "envoy.lb": { canary: true } },
    healthFlags: HealthFlag.FailedEdsHealth,
    stats: [
      { name: "rq_total", kind: "counter", value: 9 },
      { name: "cx_active", kind: "gauge", value: 0 },
    ],
  };
  const addedViaApi = name === "svc";
  return { config, addedViaApi, hosts: [host] } as unknown as ClusterStatus;
}

/** A secret that a control plane gave. */
function secretSource(): SourceStatus {
  const secret = message("envoy.extensions.transport_sockets.tls.v3.Secret", {
    name: "key",
    type: {
      case: "tlsCertificate",
      value: { privateKey: { specifier: { case: "inlineString", value: "not for everybody" } } },
    },
  });
  const desc = envoyTypes().getMessage(secret.$typeName)!;
  return {
    name: "ads",
    stream: {
      state: "connected",
      connectedSinceMs: 0,
      lastDisconnect: null,
      nextAttemptAtMs: null,
      attempts: 0,
      identifier: "",
      pendingTypeUrls: [],
      ignoredResponses: 0,
    },
    types: [
      {
        typeUrl: `type.googleapis.com/${secret.$typeName}`,
        version: "1",
        resources: [
          {
            name: "key",
            state: "ACKED",
            version: "1",
            content: toBinary(desc, secret),
            acceptedAtMs: 0,
            sinceMs: 0,
            expiresAtMs: null,
            error: null,
            waitsFor: null,
          },
        ],
      },
    ],
  };
}
