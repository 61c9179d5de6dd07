import { attempt, type CheckResult } from "../check.ts";
import type { Certificate } from "../harness/certificate.ts";
import { startProcess, type StartedProcess } from "../harness/child-process.ts";
import { findCounterpart } from "../harness/counterparts.ts";
import type { ProxyKind } from "../harness/proxy-process.ts";
import { withFronts } from "./fronts.ts";
import { linesOf } from "./python.ts";

const READY_WITHIN_MS = 10_000;

/** The Go client against the Go server, with the proxy in between: calls of all kinds, deadlines, errors. */
export async function checkGrpcGo(
  kind: ProxyKind,
  certificate: Certificate | null,
): Promise<CheckResult[]> {
  const program = findCounterpart("grpc-peer")!;
  const name = `gRPC in Go${certificate === null ? "" : " over TLS"}`;
  const server = startProcess([program, "server"]);
  const results: CheckResult[] = [];
  const failed = await attempt(name, async () => {
    const port = await listeningPort(server);
    await withFronts(
      kind,
      { http1Port: port, http2Port: port },
      certificate,
      async ({ toHttp2 }) => {
        const ca = certificate === null ? [] : ["-ca", certificate.certFile];
        const client = [program, "client", "-address", `127.0.0.1:${toHttp2}`, ...ca];
        results.push(...(await linesOf(name, client)));
      },
    );
  });
  await server.stop();
  return failed.outcome === "passed" ? results : [...results, failed];
}

async function listeningPort(server: StartedProcess): Promise<number> {
  const deadline = performance.now() + READY_WITHIN_MS;
  while (performance.now() < deadline && !server.hasExited()) {
    const port = /^listening on (\d+)$/m.exec(server.output())?.[1];
    if (port !== undefined) return Number(port);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`the gRPC server does not listen: ${server.output().slice(-400)}`);
}
