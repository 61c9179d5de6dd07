import assert from "node:assert/strict";
import { existsSync, readFileSync, rmSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { test, type TestContext } from "node:test";
import { setImmediate } from "node:timers/promises";
import { Table } from "../incremental/table.ts";
import type { IrInfrastructure } from "../ir/infrastructure.ts";
import { HostDataPlanes } from "./host-data-planes.ts";

const GATEWAY: IrInfrastructure = {
  gateway: "ns/web",
  gatewayClass: "nuncio",
  dataPlane: "Nuncio",
  addresses: [],
  ports: [],
  labels: {},
  annotations: {},
};

interface Fixture {
  readonly table: Table<IrInfrastructure>;
  readonly planes: HostDataPlanes;
  readonly started: (readonly string[])[];
  /** Flags of each start that are about hot restart. */
  readonly restartFlags: (readonly string[])[];
  /** The next thing that is said of the data plane: a failure, or undefined when it runs. */
  next(): Promise<string | undefined>;
}

/** Data planes that are a line of JavaScript. */
function fixture(t: TestContext, script: string, hotRestart = false): Fixture {
  const table = new Table<IrInfrastructure>("infrastructure");
  const said: (string | undefined)[] = [];
  const started: string[][] = [];
  const restartFlags: (readonly string[])[] = [];
  let wake = (): void => {};
  const planes = new HostDataPlanes({
    infrastructure: table,
    xds: { host: "127.0.0.1", port: 7 },
    dataPlane: "Nuncio",
    hotRestart,
    command: (wanted, file, flags) => {
      started.push([wanted.dataPlane, file]);
      restartFlags.push(flags);
      return [process.execPath, "-e", script, file];
    },
    onState: (_, failure) => {
      said.push(failure);
      wake();
    },
    onError: (message) => assert.fail(message),
    backOff: { baseIntervalMs: 1, maxIntervalMs: 1 },
  });
  t.after(() => planes.close());
  return {
    table,
    planes,
    started,
    restartFlags,
    next: async () => {
      while (said.length === 0) await new Promise<void>((resolve) => (wake = resolve));
      return said.shift();
    },
  };
}

test("a process runs as long as its gateway is there, with a bootstrap of its own", async (t) => {
  const { table, planes, started, next } = fixture(t, "setInterval(() => {}, 1000)");
  table.set("ns/web", GATEWAY);
  assert.equal(await next(), undefined);
  const bootstrap = JSON.parse(readFileSync(started[0]![1]!, "utf8")) as { node: object };
  assert.deepEqual(bootstrap.node, { id: "ns/web", cluster: "ns/web" });
  table.set("ns/web", { ...GATEWAY, ports: [{ name: "tcp-80", protocol: "TCP", port: 80 }] });
  assert.equal(started.length, 1, "of ports the process hears by xDS");
  await planes.close();
  assert.equal(existsSync(started[0]![1]!), false, "what was made for it is gone");
});

test("a process that ends is started again, and its last words are told", async (t) => {
  const { table, started, next } = fixture(t, 'console.error("no room"); process.exit(3)');
  table.set("ns/web", GATEWAY);
  assert.equal(await next(), undefined);
  assert.equal(await next(), "the data plane ended with 3: no room");
  assert.equal(await next(), undefined, "another try");
  assert.deepEqual(started[0], started[1], "with the same command");
});

test("another kind of data plane is another process", async (t) => {
  const { table, started, next } = fixture(t, "setInterval(() => {}, 1000)");
  table.set("ns/web", GATEWAY);
  assert.equal(await next(), undefined);
  table.set("ns/web", { ...GATEWAY, dataPlane: "Envoy" });
  assert.equal(await next(), undefined);
  assert.deepEqual(
    started.map(([kind]) => kind),
    ["Nuncio", "Envoy"],
  );
});

test("the admin interface is where the Gateway wants it", async (t) => {
  const { table, started, next } = fixture(t, "setInterval(() => {}, 1000)");
  table.set("ns/web", { ...GATEWAY, adminPort: 9_001 });
  assert.equal(await next(), undefined);
  const { admin } = JSON.parse(readFileSync(started[0]![1]!, "utf8")) as { admin: object };
  assert.deepEqual(admin, {
    address: { socket_address: { address: "127.0.0.1", port_value: 9_001 } },
  });
});

test("labels and annotations are the node's, and others are another process", async (t) => {
  const { table, started, next } = fixture(t, "setInterval(() => {}, 1000)");
  const nodeOf = (): object => {
    const bootstrap = readFileSync(started.at(-1)![1]!, "utf8");
    return (JSON.parse(bootstrap) as { node: object }).node;
  };
  table.set("ns/web", { ...GATEWAY, labels: { team: "web" } });
  assert.equal(await next(), undefined);
  const node = { id: "ns/web", cluster: "ns/web" };
  assert.deepEqual(nodeOf(), { ...node, metadata: { labels: { team: "web" } } });
  table.set("ns/web", { ...GATEWAY, annotations: { "example.com/cost": "12" } });
  assert.equal(await next(), undefined);
  assert.equal(started.length, 2);
  assert.deepEqual(nodeOf(), { ...node, metadata: { annotations: { "example.com/cost": "12" } } });
});

test("by hot restart a process of the same kind takes over, within the times of its Gateway", async (t) => {
  const { table, started, restartFlags, next } = fixture(t, "setInterval(() => {}, 1000)", true);
  const seconds = (): string => {
    const flags = restartFlags.at(-1)!;
    return flags[flags.indexOf("--parent-shutdown-time-s") + 1]!;
  };
  table.set("ns/web", GATEWAY);
  assert.equal(await next(), undefined);
  assert.equal(seconds(), "900");
  const { admin } = JSON.parse(readFileSync(started[0]![1]!, "utf8")) as {
    admin: { address: { pipe: { path: string } } };
  };
  const { path } = admin.address.pipe;
  assert.ok(path.startsWith(dirname(started[0]![1]!)), "admin is for this user alone");
  assert.equal(statSync(dirname(dirname(path))).mode & 0o777, 0o700);
  for (const [gateway, given, expected] of [
    ["ns/a", { drainSeconds: 2 }, "302"],
    ["ns/b", { drainSeconds: 2, terminationSeconds: 10 }, "10"],
    ["ns/c", { terminationSeconds: 10 }, "900"],
    ["ns/d", { terminationSeconds: 700 }, "700"],
    ["ns/e", { drainSeconds: 0 }, "300"],
  ] as const) {
    table.set(gateway, { ...GATEWAY, gateway, ...given });
    assert.equal(await next(), undefined);
    assert.equal(seconds(), expected, gateway);
  }
});

test("what runs by default is no other kind when a Gateway asks for it", async (t) => {
  const { table, started, restartFlags, next } = fixture(t, "setInterval(() => {}, 1000)");
  table.set("ns/web", GATEWAY);
  assert.equal(await next(), undefined);
  table.set("ns/web", { ...GATEWAY, dataPlane: "Nuncio" });
  assert.equal(started.length, 1);
  assert.deepEqual(restartFlags, [["--disable-hot-restart"]]);
});

/** Writes its number to `<bootstrap>.deaf` when it no longer hears what it is told. */
const DEAF = `
  process.on("SIGTERM", () => {});
  require("node:fs").writeFileSync(process.argv[1] + ".deaf", String(process.pid));
  setInterval(() => {}, 1000);`;

test("a process that does not end in time is killed", async (t) => {
  const { table, planes, started, next } = fixture(t, DEAF);
  table.set("ns/web", { ...GATEWAY, terminationSeconds: 3_600 });
  assert.equal(await next(), undefined);
  while (!existsSync(`${started[0]![1]!}.deaf`)) await setImmediate();
  table.set("ns/web", { ...GATEWAY, terminationSeconds: 1 });
  assert.equal(started.length, 1, "how long it may take to end is nothing to start it again for");
  await planes.close();
});

test("the process of a gateway that is gone has its time when all are ended", async (t) => {
  const { table, planes, started, next } = fixture(t, DEAF);
  table.set("ns/web", { ...GATEWAY, terminationSeconds: 1 });
  assert.equal(await next(), undefined);
  const file = `${started[0]![1]!}.deaf`;
  const pid = (): number => (existsSync(file) ? Number(readFileSync(file, "utf8")) : 0);
  while (pid() === 0) await setImmediate();
  const ending = pid();
  table.delete("ns/web");
  await planes.close();
  assert.throws(() => process.kill(ending, 0), { code: "ESRCH" });
});

test("a program that is not there is said to be missing", async (t) => {
  const table = new Table<IrInfrastructure>("infrastructure");
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const planes = new HostDataPlanes({
    infrastructure: table,
    xds: { host: "127.0.0.1", port: 7 },
    dataPlane: "Nuncio",
    hotRestart: false,
    command: () => ["/nowhere/envoy"],
    onState: (_, failure) => resolve(failure),
    onError: (message) => assert.fail(message),
  });
  t.after(() => planes.close());
  table.set("ns/web", GATEWAY);
  assert.match((await promise)!, /^\/nowhere\/envoy cannot be started: .*ENOENT/);
});

test("a Gateway with the longest names has a file like any other", async (t) => {
  const { table, started, next } = fixture(t, "setInterval(() => {}, 1000)");
  const gateway = `${"n".repeat(63)}/${"g".repeat(253)}`;
  table.set(gateway, { ...GATEWAY, gateway });
  table.set(`${gateway.slice(0, -1)}h`, { ...GATEWAY, gateway: `${gateway.slice(0, -1)}h` });
  assert.deepEqual([await next(), await next()], [undefined, undefined]);
  assert.notEqual(started[0]![1], started[1]![1]);
  assert.ok(existsSync(started[1]![1]!));
});

test("a bootstrap that somebody took away is there again at the next start", async (t) => {
  const { table, started, next } = fixture(
    t,
    `console.error("gone"); process.stdin.resume(); process.exit(3)`,
  );
  table.set("ns/web", GATEWAY);
  assert.equal(await next(), undefined);
  rmSync(dirname(started[0]![1]!), { recursive: true });
  assert.match((await next())!, /ended with 3/);
  assert.equal(await next(), undefined);
  assert.ok(existsSync(started.at(-1)![1]!));
});
