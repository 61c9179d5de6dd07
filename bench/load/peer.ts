import { runToEnd } from "../../interop/harness/child-process.ts";
import { findCounterpart } from "../../interop/harness/counterparts.ts";
import { onLoadCore } from "../places.ts";
import type { LoadResult } from "./load.ts";

/** TLS handshakes, each for one request; or text frames over WebSockets, each sent when the echo of the last one is there. */
export interface PeerLoad {
  readonly tool: "peer";
  readonly what: "handshakes" | "websockets";
  readonly connections: number;
  /** Each connection but the first of a lane resumes a session. */
  readonly resume?: boolean;
}

/** Nine in ten: tickets may be renewed, and first connections have none. */
const RESUMED_SHARE_MIN = 0.9;

/** Runs our own load program in Go. Throws when anything was wrong, or sessions were resumed though they should not. */
export async function runPeer(load: PeerLoad, port: number, seconds: number): Promise<LoadResult> {
  const program = findCounterpart("bench-peer");
  if (program === null) throw new Error("bench-peer is not installed");
  const { code, output } = await runToEnd(
    [
      ...onLoadCore(),
      program,
      load.what,
      "-address",
      `127.0.0.1:${port}`,
      "-connections",
      String(load.connections),
      "-seconds",
      String(seconds),
      ...(load.resume === true ? ["-resume"] : []),
    ],
    (seconds + 30) * 1000,
    // One core is what it has; threads for more would only take turns.
    { env: { ...process.env, GOMAXPROCS: "1" } },
  );
  if (code !== 0) throw new Error(`${load.what} ended with ${code}: ${output.slice(-400)}`);
  const sums = JSON.parse(output) as { done: number; resumed: number; seconds: number };
  if (sums.done === 0) throw new Error("nothing was done");
  const share = sums.resumed / sums.done;
  if (load.resume === true ? share < RESUMED_SHARE_MIN : share > 0)
    throw new Error(`${(share * 100).toFixed(0)} % of the sessions were resumed`);
  return { requests: sums.done, seconds: sums.seconds };
}
