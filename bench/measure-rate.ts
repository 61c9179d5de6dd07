import { checkAnswer } from "./check-answer.ts";
import { startContender, type Contender } from "./contenders.ts";
import { runLoad } from "./load/load.ts";
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
    await checkAnswer(row.load, places.proxyPort);
    await runLoad(row.load, places, WARM_UP_SECONDS);
    const before = cpuSeconds(serving.pid);
    const { requests, seconds: took } = await runLoad(row.load, places, seconds);
    const cpu = cpuSeconds(serving.pid) - before;
    return { perSecond: requests / took, cpuMicros: (cpu * 1e6) / requests };
  } finally {
    await serving.stop();
  }
}
