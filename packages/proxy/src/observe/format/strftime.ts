/**
 * A time format taken apart: literals, and specifiers in Envoy's spelling (`%Y`, `%3f`, `%E3S` … without the percent
 * sign). Plain data.
 */
export type TimeToken = { readonly literal: string } | { readonly spec: string };

/**
 * Parses a strftime format as `%START_TIME(…)%` takes it: the C library's specifiers, `%f` and `%1f` … `%9f` for
 * fractions, and Abseil's `%E…`. An unknown letter stays as it is, as in Envoy; flags and widths (`%-d`) are refused.
 */
export function parseTimeFormat(format: string): readonly TimeToken[] | { readonly error: string } {
  const tokens: TimeToken[] = [];
  let literal = "";
  for (let i = 0; i < format.length; i++) {
    const spec = format[i] === "%" ? SPEC.exec(format.slice(i + 1))?.[0] : undefined;
    if (spec === undefined) {
      const modified = FLAG_OR_WIDTH.exec(format.slice(i))?.[0];
      if (modified !== undefined) {
        return { error: `not implemented yet: flags and widths in a time format: ${modified}` };
      }
      literal += format[i];
      continue;
    }
    i += spec.length;
    if (spec === "n") {
      return { error: "Invalid header configuration. Format string contains newline." };
    }
    if (spec === "%" || spec === "t") {
      literal += spec === "%" ? "%" : "\t";
      continue;
    }
    if (literal !== "") tokens.push({ literal });
    literal = "";
    tokens.push({ spec });
  }
  if (literal !== "") tokens.push({ literal });
  return tokens;
}

const SPEC =
  /^(?:[1-9]f|E[0-9*][Sf]|E4Y|E\*?z|ET|:{1,3}z|[%aAbBcCdDeFfgGhHIjklmMnpPrRsStTuUVwWxXyYzZ])/;

/** Not `%0f`: that is no specifier, and stays as it is. */
const FLAG_OR_WIDTH = /^%(?:[-_^#+]|[0-9](?!f)|[1-9])./;

/** Formats instants by tokens; what does not change within a second is kept and reused for it. */
export class TimeFormatter {
  readonly #tokens: readonly TimeToken[];
  readonly #local: boolean;
  /** Alternating: text that is fixed within the second, then a fraction. */
  #fixed: string[] = [""];
  #fractions: string[] = [];
  #second = NaN;

  constructor(tokens: readonly TimeToken[], local: boolean) {
    this.#tokens = tokens;
    this.#local = local;
  }

  /** `epochMs` may have fractions: microseconds count. */
  format(epochMs: number): string {
    const second = Math.floor(epochMs / 1000);
    if (second !== this.#second) this.#startSecond(second);
    const fixed = this.#fixed;
    let text = fixed[0]!;
    for (let i = 0; i < this.#fractions.length; i++) {
      text += fraction(epochMs, second, this.#fractions[i]!) + fixed[i + 1]!;
    }
    return text;
  }

  #startSecond(second: number): void {
    this.#second = second;
    this.#fixed = [""];
    this.#fractions = [];
    const time = brokenDown(second * 1000, this.#local);
    for (const token of this.#tokens) {
      if ("spec" in token && isFraction(token.spec)) {
        if (token.spec.endsWith("S")) this.#append(field(time, "S"));
        this.#fractions.push(token.spec);
        this.#fixed.push("");
      } else {
        this.#append("spec" in token ? field(time, token.spec) : token.literal);
      }
    }
  }

  #append(text: string): void {
    this.#fixed[this.#fixed.length - 1] += text;
  }
}

function isFraction(spec: string): boolean {
  return spec.endsWith("f") || (spec.length === 3 && spec.endsWith("S"));
}

/** Digits of the second's fraction: `3f`, `f` (nine), `E3f`; `E3S` with its point; `E*f`, `E*S` without trailing zeros. */
function fraction(epochMs: number, second: number, spec: string): string {
  const microseconds = Math.min(999_999, Math.round((epochMs - second * 1000) * 1000));
  const count = spec === "f" ? "9" : spec.startsWith("E") ? spec[1]! : spec[0]!;
  let digits = String(microseconds).padStart(6, "0");
  if (count === "*") {
    let end = digits.length;
    while (end > 0 && digits[end - 1] === "0") end--;
    digits = digits.slice(0, end);
  } else {
    digits = digits.padEnd(9, "0").slice(0, Number(count));
  }
  if (spec.endsWith("S")) return digits === "" ? "" : "." + digits;
  return digits === "" && count === "*" ? "0" : digits;
}

/** An instant as calendar fields, of UTC or of the process's zone. */
interface BrokenDownTime {
  readonly epochSeconds: number;
  /** Shifted so that its UTC fields are the wanted zone's. */
  readonly date: Date;
  /** Minutes east of UTC. */
  readonly offset: number;
  readonly zone: string;
}

function brokenDown(epochMs: number, local: boolean): BrokenDownTime {
  const date = new Date(epochMs);
  if (!local) return { epochSeconds: epochMs / 1000, date, offset: 0, zone: "UTC" };
  const offset = -date.getTimezoneOffset();
  const zone = date.toLocaleTimeString("en-US", { timeZoneName: "short" }).split(" ").at(-1)!;
  return { epochSeconds: epochMs / 1000, date: new Date(epochMs + offset * 60_000), offset, zone };
}

/** One specifier in the C locale; `%` and the text itself when it is none. */
function field(time: BrokenDownTime, spec: string): string {
  const simple = FIELDS[spec];
  if (simple !== undefined) return simple(time);
  const composed = COMPOSED[spec];
  return composed === undefined
    ? "%" + spec
    : composed.map((part) => FIELDS[part]?.(time) ?? part).join("");
}

const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const MONTHS = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];

const FIELDS: { readonly [spec: string]: (time: BrokenDownTime) => string } = {
  a: ({ date }) => DAYS[date.getUTCDay()]!.slice(0, 3),
  A: ({ date }) => DAYS[date.getUTCDay()]!,
  b: ({ date }) => MONTHS[date.getUTCMonth()]!.slice(0, 3),
  h: ({ date }) => MONTHS[date.getUTCMonth()]!.slice(0, 3),
  B: ({ date }) => MONTHS[date.getUTCMonth()]!,
  C: ({ date }) => two(Math.floor(date.getUTCFullYear() / 100)),
  d: ({ date }) => two(date.getUTCDate()),
  e: ({ date }) => String(date.getUTCDate()).padStart(2, " "),
  g: ({ date }) => two(isoWeek(date).year % 100),
  G: ({ date }) => String(isoWeek(date).year),
  H: ({ date }) => two(date.getUTCHours()),
  I: ({ date }) => two(hour12(date)),
  j: ({ date }) => String(dayOfYear(date) + 1).padStart(3, "0"),
  k: ({ date }) => String(date.getUTCHours()).padStart(2, " "),
  l: ({ date }) => String(hour12(date)).padStart(2, " "),
  m: ({ date }) => two(date.getUTCMonth() + 1),
  M: ({ date }) => two(date.getUTCMinutes()),
  p: ({ date }) => (date.getUTCHours() < 12 ? "AM" : "PM"),
  P: ({ date }) => (date.getUTCHours() < 12 ? "am" : "pm"),
  s: ({ epochSeconds }) => String(epochSeconds),
  S: ({ date }) => two(date.getUTCSeconds()),
  u: ({ date }) => String(date.getUTCDay() || 7),
  U: ({ date }) => two(Math.floor((dayOfYear(date) + 7 - date.getUTCDay()) / 7)),
  V: ({ date }) => two(isoWeek(date).week),
  w: ({ date }) => String(date.getUTCDay()),
  W: ({ date }) => two(Math.floor((dayOfYear(date) + 7 - ((date.getUTCDay() + 6) % 7)) / 7)),
  y: ({ date }) => two(date.getUTCFullYear() % 100),
  Y: ({ date }) => String(date.getUTCFullYear()),
  z: ({ offset }) => zoneOffset(offset, ""),
  Z: ({ zone }) => zone,
  ET: () => "T",
  E4Y: ({ date }) => String(date.getUTCFullYear()).padStart(4, "0"),
  Ez: ({ offset }) => zoneOffset(offset, ":"),
  "E*z": ({ offset }) => zoneOffset(offset, ":") + ":00",
  ":z": ({ offset }) => zoneOffset(offset, ":"),
  "::z": ({ offset }) => zoneOffset(offset, ":") + ":00",
  ":::z": ({ offset }) => zoneOffset(offset, ":").replace(/:00$/, ""),
};

/** Specifiers that stand for others, in the C locale. */
const COMPOSED: { readonly [spec: string]: readonly string[] } = {
  c: ["a", " ", "b", " ", "e", " ", "H", ":", "M", ":", "S", " ", "Y"],
  D: ["m", "/", "d", "/", "y"],
  F: ["Y", "-", "m", "-", "d"],
  r: ["I", ":", "M", ":", "S", " ", "p"],
  R: ["H", ":", "M"],
  T: ["H", ":", "M", ":", "S"],
  x: ["m", "/", "d", "/", "y"],
  X: ["H", ":", "M", ":", "S"],
};

function two(value: number): string {
  return value < 10 ? "0" + String(value) : String(value);
}

function hour12(date: Date): number {
  return date.getUTCHours() % 12 || 12;
}

/** 0-based. */
function dayOfYear(date: Date): number {
  return Math.floor((date.getTime() - Date.UTC(date.getUTCFullYear(), 0, 1)) / 86_400_000);
}

/** The week of ISO 8601: the one that holds its Thursday. */
function isoWeek(date: Date): { readonly year: number; readonly week: number } {
  const thursday = new Date(date.getTime() + (4 - (date.getUTCDay() || 7)) * 86_400_000);
  return { year: thursday.getUTCFullYear(), week: Math.floor(dayOfYear(thursday) / 7) + 1 };
}

function zoneOffset(minutes: number, separator: string): string {
  const absolute = Math.abs(minutes);
  return `${minutes < 0 ? "-" : "+"}${two(Math.floor(absolute / 60))}${separator}${two(absolute % 60)}`;
}
