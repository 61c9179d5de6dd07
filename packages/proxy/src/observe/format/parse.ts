import { toByteString } from "./byte-string.ts";
import type { CommandDefinition, CommandTable } from "./command.ts";
import { constantText } from "./commands/process.ts";
import type { FormatPart } from "./plan.ts";

/** The parts of a format, literals merged; or what is wrong with it, in Envoy's words where it has some. */
export type ParsedFormat =
  | { readonly parts: readonly FormatPart[] }
  /** `position`: of the command that is wrong, 0-based. */
  | { readonly error: string; readonly position: number };

/** `%NAME%`, `%NAME(params)%`, `%NAME(params):LENGTH%`; params end at the first `)` behind which the command can end. */
const COMMAND = /%([A-Z0-9_]+)(?:\(([^\n]*?)\))?(?::([0-9]+))?%/y;
const LENGTH_MAX = 2n ** 64n - 1n;

/** Takes a format apart. `%%` is a percent sign. Main thread only: a worker gets the parts. */
export function parseFormat(format: string, commands: CommandTable): ParsedFormat {
  const parts: FormatPart[] = [];
  let literal = "";
  for (let at = 0; at < format.length;) {
    if (format[at] !== "%") {
      literal += format[at++];
      continue;
    }
    if (format[at + 1] === "%") {
      literal += "%";
      at += 2;
      continue;
    }
    COMMAND.lastIndex = at;
    const match = COMMAND.exec(format);
    if (match === null || BigInt(match[3] ?? 0) > LENGTH_MAX) {
      return {
        error: `Incorrect configuration: ${format}. Couldn't find valid command at position ${at}`,
        position: at,
      };
    }
    const parsed = parseCommand(
      match[1]!,
      match[2] ?? "",
      match[3] === undefined ? -1 : Number(match[3]),
      commands,
    );
    if ("error" in parsed) return { error: parsed.error, position: at };
    at = COMMAND.lastIndex;
    // A constant is a byte string already, so the literal before it, which is not one yet, ends here too.
    if (literal !== "") parts.push(toByteString(literal));
    literal = "";
    parts.push(parsed.part);
  }
  if (literal !== "") parts.push(toByteString(literal));
  return { parts: mergeLiterals(parts) };
}

function parseCommand(
  name: string,
  params: string,
  maxLength: number,
  commands: CommandTable,
): { readonly part: FormatPart } | { readonly error: string } {
  const definition = Object.hasOwn(commands, name) ? commands[name]! : undefined;
  if (definition === undefined) return { error: `Not supported field in StreamInfo: ${name}` };
  const error = syntaxError(name, definition, params, maxLength);
  if (error !== null) return { error };
  const parsed =
    definition.parse === undefined
      ? { args: params === "" ? [] : [toByteString(params)] }
      : definition.parse(params, (inner, innerParams, length) =>
          parseCommand(inner, innerParams, length, commands),
        );
  if ("error" in parsed) return parsed;
  if ("constant" in parsed)
    return { part: parsed.uncut ? parsed.constant : constantText(parsed.constant, maxLength) };
  return { part: { command: name, args: parsed.args, maxLength } };
}

/** Whether the command takes such parameters and a length; null when it does. */
function syntaxError(
  name: string,
  definition: CommandDefinition,
  params: string,
  maxLength: number,
): string | null {
  if (definition.params === "none" && (params !== "" || maxLength >= 0)) {
    return `${name} does not take any parameters or length`;
  }
  if (definition.params === "required" && params === "") return `${name} requires parameters`;
  if (!definition.length && maxLength >= 0) return `${name} does not allow length to be specified.`;
  return null;
}

function mergeLiterals(parts: readonly FormatPart[]): readonly FormatPart[] {
  const merged: FormatPart[] = [];
  for (const part of parts) {
    const last = merged.at(-1);
    if (typeof part === "string" && typeof last === "string")
      merged[merged.length - 1] = last + part;
    else merged.push(part);
  }
  return merged;
}
