import type { Message } from "@bufbuild/protobuf";
import type { HeaderMutation } from "@nuncio/api/types/envoy/config/common/mutation_rules/v3/mutation_rules_pb";
import type {
  HeaderValue,
  HeaderValueOption,
  KeyValueMutation,
} from "@nuncio/api/types/envoy/config/core/v3/base_pb";
import type { CompileContext } from "../../config/context.ts";
import { builtInCommands } from "../../observe/format/built-in-commands.ts";
import { toByteString } from "../../observe/format/byte-string.ts";
import type { CommandTable } from "../../observe/format/command.ts";
import { compileText } from "../../observe/format/compile.ts";
import { compileStringMatcher } from "../route/matchers/string-matcher.ts";
import type {
  AppendAction,
  HeaderAddition,
  HeaderMutationStep,
  HeaderMutationsConfig,
  QueryMutationStep,
} from "./model.ts";

/** By the numbers of `HeaderAppendAction` and `KeyValueAppendAction`. */
const ACTIONS: readonly AppendAction[] = [
  "APPEND_IF_EXISTS_OR_ADD",
  "ADD_IF_ABSENT",
  "OVERWRITE_IF_EXISTS_OR_ADD",
  "OVERWRITE_IF_EXISTS",
];

/**
 * Compiles `…_headers_to_add` and `…_headers_to_remove` of one message. Null when there is nothing to do.
 * `owner` and `removeField` say where the list of names stands, for problems.
 */
export function compileHeaderValueOptions(
  add: readonly HeaderValueOption[],
  remove: readonly string[],
  ctx: CompileContext,
  owner: Message,
  removeField: string,
): HeaderMutationsConfig | null {
  if (add.length === 0 && remove.length === 0) return null;
  for (const [index, name] of remove.entries()) {
    if (!isProtected(name)) continue;
    ctx.problems.error(owner, removeField, ":-prefixed or host headers may not be removed", index);
  }
  return {
    add: add.map((option) => compileAddition(option, builtInCommands(ctx), ctx)),
    remove: remove.map((name) => name.toLowerCase()),
  };
}

/** Compiles a header that stands by itself, as in `initial_metadata`. An empty value leaves the headers as they are. */
export function compileHeaderValue(
  header: HeaderValue,
  action: AppendAction,
  ctx: CompileContext,
): HeaderAddition {
  const compiled = compileNameAndValue(header, header, builtInCommands(ctx), ctx);
  return { ...compiled, action, keepEmpty: false };
}

/** Compiles a list of `HeaderMutation`; `commands` are those that its values may use. */
export function compileHeaderMutations(
  messages: readonly HeaderMutation[],
  commands: CommandTable,
  ctx: CompileContext,
): HeaderMutationStep[] {
  const steps: HeaderMutationStep[] = [];
  for (const message of messages) {
    const { action } = message;
    switch (action.case) {
      case "append":
        steps.push({ kind: "append", addition: compileAddition(action.value, commands, ctx) });
        break;
      case "remove":
        // Envoy takes it and then answers every request with 503 "missing required header".
        if (action.value.startsWith(":")) {
          ctx.problems.error(
            message,
            "remove",
            `not implemented yet: removal of pseudo header ${action.value}`,
          );
        }
        steps.push({ kind: "remove", name: action.value.toLowerCase() });
        break;
      case "removeOnMatch":
        if (action.value.keyMatcher !== undefined) {
          steps.push({
            kind: "remove_on_match",
            matcher: compileStringMatcher(action.value.keyMatcher, ctx),
          });
        }
        break;
      default:
        // validate.rules make the oneof required, so this was reported.
        break;
    }
  }
  return steps;
}

/** Compiles `query_parameter_mutations`. */
export function compileQueryMutations(
  messages: readonly KeyValueMutation[],
  commands: CommandTable,
  ctx: CompileContext,
): QueryMutationStep[] {
  const steps: QueryMutationStep[] = [];
  for (const message of messages) {
    const { append, remove } = message;
    if (append === undefined) {
      if (remove === "")
        ctx.problems.error(message, undefined, "One of 'append'/'remove' must be specified.");
      steps.push({ kind: "remove", name: toByteString(remove) });
      continue;
    }
    if (remove !== "")
      ctx.problems.error(message, "remove", "Only one of 'append'/'remove can be specified.");
    const { record, action } = append;
    if (record === undefined) {
      ctx.problems.error(append, undefined, "No record specified for append mutation.");
      continue;
    }
    const kind = record.value?.kind;
    if (kind?.case !== "stringValue") {
      ctx.problems.error(record, "value", "Only string value is allowed for record value.");
      continue;
    }
    const value = compileText(kind.value, "", commands, ctx, record, "value");
    steps.push({ kind: "append", name: toByteString(record.key), value, action: ACTIONS[action]! });
  }
  return steps;
}

function compileAddition(
  option: HeaderValueOption,
  commands: CommandTable,
  ctx: CompileContext,
): HeaderAddition {
  return {
    ...compileNameAndValue(option.header, option, commands, ctx),
    action: actionOf(option, ctx),
    keepEmpty: option.keepEmptyValue,
  };
}

/** `owner`: where the header is missing, for problems. */
function compileNameAndValue(
  header: HeaderValue | undefined,
  owner: Message,
  commands: CommandTable,
  ctx: CompileContext,
): Pick<HeaderAddition, "name" | "value"> {
  const name = header?.key ?? "";
  const at: Message = header ?? owner;
  if (isProtected(name))
    ctx.problems.error(at, "key", ":-prefixed or host headers may not be modified");
  else if (!isToken(name)) ctx.problems.error(at, "key", `expected a header name, seen '${name}'`);
  if ((header?.rawValue.length ?? 0) > 0)
    ctx.problems.warning(at, "raw_value", "has no effect in an edit of headers, as in Envoy");
  return {
    name: name.toLowerCase(),
    value: compileText(modernFormat(header?.value ?? ""), "", commands, ctx, at, "value"),
  };
}

function actionOf(option: HeaderValueOption, ctx: CompileContext): AppendAction {
  if (option.append === undefined) return ACTIONS[option.appendAction]!;
  if (option.appendAction !== 0) {
    ctx.problems.error(
      option,
      "append",
      "Both append and append_action are set and it's not allowed",
    );
  }
  return option.append ? "APPEND_IF_EXISTS_OR_ADD" : "OVERWRITE_IF_EXISTS_OR_ADD";
}

/** Older spellings that Envoy takes in header values only: keys as a JSON list, and PER_REQUEST_STATE. */
function modernFormat(value: string): string {
  return value
    .replace(
      /%(UPSTREAM_METADATA|DYNAMIC_METADATA)\(\[([^)\]]*)\]\)%/g,
      (_all, name: string, list: string) => {
        const keys = list.split(",").map((key) => key.trim().replace(/^"(.*)"$/, "$1"));
        return `%${name}(${keys.join(":")})%`;
      },
    )
    .replace(/%PER_REQUEST_STATE\(([^)]*)\)%/g, "%FILTER_STATE($1:PLAIN)%");
}

/** Headers that steer the request itself: only rewrites of the route may change them. */
function isProtected(name: string): boolean {
  return name.startsWith(":") || name.toLowerCase() === "host";
}

/** RFC 9110, section 5.6.2. */
function isToken(name: string): boolean {
  return /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name);
}
