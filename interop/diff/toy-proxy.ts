/**
 * A proxy that is wrong in everything the harness compares: it takes Envoy's flags, answers each connection
 * with the same nonsense, closes at once, tells the upstream something else, and logs and counts falsely.
 * A harness that finds nothing to say about it is broken.
 */
import { appendFileSync, readFileSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { connect, createServer } from "node:net";
import { parse } from "yaml";
import { isConfig, type Config } from "./config-value.ts";

const configFile = process.argv[process.argv.indexOf("-c") + 1] ?? "";
const bootstrap = parse(readFileSync(configFile, "utf8")) as Config;

const admin = createHttpServer((request, response) => {
  response.end(request.url === "/ready" ? "LIVE\n" : "toy.requests: 7\nhttp1.toy: 1\n");
});
admin.listen(portsIn(bootstrap["admin"])[0], "127.0.0.1");

const { listeners = [], clusters = [] } = bootstrap["static_resources"] as {
  listeners?: unknown[];
  clusters?: unknown[];
};
for (const listener of listeners) {
  const [port] = portsIn(listener);
  const logFile = textsIn(listener, "path").find((path) => path.endsWith(".log"));
  const cluster = clusters.find((candidate) =>
    textsIn(listener, "cluster").includes(textsIn(candidate, "name")[0] ?? ""),
  );
  createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => {
      if (logFile !== undefined) appendFileSync(logFile, '{"code":299,"toy":true}\n');
      const [upstreamPort] = portsIn(cluster);
      if (upstreamPort !== undefined) {
        connect(upstreamPort, "127.0.0.1")
          .on("error", () => {})
          .end("TOY / HTTP/1.1\r\nx-toy: 1\r\n\r\n");
      }
      socket.end("HTTP/1.1 299 Toy\r\nserver: toy\r\ncontent-length: 5\r\n\r\nwrong");
    });
  }).listen(port, "127.0.0.1");
}
process.on("SIGTERM", () => process.exit(0));

function portsIn(value: unknown): number[] {
  return valuesOf(value, "port_value").map(Number);
}

function textsIn(value: unknown, key: string): string[] {
  return valuesOf(value, key).filter((item) => typeof item === "string");
}

/** The values of every field `key`, however deep. */
function valuesOf(value: unknown, key: string): unknown[] {
  if (Array.isArray(value)) return value.flatMap((item) => valuesOf(item, key));
  if (!isConfig(value)) return [];
  return Object.entries(value).flatMap(([name, item]) =>
    name === key ? [item] : valuesOf(item, key),
  );
}
