import type { FormatContext } from "../stream-info.ts";
import { TextCommand } from "./command.ts";
import type { Command, FormatClock } from "./command.ts";
import { ALL_COMMANDS } from "./commands/table.ts";
import { JsonFormatter, OmittingJsonFormatter } from "./json-formatter.ts";
import type { CommandArgument, FormatPart, FormatPlan, TextPlan } from "./plan.ts";

/** A format, ready to run on a worker. */
export interface Formatter {
  /** The text of one stream, a byte string: char codes below 256. */
  text(context: FormatContext): string;
}

/** Builds what main compiled. A plan can be built many times; each formatter keeps its own cache of the second. */
export function buildFormatter(plan: FormatPlan, clock: FormatClock): Formatter {
  if (plan.kind === "text") return buildTextFormatter(plan, clock);
  const build = (part: CommandArgument): Command => buildCommand(part, clock);
  return plan.omitEmpty ? new OmittingJsonFormatter(plan, build) : new JsonFormatter(plan, build);
}

function buildTextFormatter(plan: TextPlan, clock: FormatClock): Formatter {
  const { parts, absent } = plan;
  if (parts.length === 0) return new ConstantFormatter("");
  if (parts.length === 1 && typeof parts[0] === "string") return new ConstantFormatter(parts[0]);
  return new TextFormatter(parts, absent, clock);
}

function buildCommand(part: CommandArgument, clock: FormatClock): Command {
  if (typeof part !== "object") {
    const constant = String(part);
    return new TextCommand(() => constant);
  }
  if ("expression" in part) throw new Error("an expression is no command");
  const definition = ALL_COMMANDS[part.command]!;
  return definition.build(part.args, part.maxLength, clock, (inner) => buildCommand(inner, clock));
}

class ConstantFormatter implements Formatter {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  text(): string {
    return this.#text;
  }
}

class TextFormatter implements Formatter {
  /** The text before the first command, and after each. */
  readonly #literals: string[] = [""];
  readonly #commands: Command[] = [];
  readonly #absent: string;

  constructor(parts: readonly FormatPart[], absent: string, clock: FormatClock) {
    this.#absent = absent;
    for (const part of parts) {
      if (typeof part === "string") {
        this.#literals[this.#literals.length - 1] = part;
      } else {
        this.#commands.push(buildCommand(part, clock));
        this.#literals.push("");
      }
    }
  }

  text(context: FormatContext): string {
    const literals = this.#literals;
    const commands = this.#commands;
    let text = literals[0]!;
    for (let i = 0; i < commands.length; i++) {
      text += (commands[i]!.text(context) ?? this.#absent) + literals[i + 1]!;
    }
    return text;
  }
}
