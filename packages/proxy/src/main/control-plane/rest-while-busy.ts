/** What is not quite idle in so short a time may be so by chance: the judgement before holds on. */
const WINDOW_MS_MIN = 5;
const BUSY_UTILIZATION_MIN = 0.9;
/** Updates that come 100 times a second cost half as much with it, and no request waits for them. */
const REST_MS = 50;

/** Tells how busy the busiest worker was since it was last asked, 0 to 1. */
export interface Utilized {
  utilization(): number;
}

/**
 * How long to leave control planes unread, in milliseconds, each time they were read: 0 while workers have time, which is when
 * an update is in effect at once. Workers that have none left lose it to main where they share cores, and most of what main
 * does for a single update is to become warm again; so updates gather then, and the first one after a pause still comes at once.
 */
export function restWhileBusy(
  workers: Utilized,
  nowMs: () => number = () => performance.now(),
): () => number {
  let askedMs = Number.NEGATIVE_INFINITY;
  let restMs = 0;
  return () => {
    const now = nowMs();
    if (now - askedMs < WINDOW_MS_MIN) return restMs;
    askedMs = now;
    restMs = workers.utilization() >= BUSY_UTILIZATION_MIN ? REST_MS : 0;
    return restMs;
  };
}
