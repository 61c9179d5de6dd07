import { get } from "node:http";
import { startContender, type Contender } from "./contenders.ts";
import { runWrk } from "./load/wrk.ts";
import type { Places } from "./places.ts";
import { cpuSeconds } from "./process-figures.ts";
import type { RateRow } from "./rows.ts";

const WARM_UP_SECONDS = 1;

/** One contender in one round. */
export interface RateSample {
  readonly perSecond: number;
  /** CPU time of the contender, all threads, per request. */
  readonly cpuMicros: number;
}

/** Starts a contender, warms it up, measures `seconds`, and ends it. Null when it has no equivalent of the row. */
export async function measureRate(
  contender: Contender,
  row: RateRow,
  places: Places,
  seconds: number,
): Promise<RateSample | null> {
  const serving = await startContender(contender, row.shape, places);
  if (serving === null) return null;
  try {
    await checkAnswer(row, places.proxyPort);
    await runWrk(row.load, places.proxyPort, WARM_UP_SECONDS);
    const before = cpuSeconds(serving.pid);
    const { requests, seconds: took } = await runWrk(row.load, places.proxyPort, seconds);
    const cpu = cpuSeconds(serving.pid) - before;
    return { perSecond: requests / took, cpuMicros: (cpu * 1e6) / requests };
  } finally {
    await serving.stop();
  }
}

/** One request whose answer is looked at closely: the right status, and the whole body. */
function checkAnswer(row: RateRow, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = get(
      { host: "127.0.0.1", port, path: row.load.path, agent: false, timeout: 5_000 },
      (response) => {
        let bytes = 0;
        response.on("data", (piece: Buffer) => {
          bytes += piece.length;
        });
        response.on("end", () => {
          if (response.statusCode === 200 && bytes === row.load.responseBytes) resolve();
          else
            reject(
              new Error(
                `expected 200 and ${row.load.responseBytes} bytes, seen ${response.statusCode} and ${bytes}`,
              ),
            );
        });
      },
    );
    request.on("timeout", () => request.destroy(new Error("no answer within 5 s")));
    request.on("error", reject);
  });
}
