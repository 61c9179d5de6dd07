const UINT64_MAX_TEXT = "18446744073709551615";

/** A counter or gauge as Envoy prints it: whole, at most 2^64 - 1. */
export function wholeNumber(value: number): string {
  if (Number.isSafeInteger(value)) return String(value);
  if (value >= 2 ** 64) return UINT64_MAX_TEXT;
  return BigInt(Math.trunc(value)).toString();
}

/** C's `%g`: six significant digits. Used for bucket bounds in text. */
export function sixDigits(value: number): string {
  return general(value, 6);
}

/** C's `%.32g`, exact: Envoy prints sums and bounds for Prometheus so. */
export function allDigits(value: number): string {
  return Number.isNaN(value) ? "nan" : general(value, 32);
}

/** The shortest text that reads back as `value`, as Envoy prints quantiles in text. */
export function shortest(value: number): string {
  return Number.isNaN(value) ? "nan" : String(value);
}

/** The same for JSON, where an exponent is taken when it is shorter: 3e+05. No number is null. */
export function jsonNumber(value: number): string {
  if (Number.isNaN(value)) return "null";
  const fixed = String(value);
  const exponent = twoDigitExponent(value.toExponential());
  return exponent.length < fixed.length ? exponent : fixed;
}

function general(value: number, digits: number): string {
  if (value === 0) return "0";
  const [mantissa, exponentText] = value.toExponential(digits - 1).split("e") as [string, string];
  const exponent = Number(exponentText);
  if (exponent < -4 || exponent >= digits) {
    return twoDigitExponent(`${withoutTrailingZeros(mantissa)}e${exponentText}`);
  }
  return withoutTrailingZeros(value.toFixed(Math.min(100, digits - 1 - exponent)));
}

function withoutTrailingZeros(text: string): string {
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

/** JavaScript writes 1e+6, C 1e+06. */
function twoDigitExponent(text: string): string {
  return text.replace(/e([+-])(\d)$/, "e$10$2");
}
