import type { TimeLayout, TimeToken } from "./time-tokens.ts";

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
        this.#append("spec" in token ? laidOut(time, token) : token.literal);
      }
    }
  }

  #append(text: string): void {
    this.#fixed[this.#fixed.length - 1] += text;
  }
}

function isFraction(spec: string): boolean {
  return spec.endsWith("f") || /^E[0-9*]+S$/.test(spec);
}

/** Digits of the second's fraction: `3f`, `f` (nine), `E3f`; `E3S` with its point; `E*f`, `E*S` without trailing zeros. */
function fraction(epochMs: number, second: number, spec: string): string {
  const microseconds = Math.min(999_999, Math.round((epochMs - second * 1000) * 1000));
  const count = spec === "f" ? "9" : spec.startsWith("E") ? spec.slice(1, -1) : spec[0]!;
  let digits = String(microseconds).padStart(6, "0");
  if (count === "*") {
    let end = digits.length;
    while (end > 0 && digits[end - 1] === "0") end--;
    digits = digits.slice(0, end);
  } else {
    digits = digits.padEnd(Math.max(9, Number(count)), "0").slice(0, Number(count));
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

/** A specifier with its layout. */
function laidOut(
  time: BrokenDownTime,
  { spec, layout }: { readonly spec: string; readonly layout?: TimeLayout },
): string {
  const text = field(time, spec);
  if (layout === undefined) return text;
  const cased = inCase(text, spec, layout.letters);
  return NUMERIC.test(spec) ? padNumber(cased, spec, layout) : padText(cased, layout);
}

/** Specifiers that are one number. */
const NUMERIC = /^[CdegGHIjklmMsSuUVwWyY]$/;

function inCase(text: string, spec: string, letters: TimeLayout["letters"]): string {
  if (letters === "" || spec === "P") return text;
  const lower = letters === "#" && (spec === "p" || spec === "Z");
  return lower ? text.toLowerCase() : text.toUpperCase();
}

function padNumber(text: string, spec: string, { pad, width }: TimeLayout): string {
  if (spec === "s") return text;
  const digits = text.replace(/^[ 0]+(?=.)/, "");
  if (pad === "-") return digits.padStart(width, " ");
  const blank = pad === "_" || (pad === "" && text.length > 1 && "ekl".includes(spec));
  return digits.padStart(Math.max(text.length, width), blank ? " " : "0");
}

function padText(text: string, { pad, width }: TimeLayout): string {
  return text.padStart(width, pad === "0" ? "0" : " ");
}

/** One specifier in the C locale; `%` and the text itself when it is none. */
function field(time: BrokenDownTime, spec: string): string {
  const simple = FIELDS[spec];
  if (simple !== undefined) return simple(time);
  const composed = COMPOSED[spec];
  if (composed !== undefined) return composed.map((part) => FIELDS[part]?.(time) ?? part).join("");
  // Another calendar (`%EY`, `%Od`): the same one.
  return /^[EO].$/.test(spec) ? field(time, spec.slice(1)) : "%" + spec;
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
  t: () => "\t",
  "%": () => "%",
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
