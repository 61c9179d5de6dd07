import { readlinkSync } from "node:fs";
import { logLevelName } from "./level.ts";
import type { LogLevel } from "./level.ts";

/** Envoy's default. */
export const DEFAULT_LOG_FORMAT = "[%Y-%m-%d %T.%e][%t][%l][%n] [%g:%#] %v";

/** One message on its way out. */
export interface LogRecord {
  readonly level: LogLevel;
  readonly component: string;
  readonly message: string;
  /** Milliseconds since the epoch, with fractions. */
  readonly timeMs: number;
  /** Milliseconds since the message before it; 0 for the first. */
  readonly sincePreviousMs: number;
  /** Where the message comes from; null when the format does not show it. */
  readonly caller: Caller | null;
}

export interface Caller {
  readonly file: string;
  readonly line: number;
  readonly name: string;
}

export interface LogFormat {
  /** Whether records need their caller, which costs some microseconds to find. */
  readonly needsCaller: boolean;
  /** The line, without line break. */
  format(record: LogRecord): string;
}

type Part = string | ((record: LogRecord) => string);

/**
 * Compiles a pattern of spdlog's, which `--log-format` takes, with Envoy's own `%_` and `%j` (the message escaped
 * for one line, or for JSON). A flag may have a width (`%8l`, `%-8l` left, `%=8l` centred, `%3!l` cut); an unknown
 * one stays as it is.
 */
export function compileLogFormat(pattern: string): LogFormat {
  const parts: Part[] = [];
  let needsCaller = false;
  let at = 0;
  for (const match of pattern.matchAll(/%(?:([-=]?)(\d{1,2})(!?))?([^])/g)) {
    const [text, align = "", width = "", cut = "", flag = ""] = match;
    parts.push(pattern.slice(at, match.index));
    at = match.index + text.length;
    const render = FLAGS[flag];
    if (render === undefined) {
      parts.push(text);
      continue;
    }
    needsCaller ||= "gs#@!".includes(flag);
    parts.push(width === "" ? render : padded(render, align, Number(width), cut === "!"));
  }
  parts.push(pattern.slice(at));
  return {
    needsCaller,
    format: (record) => {
      let line = "";
      for (const part of parts) line += typeof part === "string" ? part : part(record);
      return line;
    },
  };
}

/**
 * The pattern of a JSON log format: an object whose strings hold flags. Keys are sorted.
 * @returns the pattern, or a text that says what is wrong.
 */
export function jsonLogPattern(
  format: unknown,
): { readonly pattern: string } | { readonly error: string } {
  const pattern = JSON.stringify(sorted(format));
  if (/%(?:[-=]?\d{1,2}!?)?v/.test(pattern)) {
    return { error: "usage of %v is unavailable for JSON log formats, expected %j" };
  }
  return { pattern };
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]));
}

function padded(
  render: (record: LogRecord) => string,
  align: string,
  width: number,
  cut: boolean,
): (record: LogRecord) => string {
  return (record) => {
    let text = render(record);
    if (cut) text = text.slice(0, width);
    if (align === "-") return text.padEnd(width);
    if (align === "=")
      return text.padStart(text.length + ((width - text.length) >> 1)).padEnd(width);
    return text.padStart(width);
  };
}

/** Days and months in English, whatever the locale. */
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

const two = (value: number): string => String(value).padStart(2, "0");
const date = (record: LogRecord): Date => new Date(record.timeMs);
const fraction = (record: LogRecord, digits: number): string =>
  String(Math.floor((record.timeMs % 1000) * 10 ** (digits - 3))).padStart(digits, "0");
const clock = (d: Date): string =>
  `${two(d.getHours())}:${two(d.getMinutes())}:${two(d.getSeconds())}`;
const twelve = (d: Date): string => two(d.getHours() % 12 || 12);
const half = (d: Date): string => (d.getHours() < 12 ? "AM" : "PM");
const slashed = (d: Date): string =>
  `${two(d.getMonth() + 1)}/${two(d.getDate())}/${two(d.getFullYear() % 100)}`;
const escaped = (record: LogRecord): string => JSON.stringify(record.message).slice(1, -1);
const elapsed =
  (perMs: number) =>
  (record: LogRecord): string =>
    String(Math.floor(record.sincePreviousMs * perMs));

function offset(d: Date): string {
  const minutes = -d.getTimezoneOffset();
  const size = Math.abs(minutes);
  return `${minutes < 0 ? "-" : "+"}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}

const FLAGS: { readonly [flag: string]: (record: LogRecord) => string } = {
  v: (record) => record.message,
  _: escaped,
  j: escaped,
  l: (record) => logLevelName(record.level),
  L: (record) => logLevelName(record.level)[0]!.toUpperCase(),
  n: (record) => record.component,
  t: () => threadId(),
  P: () => String(process.pid),
  g: (record) => record.caller?.file ?? "",
  s: (record) => record.caller?.file.replace(/^.*\//, "") ?? "",
  "#": (record) => String(record.caller?.line ?? ""),
  "@": (record) => (record.caller === null ? "" : `${record.caller.file}:${record.caller.line}`),
  "!": (record) => record.caller?.name ?? "",
  Y: (record) => String(date(record).getFullYear()),
  C: (record) => two(date(record).getFullYear() % 100),
  m: (record) => two(date(record).getMonth() + 1),
  d: (record) => two(date(record).getDate()),
  H: (record) => two(date(record).getHours()),
  I: (record) => twelve(date(record)),
  M: (record) => two(date(record).getMinutes()),
  S: (record) => two(date(record).getSeconds()),
  e: (record) => fraction(record, 3),
  f: (record) => fraction(record, 6),
  F: (record) => fraction(record, 9),
  E: (record) => String(Math.floor(record.timeMs / 1000)),
  p: (record) => half(date(record)),
  a: (record) => DAYS[date(record).getDay()]!.slice(0, 3),
  A: (record) => DAYS[date(record).getDay()]!,
  b: (record) => MONTHS[date(record).getMonth()]!.slice(0, 3),
  h: (record) => MONTHS[date(record).getMonth()]!.slice(0, 3),
  B: (record) => MONTHS[date(record).getMonth()]!,
  T: (record) => clock(date(record)),
  X: (record) => clock(date(record)),
  R: (record) => clock(date(record)).slice(0, 5),
  r: (record) => `${twelve(date(record))}${clock(date(record)).slice(2)} ${half(date(record))}`,
  D: (record) => slashed(date(record)),
  x: (record) => slashed(date(record)),
  c: (record) => {
    const d = date(record);
    const day = DAYS[d.getDay()]!.slice(0, 3);
    const month = MONTHS[d.getMonth()]!.slice(0, 3);
    return `${day} ${month} ${d.getDate()} ${clock(d)} ${d.getFullYear()}`;
  },
  z: (record) => offset(date(record)),
  O: elapsed(1 / 1000),
  o: elapsed(1),
  i: elapsed(1000),
  u: elapsed(1_000_000),
  // The range that a terminal would colour: nothing here does.
  "^": () => "",
  $: () => "",
  "%": () => "%",
};

let ownThreadId = "";

/** The system's number of this thread, where the system tells; else the process's. */
function threadId(): string {
  if (ownThreadId === "") {
    try {
      ownThreadId = readlinkSync("/proc/thread-self").replace(/^.*\//, "");
    } catch {
      ownThreadId = String(process.pid);
    }
  }
  return ownThreadId;
}
