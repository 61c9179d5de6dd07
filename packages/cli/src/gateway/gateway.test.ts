import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, get } from "node:http";
import type { AddressInfo } from "node:net";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { runNuncio } from "../testing/running-proxy.ts";

const LAUNCHER = fileURLToPath(new URL("../../bin/nuncio.mjs", import.meta.url));

function resources(gatewayPort: number, backendPort: number, path: string): string {
  return `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: web }
spec: { gatewayClassName: nuncio, listeners: [{ name: http, protocol: HTTP, port: ${gatewayPort} }] }
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: route }
spec:
  parentRefs: [{ name: web }]
  rules:
    - matches: [{ path: { value: ${path} } }]
      backendRefs: [{ name: service, port: 80 }]
---
apiVersion: v1
kind: Service
metadata: { name: service }
spec: { ports: [{ port: 80 }] }
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { name: service-1, labels: { kubernetes.io/service-name: service } }
addressType: IPv4
ports: [{ port: ${backendPort} }]
endpoints: [{ addresses: [127.0.0.1] }]
`;
}

interface Output {
  /** Resolves when the text was printed after what was waited for before. */
  until(pattern: RegExp): Promise<RegExpExecArray>;
}

function outputOf(child: ChildProcess): Output {
  let text = "";
  let wake = (): void => {};
  const take = (piece: string): void => {
    text += piece;
    wake();
  };
  child.stdout!.setEncoding("utf8").on("data", take);
  child.stderr!.setEncoding("utf8").on("data", take);
  return {
    async until(pattern) {
      for (;;) {
        const match = pattern.exec(text);
        if (match !== null) {
          text = text.slice(match.index + match[0].length);
          return match;
        }
        await new Promise<void>((resolve) => (wake = resolve));
      }
    },
  };
}

/** A backend that says which path it was asked for; resolves to its port. */
async function startBackend(t: TestContext): Promise<number> {
  const server = createServer((request, response) => response.end(`saw ${request.url}`));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close().closeAllConnections());
  return (server.address() as AddressInfo).port;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function ask(port: number, path: string, host = "127.0.0.1"): Promise<string> {
  return new Promise((resolve, reject) => {
    get({ host, port, path, agent: false }, (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (piece: string) => (body += piece));
      response.on("end", () => resolve(`${response.statusCode} ${body}`.trim()));
    }).on("error", reject);
  });
}

/** Asks until the answer is this: what is new is on its way. */
async function answers(port: number, path: string, expected: string): Promise<void> {
  while ((await ask(port, path).catch(String)) !== expected);
}

/** `gateway run` with the resources of a folder; it ends with the test. */
function startGateway(
  t: TestContext,
  folder: string,
  ...flags: readonly string[]
): {
  readonly child: ChildProcess;
  readonly exit: Promise<unknown[]>;
  readonly output: Output;
} {
  const command = [LAUNCHER, "gateway", "run", "--resources", folder, "--admin-port", "0"];
  const child = spawn(process.execPath, [...command, ...flags], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const exit = once(child, "exit");
  t.after(async () => {
    child.kill("SIGTERM");
    await exit;
  });
  return { child, exit, output: outputOf(child) };
}

const hasIpv6 = Object.values(networkInterfaces()).some((addresses) =>
  addresses?.some(({ address }) => address === "::1"),
);

for (const infrastructure of ["embedded", "host"])
  void test(`files are served and followed: ${infrastructure}`, { timeout: 60_000 }, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), "nuncio-gateway-"));
    t.after(() => rmSync(folder, { recursive: true }));
    const [backend, port] = [await startBackend(t), await freePort()];
    const file = join(folder, "all.yaml");
    writeFileSync(file, resources(port, backend, "/one"));
    const { child, exit, output } = startGateway(
      t,
      folder,
      "--infrastructure",
      infrastructure,
      "--admin",
      "none",
    );
    await output.until(/Gateway default\/web: .*Programmed\n/);
    // A data plane says that it takes a listener before it has all that the listener needs.
    await answers(port, "/one/x", "200 saw /one/x");
    assert.equal(await ask(port, "/two"), "404");
    if (hasIpv6) assert.equal(await ask(port, "/one/x", "::1"), "200 saw /one/x");

    writeFileSync(file, resources(port, backend, "/two"));
    await answers(port, "/two", "200 saw /two");
    assert.equal(await ask(port, "/one"), "404");

    writeFileSync(file, resources(port, backend, "two").replaceAll("rules:", "ruls:"));
    await output.until(/all\.yaml:\d+:\d+ HTTPRoute default\/route: .*ruls/);
    assert.equal(await ask(port, "/two"), "200 saw /two");
    child.kill("SIGTERM");
    const [code] = (await exit) as [number | null];
    assert.equal(code, 0);
  });

/** A Gateway, and a route by which it says who it is. */
function gatewayOn(port: number, name: string): string {
  return `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: ${name} }
spec: { gatewayClassName: nuncio, listeners: [{ name: http, protocol: HTTP, port: ${port} }] }
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: ${name} }
spec:
  parentRefs: [{ name: ${name} }]
  rules: [{ filters: [{ type: RequestRedirect, requestRedirect: { hostname: ${name}.example.com } }] }]
`;
}

function redirectedTo(port: number): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    get({ host: "127.0.0.1", port, agent: false }, (response) => {
      response.resume();
      resolve(response.headers.location);
    }).on("error", reject);
  });
}

for (const infrastructure of ["embedded", "host"])
  void test(
    `a port that another has is told of, and taken over: ${infrastructure}`,
    { timeout: 60_000 },
    async (t) => {
      const folder = mkdtempSync(join(tmpdir(), "nuncio-gateway-"));
      t.after(() => rmSync(folder, { recursive: true }));
      const [occupant, port] = [createServer().listen(0, "127.0.0.1"), await freePort()];
      t.after(() => occupant.close());
      if (!occupant.listening) await once(occupant, "listening");
      const { port: foreign } = occupant.address() as AddressInfo;
      writeFileSync(join(folder, "a.yaml"), gatewayOn(port, "a"));
      writeFileSync(join(folder, "b.yaml"), gatewayOn(port, "b"));
      writeFileSync(join(folder, "c.yaml"), gatewayOn(foreign, "c"));
      const { output } = startGateway(t, folder, "--infrastructure", infrastructure);
      await output.until(
        new RegExp(
          `http: Accepted=False PortUnavailable: TCP port ${port} belongs to Gateway default/a`,
        ),
      );
      await output.until(
        new RegExp(
          `http: Accepted=False PortUnavailable: cannot bind '.*:${foreign}': Address already`,
        ),
      );
      while ((await redirectedTo(port).catch(String)) !== `http://a.example.com:${port}/`);
      rmSync(join(folder, "a.yaml"));
      while ((await redirectedTo(port).catch(String)) !== `http://b.example.com:${port}/`);
      occupant.close();
      await output.until(/Gateway default\/c: .*Programmed\n/);
      while ((await redirectedTo(foreign).catch(String)) !== `http://c.example.com:${foreign}/`);
    },
  );

void test(
  "a Gateway that is added takes no port from one that serves, nor after a restart",
  { timeout: 60_000 },
  async (t) => {
    const folder = mkdtempSync(join(tmpdir(), "nuncio-gateway-"));
    t.after(() => rmSync(folder, { recursive: true }));
    const port = await freePort();
    const flags = ["--admin", "none", "--status-file", join(folder, "status")];
    const taken = new RegExp(`TCP port ${port} belongs to Gateway default/b`);
    writeFileSync(join(folder, "b.yaml"), gatewayOn(port, "b"));
    const first = startGateway(t, folder, ...flags);
    while ((await redirectedTo(port).catch(String)) !== `http://b.example.com:${port}/`);
    writeFileSync(join(folder, "a.yaml"), gatewayOn(port, "a"));
    await first.output.until(taken);
    first.child.kill("SIGTERM");
    await first.exit;
    const second = startGateway(t, folder, ...flags);
    await second.output.until(taken);
    while ((await redirectedTo(port).catch(String)) !== `http://b.example.com:${port}/`);
  },
);

void test("the control plane is looked into", { timeout: 60_000 }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "nuncio-gateway-"));
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "a.yaml"), gatewayOn(await freePort(), "a"));
  const { output } = startGateway(t, folder, "--admin", "127.0.0.1:0");
  const [, admin = ""] = await output.until(/admin on (127.0.0.1:\d+)\n/);
  await output.until(/Gateway default\/a: .*Programmed\n/);
  const asked = await fetch(`http://${admin}/ready`);
  assert.equal(`${asked.status} ${await asked.text()}`, "200 ready\n");
  const { status, stdout } = runNuncio(["ctl", "status", "gateway", "--admin", admin]);
  assert.equal(status, 0);
  assert.match(stdout, /default +gateway\/a +- +Programmed +True +Programmed\n/);

  const second = runNuncio(["gateway", "run", "-r", folder, "--admin", admin]);
  assert.equal(second.status, 1);
  assert.match(
    second.stderr,
    new RegExp(`^nuncio: --admin: .*${admin}: address already in use\n$`),
  );
});

void test("answers a wrong use with one line", () => {
  assert.match(runNuncio(["gateway"]).stderr, /^nuncio: gateway: expected run, got none\n$/);
  const run = (...flags: string[]): string => runNuncio(["gateway", "run", ...flags]).stderr;
  assert.match(
    run("--resources", "/nowhere"),
    /^nuncio: --resources: \/nowhere: expected a file or a folder, found nothing\n$/,
  );
  assert.match(run("--data-plane", "nginx"), /expected nuncio, envoy; got "nginx"\n$/);
  assert.match(
    run("--data-plane", "envoy", "--infrastructure", "embedded"),
    /^nuncio: --infrastructure: expected host/,
  );
  assert.match(
    run("--log-level", "loud"),
    /^nuncio: --log-level: expected a level \(trace, .*\), got "loud"\n$/,
  );
  for (const admin of ["here", "127.0.0.1:70000", ":1"])
    assert.equal(
      run("--admin", admin),
      `nuncio: --admin: expected HOST:PORT, such as 127.0.0.1:19000, or none; got "${admin}"\n`,
    );
});
