import type { ExpressionPlan } from "../../expression/model.ts";

/**
 * A compiled format as plain, structured-cloneable data: main parses and checks, a worker builds.
 *
 * All text in a plan, and all text that a formatter gives, is a *byte string*: one character per byte of the UTF-8
 * that is meant (char codes below 256). Header values come as byte strings from the codec, so that a whole line can be
 * written with `latin1Write`, whatever bytes a client sent.
 */
export type FormatPlan = TextPlan | JsonPlan;

/** `text_format`, a header value, a query parameter. */
export interface TextPlan {
  readonly kind: "text";
  readonly parts: readonly FormatPart[];
  /** What stands for a missing value: `-`, or nothing with `omit_empty_values` and in header values. */
  readonly absent: "-" | "";
}

/** `json_format`; one line of JSON with keys in byte order, newline included. */
export interface JsonPlan {
  readonly kind: "json";
  readonly root: JsonNode & { readonly kind: "object" };
  /** `omit_empty_values`: leave out null fields, null elements and empty objects. */
  readonly omitEmpty: boolean;
}

/** A literal, or a command. */
export type FormatPart = string | CommandPlan;

/** `%NAME(params):maxLength%` with its parameters taken apart. */
export interface CommandPlan {
  readonly command: string;
  readonly args: readonly CommandArgument[];
  /** Bytes; -1 for no limit. */
  readonly maxLength: number;
}

/** Parameters as the command's `parse` took them apart; `COALESCE` holds further commands. */
export type CommandArgument = string | number | CommandPlan | ExpressionArgument;

/** The expression of `CEL` and `TYPED_CEL`. */
export interface ExpressionArgument {
  readonly expression: ExpressionPlan;
}

/** One value of a JSON format. */
export type JsonNode =
  /** JSON text that never changes, quotes and escapes included. */
  | { readonly kind: "constant"; readonly json: string }
  /** A lone command: keeps its type, null when missing. */
  | { readonly kind: "command"; readonly command: CommandPlan }
  /** Commands mixed with text: always a string. */
  | { readonly kind: "text"; readonly parts: readonly FormatPart[] }
  | { readonly kind: "list"; readonly items: readonly JsonNode[] }
  /** Keys are JSON text with quotes; in order. */
  | { readonly kind: "object"; readonly fields: readonly JsonField[] };

export interface JsonField {
  readonly key: string;
  readonly value: JsonNode;
}
