import type { FormatContext } from "../../stream-info.ts";
import { truncate } from "../command.ts";
import type { Command, CommandParser, CommandTable, ParsedCommand } from "../command.ts";
import { quoteJson } from "../json-text.ts";
import type { CommandArgument } from "../plan.ts";

/** The first of several commands that has a value; an empty text is one. */
export const coalesceCommands: CommandTable = {
  COALESCE: {
    params: "required",
    length: true,
    parse: parseCoalesce,
    build: (args, maxLength, _clock, builder) => new CoalesceCommand(args.map(builder), maxLength),
  },
};

class CoalesceCommand implements Command {
  readonly #commands: readonly Command[];
  readonly #maxLength: number;

  constructor(commands: readonly Command[], maxLength: number) {
    this.#commands = commands;
    this.#maxLength = maxLength;
  }

  text(context: FormatContext): string | null {
    return truncate(this.#choose(context)?.text(context) ?? null, this.#maxLength);
  }

  json(context: FormatContext): string {
    const chosen = this.#choose(context);
    if (chosen === null) return "null";
    const json = chosen.json(context);
    return this.#maxLength >= 0 && json.startsWith('"') ? quoteJson(this.text(context)!) : json;
  }

  #choose(context: FormatContext): Command | null {
    for (const command of this.#commands) {
      if (command.text(context) !== null) return command;
    }
    return null;
  }
}

/** `{"operators": ["NAME", {"command": "NAME", "param": "…", "max_length": 10}]}`. */
function parseCoalesce(params: string, parser: CommandParser): ParsedCommand {
  let config: unknown;
  try {
    config = JSON.parse(params);
  } catch (error) {
    return { error: `COALESCE: failed to parse JSON configuration: ${(error as Error).message}` };
  }
  const operators = (config as { operators?: unknown } | null)?.operators;
  if (!Array.isArray(operators))
    return { error: "COALESCE: JSON configuration must contain 'operators' array" };
  if (operators.length === 0) return { error: "COALESCE: 'operators' array must not be empty" };
  const args: CommandArgument[] = [];
  for (const [index, operator] of operators.entries()) {
    const parsed = parseOperator(operator, parser);
    if ("error" in parsed)
      return { error: `COALESCE: failed to parse operator at index ${index}: ${parsed.error}` };
    args.push(parsed.part);
  }
  return { args };
}

function parseOperator(operator: unknown, parser: CommandParser): ReturnType<CommandParser> {
  if (typeof operator === "string") return parser(operator, "", -1);
  if (typeof operator !== "object" || operator === null || Array.isArray(operator)) {
    return { error: "expected a command's name, or an object with 'command'" };
  }
  const {
    command,
    param = "",
    max_length: maxLength,
  } = operator as { readonly [key: string]: unknown };
  if (typeof command !== "string") return { error: "expected a string in 'command'" };
  if (typeof param !== "string") return { error: "expected a string in 'param'" };
  if (maxLength === undefined) return parser(command, param, -1);
  if (!Number.isInteger(maxLength)) return { error: "'max_length' field must be an integer" };
  if ((maxLength as number) < 1) return { error: "'max_length' must be a positive integer" };
  return parser(command, param, maxLength as number);
}
