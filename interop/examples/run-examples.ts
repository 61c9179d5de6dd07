import { once } from "node:events";
import { globSync, writeFileSync } from "node:fs";
import { get as getPlain, type IncomingMessage } from "node:http";
import { connect as connectHttp2 } from "node:http2";
import { get as getSecure } from "node:https";
import { join } from "node:path";
import { stringify } from "yaml";
import { attempt, type CheckResult } from "../check.ts";
import { makeCertificate, type Certificate } from "../harness/certificate.ts";
import { freePorts } from "../harness/free-ports.ts";
import { startProxy, type ProxyKind } from "../harness/proxy-process.ts";
import { makeTempFolder, removeTempFolder } from "../harness/temp-folder.ts";
import { runDynamicConfig } from "./dynamic-config.ts";
import { adminPortOf, readExample, type Call, type Example } from "./example-file.ts";
import { runLoadReporting } from "./load-reporting.ts";
import { startStandIn } from "./stand-in.ts";

/** Examples of TLS, WebSocket and gRPC; most of those of other things need filters that are not there yet. */
const EXAMPLES = ["tls*/**/*.yaml", "websocket*/**/*.yaml", "grpc*/**/*.yaml"];
/** Those that need a management server, each with steps of its own. */
const MANAGED = [
  ["dynamic-config-cp", runDynamicConfig],
  ["load-reporting-service", runLoadReporting],
] as const;
/** More than any example asks for. */
const PORTS = 16;
const ANSWERS_WITHIN_MS = 5_000;

/**
 * Runs real configurations with their backends stood in for: nothing but addresses is changed, and a request through each
 * filter chain has to reach the server that the chain names, over TLS where the example says so.
 */
export async function runExamples(kind: ProxyKind, folder: string): Promise<CheckResult[]> {
  const temporary = makeTempFolder("examples");
  try {
    const certificate = makeCertificate(temporary);
    const results: CheckResult[] = [];
    for (const file of globSync(EXAMPLES, { cwd: folder }).sort()) {
      const ports = await freePorts(PORTS);
      const serve = async (): Promise<void> => {
        const example = readExample(join(folder, file), () => ports.pop()!);
        await serveExample(kind, example, certificate, join(temporary, "example.yaml"));
      };
      results.push(await attempt(`example ${file}`, serve));
    }
    for (const [name, run] of MANAGED)
      results.push(
        await attempt(`example ${name}`, () => run(kind, join(folder, name), certificate)),
      );
    return results;
  } finally {
    removeTempFolder(temporary);
  }
}

async function serveExample(
  kind: ProxyKind,
  example: Example,
  certificate: Certificate,
  file: string,
): Promise<void> {
  writeFileSync(file, stringify(example.bootstrap));
  const standIns = await Promise.all(
    [...example.backends].map(([name, port]) => startStandIn(name, port, certificate)),
  );
  try {
    const proxy = await startProxy(kind, file, adminPortOf(example));
    try {
      for (const call of example.calls) await check(call);
    } finally {
      await proxy.stop();
    }
  } finally {
    for (const standIn of standIns) standIn.close();
  }
}

async function check(call: Call): Promise<void> {
  const expected = `${call.cluster} over ${call.backendTls ? "tls" : "plain"}`;
  const seen = await answerTo(call);
  if (seen !== expected)
    throw new Error(`expected '${expected}', seen '${seen}' (${JSON.stringify(call)})`);
}

function answerTo({ listenerPort: port, tls, alpn }: Call): Promise<string> {
  if (alpn.includes("h2")) return answerOverHttp2(port);
  const options = { host: "127.0.0.1", port, agent: false, timeout: ANSWERS_WITHIN_MS } as const;
  return new Promise((resolve, reject) => {
    const take = (response: IncomingMessage): void =>
      void textOf(response).then((text) => resolve(text), reject);
    const request = tls
      ? getSecure(
          Object.assign(options, { rejectUnauthorized: false, ALPNProtocols: [...alpn] }),
          take,
        )
      : getPlain(options, take);
    request.on("timeout", () => request.destroy(new Error("there was no answer in time")));
    request.on("error", reject);
  });
}

async function answerOverHttp2(port: number): Promise<string> {
  const session = connectHttp2(`https://127.0.0.1:${port}`, { rejectUnauthorized: false });
  try {
    await once(session, "connect");
    const stream = session.request({ ":path": "/" });
    stream.setTimeout(ANSWERS_WITHIN_MS, () =>
      stream.destroy(new Error("there was no answer in time")),
    );
    return await textOf(stream);
  } finally {
    session.destroy();
  }
}

async function textOf(stream: AsyncIterable<Buffer>): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of stream) pieces.push(piece);
  return Buffer.concat(pieces).toString("utf8");
}
