const UNIT_MS: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 };

/** Milliseconds of a duration of Gateway API (GEP-2257): `1h2m3s4ms`. Undefined for another text. */
export function durationMs(text: string): number | undefined {
  if (!/^(?:[0-9]{1,5}(?:h|ms|m|s)){1,4}$/.test(text)) return undefined;
  let sum = 0;
  for (const [, count, unit] of text.matchAll(/([0-9]+)([a-z]+)/g))
    sum += Number(count) * UNIT_MS[unit!]!;
  return sum;
}
