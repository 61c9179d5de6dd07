import { join } from "node:path";
import { runToEnd } from "../../interop/harness/child-process.ts";
import { findCounterpart } from "../../interop/harness/counterparts.ts";
import { onLoadCore } from "../places.ts";
import type { LoadResult } from "./load.ts";

/** Load over HTTP/1. */
export interface WrkLoad {
  readonly tool: "wrk";
  readonly tls?: boolean;
  readonly path: string;
  readonly connections: number;
  /** Bytes of a POST body; 0 for GET. */
  readonly bodyBytes?: number;
  /** A new connection for each request. */
  readonly close?: boolean;
  /** Each response must bring at least so many bytes. */
  readonly responseBytes: number;
}

/** Runs wrk for `seconds`. Throws when a response was wrong or a connection failed: errors are no requests. */
export async function runWrk(load: WrkLoad, port: number, seconds: number): Promise<LoadResult> {
  const wrk = findCounterpart("wrk");
  if (wrk === null) throw new Error("wrk is not installed");
  const { code, output } = await runToEnd(
    [
      ...onLoadCore(),
      wrk,
      "-t1",
      `-c${load.connections}`,
      `-d${seconds}s`,
      "--timeout=10s",
      "-s",
      join(import.meta.dirname, "wrk.lua"),
      `${load.tls === true ? "https" : "http"}://127.0.0.1:${port}${load.path}`,
    ],
    (seconds + 30) * 1000,
    {
      env: {
        ...process.env,
        BENCH_BODY_BYTES: String(load.bodyBytes ?? 0),
        BENCH_CLOSE: load.close === true ? "1" : "",
      },
    },
  );
  return readWrk(code, output, load);
}

/** Reads the line that wrk.lua prints at the end. */
export function readWrk(
  code: number,
  output: string,
  load: Pick<WrkLoad, "responseBytes">,
): LoadResult {
  const line = /^bench (\{.*\})$/m.exec(output)?.[1];
  if (code !== 0 || line === undefined)
    throw new Error(`wrk ended with ${code}: ${output.slice(-400)}`);
  const sums = JSON.parse(line) as { [name: string]: number };
  const {
    requests = 0,
    micros = 0,
    bytes = 0,
    status = 0,
    connect = 0,
    read = 0,
    write = 0,
    timeout = 0,
  } = sums;
  const errors = { status, connect, read, write, timeout };
  const wrong = Object.entries(errors).filter(([, count]) => count > 0);
  if (wrong.length > 0)
    throw new Error(
      `wrong responses: ${wrong.map(([name, count]) => `${name} ${count}`).join(", ")}`,
    );
  if (requests === 0) throw new Error("no response at all");
  if (bytes < requests * load.responseBytes) {
    throw new Error(
      `expected ${load.responseBytes} bytes or more a response, seen ${(bytes / requests).toFixed(0)}`,
    );
  }
  return { requests, seconds: micros / 1e6 };
}
