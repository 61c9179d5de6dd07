import { quote } from "@nuncio/api";
import { CelError } from "./cel-error.ts";

const nanosecondsOf: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
};

/**
 * A duration as Go writes it: `1h30m`, `0.5s`, `0`.
 * @throws CelError for other texts
 */
export function durationNanoseconds(text: string): number {
  if (/^[+-]?0$/.test(text)) return 0;
  const [, sign = "", parts = ""] =
    /^([+-]?)((?:(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:ns|us|µs|μs|ms|s|m|h))+)$/.exec(text) ?? [];
  if (parts === "") throw new CelError(`no duration such as "1h30m": ${quote(text)}`);
  let sum = 0;
  for (const [, number, unit] of parts.matchAll(/([0-9.]+)([a-zµμ]+)/g))
    sum += Number(number) * (nanosecondsOf[unit ?? ""] ?? 0);
  return sign === "-" ? -sum : sum;
}
