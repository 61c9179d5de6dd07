import type { FormatContext } from "../../stream-info.ts";
import { truncate } from "../command.ts";
import type { Command, CommandParser, CommandTable, ParsedCommand } from "../command.ts";
import { quoteJson } from "../json-text.ts";
import type { CommandArgument } from "../plan.ts";

/** The first of several commands whose value is not empty; an empty value only when there is nothing better. */
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
    let empty: Command | null = null;
    for (const command of this.#commands) {
      const text = command.text(context);
      if (text) return command;
      if (text === "") empty = command;
    }
    return empty;
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
    max_length: maxLength = -1,
    ...rest
  } = operator as { readonly [key: string]: unknown };
  const unknown = Object.keys(rest)[0];
  if (unknown !== undefined) return { error: `unknown field '${unknown}'` };
  if (typeof command !== "string") return { error: "expected a string in 'command'" };
  if (typeof param !== "string") return { error: "expected a string in 'param'" };
  if (typeof maxLength !== "number") return { error: "expected a number in 'max_length'" };
  return parser(command, param, maxLength);
}
