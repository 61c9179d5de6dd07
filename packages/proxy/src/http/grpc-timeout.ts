import type { HeaderMap } from "@nuncio/codec";

const HEADER = "grpc-timeout";
const FORM = /^(\d{1,8})([HMSmun])$/;
const UNIT_MS: { readonly [unit: string]: number } = {
  H: 3_600_000,
  M: 60_000,
  S: 1000,
  m: 1,
};
/** The value has eight digits at most. */
const VALUE_MAX = 99_999_999;

/** `grpc-timeout` in whole milliseconds, rounded up; null when it is absent or malformed (gRPC over HTTP/2, "Timeout"). */
export function grpcTimeoutMs(headers: HeaderMap): number | null {
  const parts = FORM.exec(headers.get(HEADER) ?? "");
  if (parts === null) return null;
  const unit = parts[2]!;
  const value = Number(parts[1]);
  if (unit === "u") return Math.ceil(value / 1000);
  return unit === "n" ? Math.ceil(value / 1_000_000) : value * UNIT_MS[unit]!;
}

/** Sets `grpc-timeout`, in the finest unit from milliseconds on that has room for it. */
export function setGrpcTimeout(headers: HeaderMap, ms: number): void {
  let value = ms;
  let unit = "m";
  for (const [next, count] of COARSER) {
    if (value <= VALUE_MAX) break;
    value = Math.floor(value / count);
    unit = next;
  }
  headers.set(HEADER, `${Math.min(value, VALUE_MAX)}${unit}`);
}

const COARSER = [
  ["S", 1000],
  ["M", 60],
  ["H", 60],
] as const;
