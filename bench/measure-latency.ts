import { join } from "node:path";
import { runToEnd } from "../interop/harness/child-process.ts";
import { SMALL_BODY } from "./backend.ts";
import { startContender, type Contender } from "./contenders.ts";
import { onLoadCore, type Places } from "./places.ts";
import { cpuSeconds } from "./process-figures.ts";

const CONNECTIONS = 64;
/** What a just-in-time compiler does first is not the proxy's latency. */
const WARM_UP_SECONDS = 2;

/** Latencies in milliseconds at a fixed rate, counted from when each request was due. */
export interface LatencySample {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
  /** CPU time of the contender, all threads, per request. */
  readonly cpuMicros: number;
}

/** Sends `rate` requests a second for `seconds`. Throws when one was not answered, or wrongly. */
export async function measureLatency(
  contender: Contender,
  rate: number,
  places: Places,
  seconds: number,
): Promise<LatencySample | null> {
  const serving = await startContender(contender, {}, places);
  if (serving === null) return null;
  try {
    const before = cpuSeconds(serving.pid);
    const client = join(import.meta.dirname, "load", "constant-rate.ts");
    const figures = [
      places.proxyPort,
      rate,
      WARM_UP_SECONDS,
      seconds,
      CONNECTIONS,
      SMALL_BODY.length,
    ].map(String);
    const { code, output } = await runToEnd(
      [...onLoadCore(), process.execPath, client, ...figures],
      (seconds + 30) * 1000,
    );
    const cpu = cpuSeconds(serving.pid) - before;
    return {
      ...readLatencies(code, output),
      cpuMicros: (cpu * 1e6) / (rate * (WARM_UP_SECONDS + seconds)),
    };
  } finally {
    await serving.stop();
  }
}

/** Reads what the constant-rate client prints; microseconds become milliseconds. */
function readLatencies(code: number, output: string): Omit<LatencySample, "cpuMicros"> {
  if (code !== 0)
    throw new Error(`the constant-rate client ended with ${code}: ${output.slice(-400)}`);
  const sums = JSON.parse(output) as { [name: string]: number };
  const { requests = 0, unanswered = 0, wrong = 0, p50 = 0, p90 = 0, p99 = 0, p999 = 0 } = sums;
  if (wrong > 0 || unanswered > 0 || requests === 0) {
    throw new Error(
      `${wrong} responses wrong, ${unanswered} requests unanswered, ${requests} good`,
    );
  }
  return { p50: p50 / 1000, p90: p90 / 1000, p99: p99 / 1000, p999: p999 / 1000 };
}
