/**
 * The server that the conformance runner starts, as a program of its own: `node proxied-server.ts PROXY`. It is the
 * runner's own reference server, without TLS, and the proxy in front of it, with TLS where it is asked for.
 */
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { findCounterpart } from "../../harness/counterparts.ts";
import { freePorts } from "../../harness/free-ports.ts";
import type { ProxyKind } from "../../harness/proxy-process.ts";
import { makeTempFolder } from "../../harness/temp-folder.ts";
import { clusterConfig, connectionManager, loopback, typed } from "../../harness/typed-config.ts";
import { withProxy } from "../../harness/with-proxy.ts";
import {
  framed,
  readCompatPort,
  readCompatRequest,
  readFramed,
  writeCompatResponse,
  type CompatRequest,
} from "./compat-messages.ts";

const PARENT_POLL_MS = 500;

const kind = (process.argv[2] ?? "nuncio") as ProxyKind;
const request = readCompatRequest(await readFramed(process.stdin));
const server = spawn(findCounterpart("referenceserver")!, { stdio: ["pipe", "pipe", "inherit"] });
process.on("exit", () => server.kill("SIGKILL"));
server.stdin.write(framed(request.behind));
const upstreamPort = readCompatPort(await readFramed(server.stdout));
const [port] = (await freePorts(1)) as [number];
const resources = {
  listeners: [listener(port, request)],
  clusters: [clusterConfig("up", upstreamPort, request.isHttp2 ? "http2" : "http1")],
};
await withProxy(kind, resources, async () => {
  process.stdout.write(framed(writeCompatResponse(port, request.credentials?.cert)));
  await untilOrphaned();
});
process.exit(0);

/** The runner ends this program with SIGTERM, which ends the proxy too; whoever kills the runner leaves that to us. */
async function untilOrphaned(): Promise<void> {
  const parent = process.ppid;
  while (process.ppid === parent)
    await new Promise((resolve) => setTimeout(resolve, PARENT_POLL_MS));
}

function listener(at: number, { credentials, clientCert }: CompatRequest): object {
  const manager = connectionManager("conformance", { route: { cluster: "up", timeout: "60s" } });
  const chain = {
    filters: [manager],
    ...(credentials === null ? {} : { transport_socket: tlsSocket(credentials, clientCert) }),
  };
  return { name: "conformance", address: loopback(at), filter_chains: [chain] };
}

function tlsSocket(
  { cert, key }: NonNullable<CompatRequest["credentials"]>,
  clientCert: Buffer | null,
): object {
  const folder = makeTempFolder("conformance");
  const file = (name: string, content: Buffer): object => {
    writeFileSync(join(folder, name), content);
    return { filename: join(folder, name) };
  };
  return typed("tls", "transport_sockets.tls.v3.DownstreamTlsContext", {
    require_client_certificate: clientCert !== null,
    common_tls_context: {
      alpn_protocols: ["h2", "http/1.1"],
      tls_certificates: [{ certificate_chain: file("cert", cert), private_key: file("key", key) }],
      ...(clientCert === null
        ? {}
        : { validation_context: { trusted_ca: file("ca", clientCert) } }),
    },
  });
}
