import { readFileSync } from "node:fs";
import type { JsonObject, JsonValue, Message } from "@bufbuild/protobuf";
import { typeNameOfAny, unpack } from "@nuncio/api";
import type { DataSource } from "@nuncio/api/types/envoy/config/core/v3/base_pb";
import type { TypedExtensionConfig } from "@nuncio/api/types/envoy/config/core/v3/extension_pb";
import type { SubstitutionFormatString } from "@nuncio/api/types/envoy/config/core/v3/substitution_format_string_pb";
import type { Cel } from "@nuncio/api/types/envoy/extensions/formatter/cel/v3/cel_pb";
import type { CompileContext } from "../../config/context.ts";
import { expressionOptions } from "../../expression/compile.ts";
import { builtInCommands } from "./built-in-commands.ts";
import { toByteString } from "./byte-string.ts";
import { celCommands } from "./cel-commands.ts";
import type { CommandTable } from "./command.ts";
import { fileContentCommands } from "./commands/file-content.ts";
import { reqWithoutQueryCommands } from "./commands/headers.ts";
import { byKey, jsonValue, quoteJson } from "./json-text.ts";
import { parseFormat } from "./parse.ts";
import type { ParsedFormat } from "./parse.ts";
import type { FormatPlan, JsonNode, JsonPlan, TextPlan } from "./plan.ts";

const FORMATTERS = "envoy.extensions.formatter";

/** A format and what else the message says: `content_type` is for local replies. */
export interface CompiledFormatString {
  readonly plan: FormatPlan;
  /** Empty when not set: `text/plain` for text, `application/json` for JSON. */
  readonly contentType: string;
}

/** Compiles a `SubstitutionFormatString`; see the Envoy message for the fields. */
export function compileFormatString(
  message: SubstitutionFormatString,
  ctx: CompileContext,
): CompiledFormatString {
  const commands = withExtensions(message.formatters, ctx);
  return { plan: compileOneOf(message, commands, ctx), contentType: message.contentType };
}

function compileOneOf(
  message: SubstitutionFormatString,
  commands: CommandTable,
  ctx: CompileContext,
): FormatPlan {
  const { format, omitEmptyValues } = message;
  const absent = omitEmptyValues ? "" : "-";
  switch (format.case) {
    case "textFormat":
      return compileText(format.value, absent, commands, ctx, message, "text_format");
    case "textFormatSource":
      return compileText(
        readText(format.value, ctx),
        absent,
        commands,
        ctx,
        message,
        "text_format_source",
      );
    case "jsonFormat":
      return compileJson(format.value, omitEmptyValues, commands, ctx, message, "json_format");
    default:
      // validate.rules make the oneof required, so this was reported.
      return { kind: "text", parts: [], absent };
  }
}

/** A text format with the built-in commands: deprecated fields, header values. Problems go to `message.field`. */
export function compileTextFormat(
  format: string,
  absent: TextPlan["absent"],
  ctx: CompileContext,
  message: Message,
  field: string,
): TextPlan {
  return compileText(format, absent, builtInCommands(ctx), ctx, message, field);
}

/** A JSON format with the built-in commands, for the deprecated fields of the file access log. */
export function compileJsonFormat(
  format: JsonObject,
  ctx: CompileContext,
  message: Message,
  field: string,
): JsonPlan {
  return compileJson(format, false, builtInCommands(ctx), ctx, message, field);
}

/** The commands of a format that lists `formatters`. Types that are not here are refused by the implemented table. */
export function withExtensions(
  formatters: readonly TypedExtensionConfig[],
  ctx: CompileContext,
): CommandTable {
  let commands = builtInCommands(ctx);
  for (const formatter of formatters) {
    const { typedConfig } = formatter;
    const type = typedConfig === undefined ? "" : typeNameOfAny(typedConfig);
    // METADATA of the metadata extension is a built-in command, too.
    switch (type) {
      case `${FORMATTERS}.req_without_query.v3.ReqWithoutQuery`:
        commands = { ...commands, ...reqWithoutQueryCommands };
        break;
      case `${FORMATTERS}.file_content.v3.FileContent`:
        commands = { ...commands, ...fileContentCommands };
        break;
      case `${FORMATTERS}.cel.v3.Cel`: {
        const options = expressionOptions(unpack<Cel>(typedConfig!)?.celConfig);
        commands = { ...commands, ...celCommands(options, ctx.node) };
        break;
      }
      default:
        // Formatters that are not here are refused by the table of implemented messages, a missing type by validate.rules.
        if (type !== "" && !type.startsWith(FORMATTERS)) {
          ctx.problems.error(formatter, "typed_config", `Formatter not found: ${formatter.name}`);
        }
        break;
    }
  }
  return commands;
}

/** As `compileTextFormat`, with the commands of extensions. */
export function compileText(
  format: string,
  absent: TextPlan["absent"],
  commands: CommandTable,
  ctx: CompileContext,
  message: Message,
  field: string,
): TextPlan {
  const parsed = parseFormat(format, commands);
  if (!("error" in parsed)) return { kind: "text", parts: parsed.parts, absent };
  ctx.problems.error(message, field, withPosition(parsed));
  return { kind: "text", parts: [], absent };
}

/** The error, and where in the format it is, unless it says so itself or there is only one place. */
function withPosition({
  error,
  position,
}: Extract<ParsedFormat, { readonly error: string }>): string {
  return position === 0 || error.endsWith(`at position ${position}`)
    ? error
    : `${error} (at position ${position})`;
}

function compileJson(
  format: JsonObject,
  omitEmpty: boolean,
  commands: CommandTable,
  ctx: CompileContext,
  message: Message,
  field: string,
): JsonPlan {
  const root = compileObject(format, "", commands, (path, error) =>
    ctx.problems.error(message, field, `${path}: ${error}`),
  );
  return { kind: "json", root, omitEmpty };
}

/** `path`: keys and indices from the top of the format, `a.b[0]`. */
type Report = (path: string, error: string) => void;

function compileObject(
  value: JsonObject,
  path: string,
  commands: CommandTable,
  report: Report,
): JsonNode & { readonly kind: "object" } {
  const fields = Object.entries(value)
    .map(([key, field]): [string, JsonValue] => [toByteString(key), field])
    .sort(byKey)
    .map(([key, field]) => ({
      key: quoteJson(key),
      value: compileNode(field, path === "" ? key : `${path}.${key}`, commands, report),
    }));
  return { kind: "object", fields };
}

function compileNode(
  value: JsonValue,
  path: string,
  commands: CommandTable,
  report: Report,
): JsonNode {
  if (typeof value === "string") return compileString(value, path, commands, report);
  if (Array.isArray(value)) {
    const items = value.map((item, i) => compileNode(item, `${path}[${i}]`, commands, report));
    return { kind: "list", items };
  }
  if (typeof value === "object" && value !== null) {
    return compileObject(value, path, commands, report);
  }
  return { kind: "constant", json: jsonValue(value) };
}

function compileString(
  value: string,
  path: string,
  commands: CommandTable,
  report: Report,
): JsonNode {
  const parsed = parseFormat(value, commands);
  if ("error" in parsed) {
    report(path, withPosition(parsed));
    return { kind: "constant", json: "null" };
  }
  const { parts } = parsed;
  const [only] = parts;
  if (only === undefined) return { kind: "constant", json: '""' };
  if (parts.length > 1) return { kind: "text", parts };
  return typeof only === "string"
    ? { kind: "constant", json: quoteJson(only) }
    : { kind: "command", command: only };
}

/** Reads a `DataSource` as UTF-8, once, on main. A file or variable that cannot be read is a problem. */
function readText(source: DataSource, ctx: CompileContext): string {
  const { specifier } = source;
  switch (specifier.case) {
    case "inlineString":
      return specifier.value;
    case "inlineBytes":
      return Buffer.from(specifier.value).toString("utf8");
    case "environmentVariable": {
      const value = process.env[specifier.value];
      if (value !== undefined) return value;
      ctx.problems.error(
        source,
        "environment_variable",
        `environment variable doesn't exist: ${specifier.value}`,
      );
      return "";
    }
    case "filename":
      try {
        return readFileSync(specifier.value, "utf8");
      } catch (error) {
        ctx.problems.error(
          source,
          "filename",
          `Invalid path: ${specifier.value} (${(error as Error).message})`,
        );
        return "";
      }
    default:
      return "";
  }
}
