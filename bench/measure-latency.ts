import { join } from "node:path";
import { runToEnd } from "../interop/harness/child-process.ts";
import { SMALL_BODY } from "./backend.ts";
import { startContender, type Contender } from "./contenders.ts";
import { onLoadCore, type Places } from "./places.ts";
import { cpuSeconds } from "./process-figures.ts";

const CONNECTIONS = 64;
/** What a just-in-time compiler does first is not the proxy's latency. */
const WARM_UP_SECONDS = 2;

/** Milliseconds at a fixed rate, counted from when each request was due. */
interface Latencies {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

/** Latencies, and what they cost. */
export interface LatencySample extends Latencies {
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
    const latencies = await latenciesAt(rate, places, seconds);
    const cpu = cpuSeconds(serving.pid) - before;
    return { ...latencies, cpuMicros: (cpu * 1e6) / (rate * (WARM_UP_SECONDS + seconds)) };
  } finally {
    await serving.stop();
  }
}

/** Sends `rate` requests a second for `seconds` to whoever serves. Throws when one was not answered, or wrongly. */
export async function latenciesAt(
  rate: number,
  { proxyPort }: Places,
  seconds: number,
  path = "/",
): Promise<Latencies> {
  const client = join(import.meta.dirname, "load", "constant-rate.ts");
  const figures = [proxyPort, rate, WARM_UP_SECONDS, seconds, CONNECTIONS, SMALL_BODY.length];
  const { code, output } = await runToEnd(
    [...onLoadCore(), process.execPath, client, ...figures.map(String), path],
    (seconds + 30) * 1000,
  );
  return readLatencies(code, output);
}

/** Reads what the constant-rate client prints; microseconds become milliseconds. */
function readLatencies(code: number, output: string): Latencies {
  if (code !== 0)
    throw new Error(`the constant-rate client ended with ${code}: ${output.slice(-400)}`);
  const sums = JSON.parse(output) as { [name: string]: number };
  const {
    requests = 0,
    unanswered = 0,
    wrong = 0,
    p50 = 0,
    p90 = 0,
    p99 = 0,
    p999 = 0,
    max = 0,
  } = sums;
  if (wrong > 0 || unanswered > 0 || requests === 0) {
    throw new Error(
      `${wrong} responses wrong, ${unanswered} requests unanswered, ${requests} good`,
    );
  }
  return { p50: p50 / 1000, p90: p90 / 1000, p99: p99 / 1000, p999: p999 / 1000, max: max / 1000 };
}
