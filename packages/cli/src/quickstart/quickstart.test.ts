import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { FILE_PORTS, quickstartConfig } from "./config.ts";
import type { QuickstartPorts } from "./config.ts";

const LAUNCHER = fileURLToPath(new URL("../../bin/nuncio.mjs", import.meta.url));

void test("answers what its hints say, and ends with all it started", async () => {
  const ports = await freePorts();
  const child = start(ports);
  const output = collect(child);
  try {
    await output.until("Ctrl-C ends everything");
    await probe(ports);
    await output.until("GET /a/some/path -> 200 service_a");
  } finally {
    child.kill("SIGINT");
  }
  assert.equal(await output.exit, 0, output.text());
  await assert.rejects(
    fetch(`http://127.0.0.1:${ports.serviceA}/`),
    "a demo service is left behind",
  );
});

void test("says which port is in use, and which flag takes another one", async () => {
  const ports = await freePorts();
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(ports.serviceB, "127.0.0.1", resolve));
  const output = collect(start(ports));
  assert.equal(await output.exit, 1);
  assert.equal(
    output.text(),
    `nuncio: port ${ports.serviceB} of service_b is in use by another program: --service-b-port takes another one\n`,
  );
  await new Promise((resolve) => taken.close(resolve));
});

void test("puts other ports into the example, also when they swap places", () => {
  const { web, admin, serviceA, serviceB } = FILE_PORTS;
  const swapped = quickstartConfig({
    web: admin,
    admin: web,
    serviceA: serviceB,
    serviceB: serviceA,
  });
  const order = [...swapped.matchAll(/port_value: (\d+) /g)].map(([, port]) => Number(port));
  assert.deepEqual(order, [web, admin, serviceB, serviceA]);
  assert.doesNotMatch(quickstartConfig(FILE_PORTS), /port_value: [^\d]/);
});

/** The requests of the hints. Envoy gives the same answers to the same file. */
async function probe(ports: QuickstartPorts): Promise<void> {
  const web = `http://127.0.0.1:${ports.web}`;
  const get = async (
    path: string,
    init: RequestInit = {},
  ): Promise<{ response: Response; text: string }> => {
    const response = await fetch(web + path, { redirect: "manual", ...init });
    return { response, text: await response.text() };
  };
  const byPrefix = await get("/a/some/path");
  assert.equal(byPrefix.response.status, 200);
  assert.equal(byPrefix.response.headers.get("x-served-by"), "service_a");
  assert.match(byPrefix.text, /^service_a saw GET \/some\/path with 0 bytes\n/);
  assert.match(byPrefix.text, /x-quickstart: 127\.0\.0\.1\n/);
  assert.match(byPrefix.text, /x-envoy-original-path: \/a\/some\/path\n/);
  assert.match(
    (await get("/", { headers: { "x-service": "b" } })).text,
    /^service_b saw GET \/ with 0 bytes\n/,
  );
  const upload = await get("/b/upload", { method: "POST", body: "some body" });
  assert.match(upload.text, /^service_b saw POST \/upload with 9 bytes\n/);
  assert.match((await get("/")).text, /^service_[ab] saw GET \/ with 0 bytes\n/);
  assert.equal((await get("/hello")).text, "hello from the proxy itself\n");
  const redirect = await get("/old/page");
  assert.deepEqual(
    [redirect.response.status, redirect.response.headers.get("location")],
    [301, `${web}/a/page`],
  );
  const stats = await fetch(`http://127.0.0.1:${ports.admin}/stats?usedonly`);
  assert.match(await stats.text(), /^http\.web\.downstream_rq_total: 6$/m);
}

function start(ports: QuickstartPorts): ChildProcess {
  const flags = {
    "--port": ports.web,
    "--admin-port": ports.admin,
    "--service-a-port": ports.serviceA,
    "--service-b-port": ports.serviceB,
  };
  const args = [
    LAUNCHER,
    "quickstart",
    ...Object.entries(flags).flatMap(([name, port]) => [name, String(port)]),
  ];
  return spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
}

interface Output {
  /** Both streams, so far. */
  text(): string;
  /** Resolves when the output has `text`, and fails when the process ends without it. */
  until(text: string): Promise<void>;
  readonly exit: Promise<number | null>;
}

function collect(child: ChildProcess): Output {
  let text = "";
  const append = (chunk: Buffer): void => void (text += chunk.toString());
  child.stdout?.on("data", append);
  child.stderr?.on("data", append);
  return {
    text: () => text,
    until: async (wanted) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (text.includes(wanted)) resolve();
        };
        child.stdout?.on("data", look);
        child.once("close", () =>
          reject(new Error(`expected "${wanted}" in the output, got\n${text}`)),
        );
        look();
      }),
    exit: new Promise((resolve) => child.once("close", resolve)),
  };
}

/** Four ports that nobody listens on now. */
async function freePorts(): Promise<QuickstartPorts> {
  const servers = await Promise.all(
    Array.from({ length: 4 }, async () => {
      const server = createServer();
      return new Promise<typeof server>((resolve) =>
        server.listen(0, "127.0.0.1", () => resolve(server)),
      );
    }),
  );
  const [web, admin, serviceA, serviceB] = servers.map(
    (server) => (server.address() as AddressInfo).port,
  );
  await Promise.all(servers.map(async (server) => new Promise((resolve) => server.close(resolve))));
  return { web: web!, admin: admin!, serviceA: serviceA!, serviceB: serviceB! };
}
