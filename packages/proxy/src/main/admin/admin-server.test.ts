import { create } from "@bufbuild/protobuf";
import type { Message } from "@bufbuild/protobuf";
import { envoyTypes, load } from "@nuncio/api";
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { request } from "node:http";
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, beforeEach, describe, it } from "node:test";
import { LogLevel } from "../../observe/log/level.ts";
import { defineStats } from "../../observe/stats/definition.ts";
import { PrometheusRenderer } from "../../observe/stats/render/prometheus.ts";
import { StatView } from "../../observe/stats/stat-view.ts";
import { defaultStatsSettings } from "../../observe/stats/stats-config.ts";
import { StatsStore } from "../../observe/stats/store.ts";
import type { ClusterStatus } from "../../upstream/manager/cluster-status.ts";
import { HealthFlag } from "../../upstream/shared/host-memory.ts";
import { AdminServer } from "./admin-server.ts";
import type { AdminConfig } from "./config.ts";
import type { AdminProviders, ServerState } from "./providers.ts";

const TABLE = defineStats({ total: "counter", active: "gauge", time: "histogram" });
const directory = mkdtempSync(join(tmpdir(), "admin-"));
after(() => rmSync(directory, { recursive: true }));

let state: ServerState;
let actions: string[];
let server: AdminServer;
let store: StatsStore;

beforeEach(async () => {
  state = "LIVE";
  actions = [];
  store = new StatsStore();
  await start({});
});
afterEach(() => server.close());

async function start(config: Partial<AdminConfig>, addressPath = ""): Promise<void> {
  const address = { ip: "127.0.0.1", port: 0, path: "", mode: 0, ipv4Compat: false };
  server = new AdminServer({
    config: { address, allowsPath: null, accessLogs: [], ...config },
    providers: providers(),
    formBytesMax: 100,
    addressPath,
  });
  await server.listen();
}

/** Answers with what the tests expect to see again. */
function providers(): AdminProviders {
  const view = new StatView(store, defaultStatsSettings());
  return {
    stats: { view, prometheus: new PrometheusRenderer(view) },
    logging: {
      levels: () => [
        ["http", LogLevel.info],
        ["upstream", LogLevel.warning],
      ],
      setLevel: (component, level) => actions.push(`level ${component} ${level}`),
    },
    server: () => ({
      state,
      version: "test",
      uptimeSeconds: 7,
      commandLineOptions: { concurrency: 2 },
      node: message("envoy.config.core.v3.Node", { id: "n1" }),
    }),
    clusters: () => [cluster("svc"), cluster("other")],
    listeners: () => [
      { name: "web", addresses: [ip("127.0.0.1", 80), { text: "/run/x", ip: "/run/x", port: 0 }] },
    ],
    configDump: (includeEds) => dumps(includeEds),
    runtime: () => ({
      layers: ["base", "admin"],
      entries: new Map([
        ["b", ["1", ""]],
        ["a.c", ["1", "2"]],
      ]),
    }),
    modifyRuntime: (values) => {
      actions.push(`runtime ${JSON.stringify([...values])}`);
      return !values.has("no_layer");
    },
    memory: () => Promise.resolve({ allocated: 1, heapSize: 2, physical: 3 }),
    certificates: () => [],
    unreadyTargets: () =>
      state === "INITIALIZING" ? [{ name: "listener init", targetNames: ["target x"] }] : [],
    setHealthCheckFailed: (failed) => actions.push(`failed ${failed}`),
    drainListeners: (options) => actions.push(`drain ${JSON.stringify(options)}`),
    quit: () => actions.push("quit"),
    reopenLogs: () => actions.push("reopen"),
  };
}

function message(typeName: string, init: Record<string, unknown>): Message {
  return create(envoyTypes().getMessage(typeName)!, init);
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
    cluster: { "@type": "type.googleapis.com/envoy.config.cluster.v3.Cluster", name, type: "STATIC" },
    last_updated: "2026-01-02T03:04:05Z",
  });
  return [
    text("envoy.admin.v3.BootstrapConfigDump", { bootstrap: { node: { id: "n1", cluster: "c1" } } }),
    text("envoy.admin.v3.ClustersConfigDump", { static_clusters: [clusterOf("a"), clusterOf("b")] }),
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
  return { config, hosts: [host] } as unknown as ClusterStatus;
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

function send(method: string, path: string, form?: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const [host, port] = server.address.split(":") as [string, string];
    const headers: OutgoingHttpHeaders =
      form === undefined ? {} : { "content-type": "application/x-www-form-urlencoded" };
    const sent = request({ host, port, path, method, headers, agent: false }, (response) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (piece) => (body += piece));
      response.on("end", () => resolve({ status: response.statusCode!, headers: response.headers, body }));
    });
    sent.on("error", reject);
    sent.end(form);
  });
}

const get = (path: string): Promise<Answer> => send("GET", path);
const post = (path: string, form?: string): Promise<Answer> => send("POST", path, form);

async function getJson(path: string): Promise<unknown> {
  const { status, headers, body } = await get(path);
  assert.equal(status, 200, body);
  assert.equal(headers["content-type"], "application/json");
  return JSON.parse(body);
}

describe("admin methods and paths", () => {
  it("has Envoy's headers", async () => {
    const { headers } = await get("/ready");
    assert.deepEqual(Object.keys(headers).filter((name) => name !== "connection"), [
      "content-type",
      "cache-control",
      "x-content-type-options",
      "date",
      "server",
      "transfer-encoding",
    ]);
    assert.equal(headers["content-type"], "text/plain; charset=UTF-8");
    assert.equal(headers["cache-control"], "no-cache, max-age=0");
    assert.equal(headers["x-content-type-options"], "nosniff");
  });

  it("answers unknown paths with 404 and the list", async () => {
    for (const path of ["/nope", "/ready/", "//ready"]) {
      const { status, body } = await get(path);
      assert.equal(status, 404, path);
      assert.match(body, /^invalid path\. admin commands are:\n {2}\/: Admin home page\n/);
    }
  });

  it("takes POST only where something changes, and any method elsewhere", async () => {
    for (const path of [
      "/drain_listeners",
      "/healthcheck/fail",
      "/healthcheck/ok",
      "/logging",
      "/quitquitquit",
      "/reopen_logs",
      "/reset_counters",
      "/runtime_modify",
    ]) {
      const { status, body } = await get(path);
      assert.deepEqual([status, body], [405, "Method GET not allowed, POST required."], path);
      assert.equal((await send("PUT", path)).status, 405);
    }
    assert.deepEqual(actions, []);
    for (const method of ["POST", "PUT", "DELETE", "OPTIONS"]) {
      assert.equal((await send(method, "/ready")).body, "LIVE\n", method);
    }
    assert.deepEqual([(await send("HEAD", "/ready")).status, (await send("HEAD", "/ready")).body], [200, ""]);
  });

  it("answers only the paths that are allowed", async () => {
    await server.close();
    await start({ allowsPath: (path) => path === "/ready" });
    assert.equal((await get("/ready")).status, 200);
    const { status, body } = await get("/ready?x");
    assert.deepEqual([status, body], [403, "request to path /ready?x not allowed"]);
  });

  it("lists every command with its parameters, on /help and as a page", async () => {
    const { body } = await get("/help");
    assert.match(body, /\n {2}\/listeners: print listener info\n {6}format: File format to use; One of \(text, json\)\n/);
    assert.match(body, /\n {2}\/quitquitquit \(POST\): exit the server\n/);
    const page = await get("/");
    assert.equal(page.headers["content-type"], "text/html; charset=UTF-8");
    assert.match(page.body, /<a href="stats\/prometheus">/);
    assert.match(page.body, /<form action="quitquitquit" method="post">/);
  });

  it("answers 500 when a provider throws, and goes on", async () => {
    store.onRead(() => {
      throw new Error("planted");
    });
    const { log } = await import("../../observe/log/log.ts");
    log.setLevel("admin", LogLevel.off);
    assert.deepEqual([(await get("/stats")).status, (await get("/ready")).status], [500, 200]);
    log.setLevel("admin", LogLevel.info);
  });

  it("refuses a form that is too long", async () => {
    assert.equal((await post("/runtime_modify", `a=${"x".repeat(99)}`)).status, 413);
    assert.deepEqual(actions, []);
  });
});

describe("admin state", () => {
  it("is ready when live", async () => {
    const answers: string[] = [];
    for (state of ["PRE_INITIALIZING", "INITIALIZING", "LIVE", "DRAINING"] as const) {
      const { status, body } = await get("/ready");
      answers.push(`${status} ${body}`);
    }
    assert.deepEqual(answers, ["503 PRE_INITIALIZING\n", "503 INITIALIZING\n", "200 LIVE\n", "503 DRAINING\n"]);
  });

  it("tells about the server", async () => {
    const info = (await getJson("/server_info")) as Record<string, unknown>;
    assert.equal(info["state"], "LIVE");
    assert.equal(info["uptime_current_epoch"], "7s");
    assert.deepEqual(info["command_line_options"], { concurrency: 2 });
    assert.deepEqual(info["node"], { id: "n1" });
    assert.equal((await get("/hot_restart_version")).body, "disabled");
    assert.deepEqual(await getJson("/certs"), { certificates: [] });
    assert.deepEqual(await getJson("/memory"), {
      allocated: "1",
      heap_size: "2",
      pageheap_unmapped: "0",
      pageheap_free: "0",
      total_thread_cache: "0",
      total_physical_bytes: "3",
    });
  });

  it("tells what start-up waits for", async () => {
    assert.deepEqual(await getJson("/init_dump"), {});
    state = "INITIALIZING";
    assert.deepEqual(await getJson("/init_dump?mask=listener"), {
      unready_targets_dumps: [{ name: "listener init", target_names: ["target x"] }],
    });
    assert.deepEqual(await getJson("/init_dump?mask=cluster"), {});
  });

  it("shows and changes runtime", async () => {
    assert.equal(
      (await get("/runtime")).body,
      `${JSON.stringify(
        {
          layers: ["base", "admin"],
          entries: {
            "a.c": { final_value: "2", layer_values: ["1", "2"] },
            b: { final_value: "1", layer_values: ["1", ""] },
          },
        },
        null,
        1,
      )}\n`,
    );
    assert.equal((await post("/runtime_modify")).status, 400);
    assert.equal((await post("/runtime_modify?a.b=1&c=%20+")).body, "OK\n");
    assert.equal((await post("/runtime_modify", "k=v&l=")).body, "OK\n");
    assert.equal((await post("/runtime_modify?no_layer=1")).status, 503);
    assert.deepEqual(actions.slice(0, 2), [
      'runtime [["a.b","1"],["c"," +"]]',
      'runtime [["k","v"],["l",""]]',
    ]);
  });

  it("does what it is told", async () => {
    for (const path of [
      "/healthcheck/fail",
      "/healthcheck/ok",
      "/drain_listeners",
      "/drain_listeners?graceful&skip_exit&inboundonly",
      "/reopen_logs",
      "/quitquitquit",
    ]) {
      const { status, body } = await post(path);
      assert.deepEqual([status, body], [200, "OK\n"], path);
    }
    assert.deepEqual(actions, [
      "failed true",
      "failed false",
      'drain {"graceful":false,"skipExit":false,"inboundOnly":false}',
      'drain {"graceful":true,"skipExit":true,"inboundOnly":true}',
      "reopen",
      "quit",
    ]);
  });
});

describe("/logging", () => {
  const list = "active loggers:\n  http: info\n  upstream: warning\n\n";

  it("lists and changes levels", async () => {
    for (const query of ["", "?level=debug", "?paths=http:trace,upstream:off", "?http=warn", "?paths=&level=error"]) {
      const { status, body } = await post(`/logging${query}`);
      assert.deepEqual([status, body], [200, list], query);
    }
    assert.equal((await post("/logging", "level=info")).status, 200);
    assert.deepEqual(actions, [
      "level null 1",
      "level http 0",
      "level upstream 6",
      "level http 3",
      "level null 4",
      "level null 2",
    ]);
  });

  it("refuses what it does not know, and changes nothing then", async () => {
    for (const [query, error] of [
      ["level=bogus", "unknown logger level"],
      ["paths=upstream:debug,bogus:info", "unknown logger name"],
      ["paths=upstream", "empty logger name or empty logger level"],
      ["paths=upstream:fff", "unknown logger level"],
      ["nope=info", "unknown logger name"],
      ["http=info&upstream=info", "invalid number of parameters"],
      ["group=http:info", "group parameter requires fine-grain logging to be enabled"],
    ] as const) {
      const { status, body } = await post(`/logging?${query}`);
      assert.equal(status, 400, query);
      assert.ok(body.startsWith(`error: ${error}\n\nusage: /logging?<name>=<level>`), body);
      assert.ok(body.endsWith(`levels: trace debug info warning error critical off \n${list}`), body);
    }
    assert.deepEqual(actions, []);
  });
});

describe("/clusters and /listeners", () => {
  it("print a line per fact", async () => {
    const { body } = await get("/clusters?filter=^s");
    assert.equal(
      body,
      `svc::observability_name::svc_alt
svc::default_priority::max_connections::1
svc::default_priority::max_pending_requests::2
svc::default_priority::max_requests::3
svc::default_priority::max_retries::4
svc::high_priority::max_connections::1
svc::high_priority::max_pending_requests::2
svc::high_priority::max_requests::3
svc::high_priority::max_retries::4
svc::added_via_api::false
svc::10.0.0.1:80::cx_active::0
svc::10.0.0.1:80::rq_total::9
svc::10.0.0.1:80::hostname::h
svc::10.0.0.1:80::health_flags::/failed_eds_health
svc::10.0.0.1:80::weight::5
svc::10.0.0.1:80::region::r
svc::10.0.0.1:80::zone::
svc::10.0.0.1:80::sub_zone::s
svc::10.0.0.1:80::canary::true
svc::10.0.0.1:80::priority::1
svc::10.0.0.1:80::success_rate::-1
svc::10.0.0.1:80::local_origin_success_rate::-1
`,
    );
    assert.match((await get("/clusters")).body, /\nother::observability_name/);
    const wrong = await get("/clusters?filter=(");
    assert.deepEqual([wrong.status, wrong.body], [400, "Invalid re2 regex"]);
    assert.equal((await get("/listeners")).body, "web::127.0.0.1:80\nweb::/run/x\n");
  });

  it("are JSON on demand", async () => {
    const limits = {
      max_connections: 1,
      max_pending_requests: 2,
      max_requests: 3,
      max_retries: 4,
    };
    assert.deepEqual(await getJson("/clusters?format=json&filter=svc"), {
      cluster_statuses: [
        {
          name: "svc",
          host_statuses: [
            {
              address: { socket_address: { address: "10.0.0.1", port_value: 80 } },
              stats: [{ value: "9", name: "rq_total" }, { type: "GAUGE", name: "cx_active" }],
              health_status: { eds_health_status: "UNHEALTHY" },
              weight: 5,
              hostname: "h",
              priority: 1,
              locality: { region: "r", sub_zone: "s" },
            },
          ],
          circuit_breakers: { thresholds: [limits, { priority: "HIGH", ...limits }] },
          observability_name: "svc_alt",
        },
      ],
    });
    assert.deepEqual(await getJson("/clusters?format=json&filter=none"), {});
    assert.deepEqual(await getJson("/listeners?format=json"), {
      listener_statuses: [
        {
          name: "web",
          local_address: { socket_address: { address: "127.0.0.1", port_value: 80 } },
          additional_local_addresses: [{ pipe: { path: "/run/x" } }],
        },
      ],
    });
  });
});

describe("/config_dump", () => {
  const types = (dump: unknown): string[] =>
    ((dump as { configs: { "@type": string }[] }).configs ?? []).map((one) =>
      one["@type"].replace("type.googleapis.com/envoy.admin.v3.", ""),
    );

  it("has every dump, and endpoints on demand", async () => {
    assert.deepEqual(types(await getJson("/config_dump")), [
      "BootstrapConfigDump",
      "ClustersConfigDump",
      "ListenersConfigDump",
    ]);
    assert.equal(types(await getJson("/config_dump?include_eds"))[2], "EndpointsConfigDump");
  });

  it("prints as Envoy does, indented by one", async () => {
    const { body } = await get("/config_dump?mask=bootstrap.node.id");
    assert.equal(
      body,
      `{
 "configs": [
  {
   "@type": "type.googleapis.com/envoy.admin.v3.BootstrapConfigDump",
   "bootstrap": {
    "node": {
     "id": "n1"
    }
   }
  }
 ]
}
`,
    );
  });

  it("picks a resource, a mask and a name", async () => {
    const type = "type.googleapis.com/envoy.admin.v3.ClustersConfigDump.StaticCluster";
    const cluster = "type.googleapis.com/envoy.config.cluster.v3.Cluster";
    assert.deepEqual(await getJson("/config_dump?resource=static_clusters&mask=cluster.name"), {
      configs: ["a", "b"].map((name) => ({ "@type": type, cluster: { "@type": cluster, name } })),
    });
    assert.deepEqual(await getJson("/config_dump?resource=static_clusters&name_regex=b.*&mask=last_updated"), {
      configs: [{ "@type": type, last_updated: "2026-01-02T03:04:05Z" }],
    });
    const named = (await getJson("/config_dump?name_regex=b")) as {
      configs: { static_clusters?: { cluster: { name: string } }[] }[];
    };
    assert.deepEqual(
      named.configs[1]!.static_clusters!.map((one) => one.cluster.name),
      ["b"],
    );
    assert.deepEqual(await getJson("/config_dump?resource=dynamic_listeners"), {});
  });

  it("says what is wrong with a question", async () => {
    for (const [query, status, text] of [
      ["resource=bogus", 404, "bogus not found in config dump"],
      ["resource=bootstrap", 400, "bootstrap is not a repeated field. Use ?mask=bootstrap to get only this field"],
      ["mask=bogus", 400, "FieldMask bogus could not be successfully applied to any configs."],
      ["resource=static_clusters&mask=foo", 400, "FieldMask foo could not be successfully used."],
      ["name_regex=(", 400, "INVALID_ARGUMENT: Error while parsing name_regex from (: missing ): ("],
    ] as const) {
      const answer = await get(`/config_dump?${query}`);
      assert.deepEqual([answer.status, answer.body], [status, text]);
      assert.equal(answer.headers["content-type"], "text/plain");
    }
  });
});

describe("/stats", () => {
  beforeEach(() => {
    const scope = store.scope("cluster.svc.", TABLE);
    store.main.slots[scope.base + TABLE.at.total] = 3;
    store.main.record(scope.histogramBase, 4);
    store.flush();
  });

  it("prints text, JSON and Prometheus", async () => {
    assert.equal(
      (await get("/stats?filter=^cluster&type=Counters")).body,
      "cluster.svc.total: 3\n",
    );
    assert.deepEqual(await getJson("/stats?format=json&filter=svc.total"), {
      stats: [{ name: "cluster.svc.total", value: 3 }],
    });
    const expected = '# TYPE envoy_cluster_total counter\nenvoy_cluster_total{envoy_cluster_name="svc"} 3\n';
    for (const path of ["/stats/prometheus?", "/stats?format=prometheus&", "/stats/prometheus?type=Gauges&"]) {
      assert.equal((await get(`${path}filter=svc.total`)).body, expected);
    }
    assert.match((await get("/stats/prometheus?histogram_buckets=summary")).body, /cluster_time summary\n/);
    assert.match((await get("/stats?histogram_buckets=disjoint&filter=svc.time")).body, /: B0\.5\(0,0\) B1\(0,0\) B5\(1,1\)/);
  });

  it("turns the filter around, and leaves out what is unused", async () => {
    const names = (body: string): string[] => body.trim().split("\n").map((line) => line.split(":")[0]!);
    const { body } = await get("/stats?filter=^(listener|http)&invert_filter");
    assert.deepEqual(names(body), ["cluster.svc.active", "cluster.svc.total", "cluster.svc.time"]);
    const used = await get("/stats?filter=svc&usedonly");
    assert.deepEqual(names(used.body), ["cluster.svc.total", "cluster.svc.time"]);
  });

  it("counts itself", async () => {
    await get("/ready");
    await get("/nope");
    const { body } = await get("/stats?filter=^http.admin.downstream_(rq_.xx|cx_total|rq_total)$");
    assert.equal(
      body,
      `http.admin.downstream_cx_total: 3
http.admin.downstream_rq_1xx: 0
http.admin.downstream_rq_2xx: 1
http.admin.downstream_rq_3xx: 0
http.admin.downstream_rq_4xx: 1
http.admin.downstream_rq_5xx: 0
http.admin.downstream_rq_total: 3
`,
    );
    assert.match((await get("/stats?filter=^http1.response")).body, /^http1\.response_flood: 0\n$/);
  });

  it("brings gauges up to date first", async () => {
    const scope = store.scope("server.", TABLE);
    store.onRead(() => (store.main.slots[scope.base + TABLE.at.active] = 42));
    assert.equal((await get("/stats?filter=^server.active")).body, "server.active: 42\n");
  });

  it("resets counters", async () => {
    assert.equal((await post("/reset_counters")).body, "OK\n");
    assert.equal((await get("/stats?filter=svc.total")).body, "cluster.svc.total: 0\n");
  });

  it("says what is wrong with a question", async () => {
    for (const [query, text] of [
      ["filter=(", "Invalid re2 regex: missing ): ("],
      ["filter=a**", "Invalid re2 regex: bad repetition operator: **"],
      ["type=bogus", "invalid &type= param"],
      ["format=bogus", "usage: /stats?format=(json|prometheus|text)\n\n"],
      ["histogram_buckets=bogus", "usage: /stats?histogram_buckets=(cumulative|disjoint|detailed|summary)\n\n"],
      ["format=prometheus&histogram_buckets=detailed", "unsupported prometheus histogram bucket mode"],
    ]) {
      const answer = await get(`/stats?${query}`);
      assert.deepEqual([answer.status, answer.body], [400, text]);
    }
  });

  it("streams what a slow client takes, and stops when it goes away", async () => {
    for (let i = 0; i < 3000; i++) store.scope(`cluster.c${i}.`, TABLE);
    const lines = (await get("/stats?type=Counters&filter=^cluster")).body.split("\n");
    assert.equal(lines.length, 3001 + 1);
    const [host, port] = server.address.split(":");
    await new Promise<void>((resolve) => {
      const sent = request({ host, port, path: "/stats", agent: false }, (response) => {
        response.once("data", () => {
          response.destroy();
          resolve();
        });
      });
      sent.end();
    });
    assert.equal((await get("/ready")).status, 200);
  });
});

describe("the admin listener", () => {
  it("writes its address to a file and refuses a port in use", async () => {
    const path = join(directory, "address.txt");
    await server.close();
    await start({}, path);
    assert.equal(readFileSync(path, "utf8"), server.address);
    const taken = Number(server.address.split(":")[1]);
    const first = server;
    const address = { ip: "127.0.0.1", port: taken, path: "", mode: 0, ipv4Compat: false };
    await assert.rejects(start({ address }), { code: "EADDRINUSE" });
    await first.close();
  });

  it("listens on a pipe, also where a former process left one", async () => {
    await server.close();
    const path = join(directory, "admin.sock");
    const address = { ip: "", port: 0, path, mode: 0, ipv4Compat: false };
    await start({ address });
    assert.equal(server.address, path);
    const status = await new Promise((resolve) => {
      request({ socketPath: path, path: "/ready", agent: false }, (response) => {
        response.resume().once("end", () => resolve(response.statusCode));
      }).end();
    });
    assert.equal(status, 200);
  });
});
