import type { Message } from "@bufbuild/protobuf";

/** A google.protobuf.Duration in nanoseconds. */
export function durationNanos(duration: Message): bigint {
  const { seconds, nanos } = duration as Message & { seconds: bigint; nanos: number };
  return seconds * 1_000_000_000n + BigInt(nanos);
}

/** `5s`, `0.250s`: nanoseconds as proto3 JSON writes a Duration, with 0, 3, 6 or 9 digits after the point. */
export function formatDuration(nanos: bigint): string {
  const sign = nanos < 0n ? "-" : "";
  const magnitude = nanos < 0n ? -nanos : nanos;
  let fraction = String(magnitude % 1_000_000_000n).padStart(9, "0");
  while (fraction.endsWith("000")) fraction = fraction.slice(0, -3);
  return `${sign}${magnitude / 1_000_000_000n}${fraction === "" ? "" : `.${fraction}`}s`;
}
