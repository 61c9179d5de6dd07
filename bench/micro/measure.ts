import { getHeapStatistics } from "node:v8";

const SAMPLES = 7;

/**
 * Runs something that does `count` like things `rounds` times a sample, warm, and prints what one of them costs: the median
 * time of the samples, the best one, and the octets that it allocates, which do not depend on what else the machine does.
 */
export function measure(name: string, rounds: number, run: () => void, count = 1): void {
  for (let i = 0; i < rounds / 4; i++) run();
  const bytesBefore = allocatedBytes();
  const samples = Array.from({ length: SAMPLES }, () => {
    const start = process.hrtime.bigint();
    for (let i = 0; i < rounds; i++) run();
    return Number(process.hrtime.bigint() - start) / rounds / count;
  });
  const bytes = (allocatedBytes() - bytesBefore) / SAMPLES / rounds / count;
  samples.sort((a, b) => a - b);
  console.log(
    `${name.padEnd(44)} ${samples[SAMPLES >> 1]!.toFixed(0).padStart(6)} ns ` +
      `(best ${samples[0]!.toFixed(0)}), ${bytes.toFixed(0)} B allocated`,
  );
}

/** Since the start of the process; the types of Node do not know it yet. */
function allocatedBytes(): number {
  return (getHeapStatistics() as unknown as { readonly total_allocated_bytes: number })
    .total_allocated_bytes;
}
