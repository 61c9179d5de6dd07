import type { FormatContext } from "../stream-info.ts";
import { toByteString } from "./byte-string.ts";
import { escapeJson, jsonNumber, jsonValue } from "./json-text.ts";
import type { CommandArgument, FormatPart } from "./plan.ts";

/** One command of a format, bound to its parameters; lives on a worker. */
export interface Command {
  /** The value as a byte string, or null when there is none. */
  text(context: FormatContext): string | null;
  /** The value as JSON in a byte string; `null` when there is none. */
  json(context: FormatContext): string;
}

/** What commands need besides the stream: `WorkerContext` fits. */
export interface FormatClock {
  /** Monotonic milliseconds, as `StreamInfo` has them. */
  nowMs(): number;
  /** Wall clock, milliseconds since the epoch. */
  wallMs(): number;
}

/** How one command is written and made. `parse` runs on main, `build` on a worker. */
export interface CommandDefinition extends CommandBuild {
  readonly params: "none" | "optional" | "required";
  /** Whether `:LENGTH` may follow. */
  readonly length: boolean;
  /** Takes the text in the parentheses (empty without) apart. Left out: one argument, the text itself. */
  parse?(params: string, parser: CommandParser): ParsedCommand;
}

/** The worker's side of a command. */
export interface CommandBuild {
  build(
    args: readonly CommandArgument[],
    maxLength: number,
    clock: FormatClock,
    builder: CommandBuilder,
  ): Command;
}

/** `constant`: the value is known already, a byte string; `uncut` where no length applies to it. `error`: Envoy's words where it has some. */
export type ParsedCommand =
  | { readonly args: readonly CommandArgument[] }
  | { readonly constant: string; readonly uncut?: true }
  | { readonly error: string };

/** Parses a command within a command; an error text, or a part. */
export type CommandParser = (
  name: string,
  params: string,
  maxLength: number,
) => { readonly part: FormatPart } | { readonly error: string };

/** Builds a command, or a constant, within a command. */
export type CommandBuilder = (part: CommandArgument) => Command;

export type CommandTable = { readonly [name: string]: CommandDefinition };

/** A command whose value is text. */
export class TextCommand implements Command {
  readonly #read: (context: FormatContext) => string | null;

  constructor(read: (context: FormatContext) => string | null, maxLength = -1) {
    this.#read = maxLength < 0 ? read : (context) => truncate(read(context), maxLength);
  }

  text(context: FormatContext): string | null {
    return this.#read(context);
  }

  json(context: FormatContext): string {
    const value = this.#read(context);
    return value === null ? "null" : `"${escapeJson(value)}"`;
  }
}

/** A command whose value is a number; -1 stands for none. */
export class NumberCommand implements Command {
  readonly #read: (context: FormatContext) => number;

  constructor(read: (context: FormatContext) => number) {
    this.#read = read;
  }

  text(context: FormatContext): string | null {
    const value = this.#read(context);
    return value < 0 ? null : String(value);
  }

  json(context: FormatContext): string {
    const value = this.#read(context);
    return value < 0 ? "null" : String(value);
  }
}

/** A command whose value is JSON data (metadata); undefined and null stand for none. */
export class DataCommand implements Command {
  readonly #read: (context: FormatContext) => unknown;
  readonly #maxLength: number;

  constructor(read: (context: FormatContext) => unknown, maxLength: number) {
    this.#read = read;
    this.#maxLength = maxLength;
  }

  text(context: FormatContext): string | null {
    const value = this.#read(context);
    if (value === undefined || value === null) return null;
    return truncate(
      typeof value === "string" ? toByteString(value) : jsonValue(value),
      this.#maxLength,
    );
  }

  json(context: FormatContext): string {
    const value = this.#read(context);
    if (typeof value === "number") return jsonNumber(value);
    if (typeof value !== "string" || this.#maxLength < 0) return jsonValue(value);
    return `"${escapeJson(this.text(context)!)}"`;
  }
}

/** A definition for a command without parameters whose value is text. */
export function textCommand(read: (context: FormatContext) => string | null): CommandDefinition {
  return { params: "none", length: false, build: () => new TextCommand(read) };
}

/** A definition for a command without parameters whose value is a number; -1 stands for none. */
export function numberCommand(read: (context: FormatContext) => number): CommandDefinition {
  return { params: "none", length: false, build: () => new NumberCommand(read) };
}

/** The first `maxLength` bytes; all with -1. */
export function truncate(text: string | null, maxLength: number): string | null {
  return text === null || maxLength < 0 || text.length <= maxLength
    ? text
    : text.slice(0, maxLength);
}
