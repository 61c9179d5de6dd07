import { runProxy } from "@nuncio/proxy";
import { HELP_FLAG, type Command } from "../command-line/command.ts";
import type { Flag, GivenFlags } from "../flags.ts";
import { proxyOptions } from "../proxy/options.ts";
import { UsageError } from "../usage-error.ts";
import { FILE_PORTS, quickstartConfig } from "./config.ts";
import type { QuickstartPorts } from "./config.ts";
import { startService } from "./services.ts";
import type { DemoService } from "./services.ts";
import { whenReady } from "./when-ready.ts";

const PORT_FLAGS: { readonly [name in keyof QuickstartPorts]: string } = {
  web: "port",
  admin: "admin-port",
  serviceA: "service-a-port",
  serviceB: "service-b-port",
};

const FLAGS: readonly Flag[] = [
  { name: "port", value: "PORT", help: `the proxy; default ${FILE_PORTS.web}` },
  { name: "admin-port", value: "PORT", help: `its admin interface; default ${FILE_PORTS.admin}` },
  {
    name: "service-a-port",
    value: "PORT",
    help: `first demo service; default ${FILE_PORTS.serviceA}`,
  },
  {
    name: "service-b-port",
    value: "PORT",
    help: `second demo service; default ${FILE_PORTS.serviceB}`,
  },
  { name: "concurrency", value: "N", help: "worker threads; default 1" },
  { name: "log-level", short: "l", value: "LEVEL", help: "log of the proxy; default warning" },
  HELP_FLAG,
];

/** `nuncio quickstart` */
export const QUICKSTART_COMMAND: Command = {
  usage: ["[flags]"],
  about: "Runs the example configuration in front of two demo services of its own.",
  flags: FLAGS,
  run: ({ given }) => run(given),
};

async function run(given: GivenFlags): Promise<number> {
  const ports = readPorts(given);
  const options = proxyOptions(
    new Map([
      ["config-yaml", [quickstartConfig(ports)]],
      ["concurrency", given.get("concurrency") ?? ["1"]],
      ["log-level", given.get("log-level") ?? ["warning"]],
      // Who tries things out waits for the line.
      ["file-flush-interval-msec", ["100"]],
      // The demo services are this process's own, so no other one could take over.
      ["disable-hot-restart", [""]],
    ]),
  );
  const services: DemoService[] = [];
  const ready = new AbortController();
  try {
    services.push(await startDemo("service_a", ports.serviceA, PORT_FLAGS.serviceA));
    services.push(await startDemo("service_b", ports.serviceB, PORT_FLAGS.serviceB));
    void whenReady(ports.admin, ready.signal).then(
      (isReady) => isReady && process.stdout.write(hints(ports)),
    );
    return await runProxy(options);
  } finally {
    ready.abort();
    await Promise.all(services.map((service) => service.close()));
  }
}

function readPorts(given: GivenFlags): QuickstartPorts {
  const ports = { ...FILE_PORTS };
  for (const key of Object.keys(PORT_FLAGS) as (keyof QuickstartPorts)[]) {
    const text = given.get(PORT_FLAGS[key])?.[0];
    if (text === undefined) continue;
    const port = Number(text);
    if (!/^\d+$/.test(text) || port < 1 || port > 65_535) {
      throw new UsageError(`--${PORT_FLAGS[key]}: expected a port from 1 to 65535, got "${text}"`);
    }
    ports[key] = port;
  }
  return ports;
}

async function startDemo(name: string, port: number, flag: string): Promise<DemoService> {
  try {
    return await startService(name, port);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
    throw new UsageError(
      `port ${port} of ${name} is in use by another program: --${flag} takes another one`,
    );
  }
}

function hints(ports: QuickstartPorts): string {
  const web = `http://127.0.0.1:${ports.web}`;
  const admin = `http://127.0.0.1:${ports.admin}`;
  const rows: readonly (readonly [command: string, effect: string])[] = [
    [`curl -i ${web}/`, "three of four go to service_a, the others to service_b"],
    [`curl -i ${web}/a/some/path`, "by prefix; the prefix is taken off"],
    [`curl -i -H 'x-service: b' ${web}/`, "by header"],
    [`curl -i -d 'some body' ${web}/b/upload`, "with a body"],
    [`curl -i ${web}/hello`, "answered by the proxy"],
    [`curl -i ${web}/old/page`, "redirected"],
    [`curl '${admin}/stats?usedonly'`, "what it counted"],
    [`npx nuncio explain --admin ${admin} ${web}/old/page`, "why"],
    [`curl ${admin}/help`, "what else the admin interface has"],
  ];
  const width = Math.max(...rows.map(([command]) => command.length)) + 3;
  const lines = rows.map(([command, effect]) => `  ${command.padEnd(width)}${effect}\n`);
  return `
Nuncio runs examples/quickstart.yaml, an Envoy configuration, in front of two demo services. Try:

${lines.join("")}
Access log lines follow. Ctrl-C ends everything.

`;
}
