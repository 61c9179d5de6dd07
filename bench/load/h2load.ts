import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { runToEnd } from "../../interop/harness/child-process.ts";
import { findCounterpart } from "../../interop/harness/counterparts.ts";
import { makeTempFolder, removeTempFolder } from "../../interop/harness/temp-folder.ts";
import { onLoadCore } from "../places.ts";
import type { LoadResult } from "./load.ts";

/** Load over HTTP/2: so many streams on each of so many connections. */
export interface H2Load {
  readonly tool: "h2load";
  readonly path: string;
  readonly tls: boolean;
  readonly connections: number;
  readonly streams: number;
  /** Each response must bring at least so many bytes of body. */
  readonly responseBytes: number;
  /** A call as a gRPC client makes it, with a message of its own. */
  readonly grpc?: true;
}

/** A message of 32 bytes behind its five of length (gRPC over HTTP/2, "Length-Prefixed-Message"). */
export const GRPC_MESSAGE: Buffer = Buffer.concat([
  Buffer.of(0, 0, 0, 0, 32),
  Buffer.alloc(32, "m"),
]);

/** Runs h2load for `seconds`. Throws when a response was wrong or a connection failed: errors are no requests. */
export async function runH2load(load: H2Load, port: number, seconds: number): Promise<LoadResult> {
  const h2load = findCounterpart("h2load");
  if (h2load === null) throw new Error("h2load is not installed");
  const folder = makeTempFolder("h2load");
  const flags = [
    "-D",
    String(seconds),
    "-t",
    "1",
    "-c",
    String(load.connections),
    "-m",
    String(load.streams),
  ];
  const url = `${load.tls ? "https" : "http"}://127.0.0.1:${port}${load.path}`;
  try {
    const grpc = load.grpc === true ? grpcFlags(folder) : [];
    const command = [...onLoadCore(), h2load, ...flags, ...grpc, url];
    const { code, output } = await runToEnd(command, (seconds + 30) * 1000);
    return readH2load(code, output, load, seconds);
  } finally {
    removeTempFolder(folder);
  }
}

function grpcFlags(folder: string): string[] {
  const file = join(folder, "message");
  writeFileSync(file, GRPC_MESSAGE);
  return ["-d", file, "-H", "content-type: application/grpc", "-H", "te: trailers"];
}

/** Reads the sums that h2load prints at the end. */
export function readH2load(
  code: number,
  output: string,
  { responseBytes }: Pick<H2Load, "responseBytes">,
  seconds: number,
): LoadResult {
  const sums =
    /^requests: .* (\d+) done, (\d+) succeeded, (\d+) failed, (\d+) errored, (\d+) timeout/m.exec(
      output,
    );
  if (code !== 0 || sums === null)
    throw new Error(`h2load ended with ${code}: ${output.slice(-400)}`);
  const [done = 0, succeeded = 0, ...wrong] = sums.slice(1).map(Number);
  if (done === 0) throw new Error("no response at all");
  if (succeeded !== done || wrong.some((count) => count > 0))
    throw new Error(`wrong responses: ${sums[0]}`);
  const data = Number(/\((\d+)\) data/.exec(output)?.[1] ?? 0);
  if (data < done * responseBytes) {
    throw new Error(
      `expected ${responseBytes} bytes or more a response, seen ${(data / done).toFixed(0)}`,
    );
  }
  return { requests: done, seconds };
}
