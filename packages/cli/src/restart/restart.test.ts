import assert from "node:assert/strict";
import { execFile, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import http from "node:http";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { fileURLToPath } from "node:url";

const LAUNCHER = fileURLToPath(new URL("../../bin/nuncio.mjs", import.meta.url));

const ACTIVATE = 'LISTEN_PID=$$ LISTEN_FDS=1 exec "$0" "$@"';

/** Sockets by path need no ports. */
function config(folder: string, body: string): string {
  return `
admin: { address: { pipe: { path: ${folder}/admin } } }
static_resources:
  listeners:
  - name: main
    address: { pipe: { path: ${folder}/main } }
    filter_chains:
    - filters:
      - name: hcm
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
          stat_prefix: in
          http_filters:
          - name: router
            typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router }
          route_config:
            virtual_hosts:
            - name: all
              domains: ["*"]
              routes:
              - match: { prefix: / }
                direct_response: { status: 200, body: { inline_string: "${body}" } }
`;
}

interface Proxy {
  readonly folder: string;
  readonly first: ChildProcess;
  get(path: string, socket?: "main" | "admin"): Promise<string>;
  restart(...flags: string[]): Promise<{ readonly code: number; readonly output: string }>;
  configure(text: string): void;
}

/**
 * A proxy that serves, with all that come after it; all of them end with the test. `passed`: a listening socket, as from the
 * service manager.
 */
async function startProxy(
  t: TestContext,
  configOf: (folder: string) => string = (folder) => config(folder, "one"),
  passed?: number,
): Promise<Proxy> {
  const folder = mkdtempSync(join(tmpdir(), "nuncio-restart-"));
  const file = join(folder, "envoy.yaml");
  const configure = (text: string): void => writeFileSync(file, text);
  configure(configOf(folder));
  const flags = ["--use-dynamic-base-id", "--base-id-path", join(folder, "base-id"), "-l", "error"];
  const command = [LAUNCHER, "proxy", "-c", file, "--concurrency", "1", ...flags];
  const first =
    passed === undefined
      ? spawn(process.execPath, command, { stdio: "ignore" })
      : // The variable wants the number that the process will have.
        spawn("/bin/sh", ["-c", ACTIVATE, process.execPath, ...command], {
          stdio: ["ignore", "ignore", "ignore", passed],
        });
  const get = (path: string, socket: "main" | "admin" = "main"): Promise<string> =>
    new Promise((resolve, reject) => {
      const where = { socketPath: join(folder, socket), path, agent: false };
      http
        .get(where, (response) => {
          let text = "";
          response.setEncoding("utf8");
          response.on("data", (piece: string) => (text += piece));
          response.on("end", () => resolve(text));
        })
        .on("error", reject);
    });
  t.after(async () => {
    const quit = http.request({
      socketPath: join(folder, "admin"),
      path: "/quitquitquit",
      method: "POST",
    });
    quit.on("error", () => {});
    quit.end();
    while (await get("/ready", "admin").catch(() => null)) await pause();
    rmSync(folder, { recursive: true });
  });
  while ((await get("/ready", "admin").catch(() => "")) !== "LIVE\n") {
    assert.equal(first.exitCode, null);
    await pause();
  }
  const restart = (...more: string[]): Promise<{ code: number; output: string }> =>
    new Promise((resolve) => {
      const asks = [LAUNCHER, "restart", "--base-id-path", join(folder, "base-id"), ...more];
      execFile(process.execPath, asks, (error, stdout, stderr) =>
        resolve({ code: error === null ? 0 : Number(error.code), output: stdout + stderr }),
      );
    });
  return { folder, first, get, restart, configure };
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 20));
}

interface ServerInfo {
  readonly state: string;
  readonly command_line_options: { readonly restart_epoch: number; readonly base_id: string };
}

async function serverInfo(proxy: Proxy): Promise<ServerInfo> {
  return JSON.parse(await proxy.get("/server_info", "admin")) as ServerInfo;
}

void test("a successor takes over sockets, admin and counters, and the old process ends", async (t) => {
  const proxy = await startProxy(t);
  assert.equal(await proxy.get("/"), "one");
  proxy.configure(config(proxy.folder, "two"));
  const ended = once(proxy.first, "exit");
  const { code, output } = await proxy.restart();
  assert.match(
    output,
    /^process (\d+) serves, epoch 0\nprocess (\d+) starts, epoch 1\nprocess \2 serves after [\d.]+ s; the one before it drains\n$/,
  );
  assert.equal(code, 0);
  assert.equal(await proxy.get("/"), "two");
  assert.deepEqual(await ended, [0, null]);
  const { state, command_line_options: options } = await serverInfo(proxy);
  assert.deepEqual([state, options.restart_epoch], ["LIVE", 1]);
  assert.equal(options.base_id, readFileSync(join(proxy.folder, "base-id"), "utf8"));
  const stats = await proxy.get("/stats?filter=downstream_rq_2xx|hot_restart", "admin");
  assert.match(stats, /^http\.in\.downstream_rq_2xx: 2$/m);
  assert.match(stats, /^server\.hot_restart_epoch: 1$/m);
  assert.match(stats, /^server\.hot_restart_generation: 2$/m);
  // And once more: the name goes on from process to process.
  assert.equal((await proxy.restart()).code, 0);
  assert.equal((await serverInfo(proxy)).command_line_options.restart_epoch, 2);
  assert.equal(existsSync(join(proxy.folder, "main")), true);
});

void test("a successor that cannot start leaves the proxy as it was", async (t) => {
  const proxy = await startProxy(t);
  const before = await serverInfo(proxy);
  proxy.configure("static_resources: { listeners: 7 }");
  const bad = await proxy.restart();
  assert.equal(bad.code, 1);
  assert.match(
    bad.output,
    /not restarted: .*envoy\.yaml:1:\d+ static_resources\.listeners\[0\]: expected an object/,
  );
  proxy.configure(config(proxy.folder, "two").replace("/main", "/no/such/folder"));
  const unbound = await proxy.restart();
  assert.equal(unbound.code, 1);
  assert.match(unbound.output, /not restarted: .*cannot bind '.*\/no\/such\/folder'/);
  assert.equal(await proxy.get("/"), "one");
  assert.deepEqual(
    { ...(await serverInfo(proxy)), uptime_current_epoch: 0, uptime_all_epochs: 0 },
    { ...before, uptime_current_epoch: 0, uptime_all_epochs: 0 },
  );
  assert.equal(proxy.first.exitCode, null);
  proxy.configure(config(proxy.folder, "three"));
  assert.equal((await proxy.restart()).code, 0);
  assert.equal(await proxy.get("/"), "three");
});

void test("a successor that does not come to serve in time is ended", async (t) => {
  const proxy = await startProxy(t);
  const { code, output } = await proxy.restart("--timeout-s", "0");
  assert.equal(code, 1);
  assert.match(output, /not restarted: it was not live after 0 s\n$/);
  assert.equal(await proxy.get("/"), "one");
  assert.equal((await proxy.restart()).code, 0);
});

void test("a socket that the service manager opened goes from process to process", async (t) => {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as net.AddressInfo;
  const { fd } = Reflect.get(server, "_handle") as { readonly fd: number };
  const address = `socket_address: { address: 127.0.0.1, port_value: ${port} }`;
  const onPort = (folder: string): string =>
    config(folder, "passed on").replace(`pipe: { path: ${folder}/main }`, address);
  const proxy = await startProxy(t, onPort, fd);
  // From here on only the proxy has it; nobody could have bound beside it.
  server.close();
  const get = async (): Promise<string> => (await fetch(`http://127.0.0.1:${port}/`)).text();
  assert.equal(await get(), "passed on");
  assert.equal((await proxy.restart()).code, 0);
  assert.equal(await get(), "passed on");
});

void test("says where it looked when there is no proxy", async () => {
  const folder = mkdtempSync(join(tmpdir(), "nuncio-restart-"));
  const path = join(folder, "nobody");
  const command = [LAUNCHER, "restart", "--socket-path", path, "--base-id", "3"];
  const failed = new Promise((resolve) => {
    execFile(process.execPath, command, (error, _stdout, stderr) => resolve([error?.code, stderr]));
  });
  assert.deepEqual(await failed, [
    1,
    `nuncio: not restarted: no proxy found at '${path}_3': No such file or directory\n`,
  ]);
  rmSync(folder, { recursive: true });
});
