import type { HeaderMap } from "@nuncio/codec";
import type { FormatClock } from "../../observe/format/command.ts";
import { buildFormatter } from "../../observe/format/formatter.ts";
import type { Formatter } from "../../observe/format/formatter.ts";
import type { FormatContext } from "../../observe/stream-info.ts";
import { appendHeader, overwriteHeader } from "./header-lines.ts";
import type { HeaderAddition, HeaderMutationsConfig } from "./model.ts";

/**
 * `…_headers_to_add` and `…_headers_to_remove` of one place, on a worker. Removes first; then all values are computed
 * and all conditions asked, before anything is added; then what overwrites, then what is appended: Envoy's order.
 */
export class HeaderMutations {
  readonly #remove: readonly string[];
  readonly #add: readonly BuiltAddition[];

  constructor(config: HeaderMutationsConfig, clock: FormatClock) {
    this.#remove = config.remove;
    this.#add = config.add.map((addition) => buildAddition(addition, clock));
  }

  /** `headers` of a request, response or trailers; `context` is what the values' commands read. */
  apply(headers: HeaderMap, context: FormatContext): void {
    for (const name of this.#remove) removeHeader(headers, name);
    const additions = this.#add;
    if (additions.length === 0) return;
    if (additions.length === 1) {
      applyAddition(additions[0]!, headers, context);
      return;
    }
    const values: (string | null)[] = [];
    for (const addition of additions) values.push(valueToSet(addition, headers, context));
    for (let i = 0; i < additions.length; i++) {
      const value = values[i]!;
      if (value !== null && additions[i]!.overwrites)
        overwriteHeader(headers, additions[i]!.name, value);
    }
    for (let i = 0; i < additions.length; i++) {
      const value = values[i]!;
      if (value !== null && !additions[i]!.overwrites)
        appendHeader(headers, additions[i]!.name, value);
    }
  }
}

/** A `HeaderAddition` on a worker. */
export interface BuiltAddition extends Pick<HeaderAddition, "name" | "action" | "keepEmpty"> {
  readonly value: Formatter;
  readonly overwrites: boolean;
}

/** Worker side of one header to add. */
export function buildAddition(addition: HeaderAddition, clock: FormatClock): BuiltAddition {
  const { name, action, keepEmpty } = addition;
  const overwrites = action === "OVERWRITE_IF_EXISTS" || action === "OVERWRITE_IF_EXISTS_OR_ADD";
  return { name, action, keepEmpty, overwrites, value: buildFormatter(addition.value, clock) };
}

/** One addition on its own. */
export function applyAddition(
  addition: BuiltAddition,
  headers: HeaderMap,
  context: FormatContext,
): void {
  const value = valueToSet(addition, headers, context);
  if (value === null) return;
  if (addition.overwrites) overwriteHeader(headers, addition.name, value);
  else appendHeader(headers, addition.name, value);
}

/** Removes a header; `host` is the authority. */
export function removeHeader(headers: HeaderMap, name: string): void {
  if (name === "host") {
    headers.authority = "";
    headers.authorityMissing = true;
  } else headers.remove(name);
}

/** Null when the headers stay as they are. */
function valueToSet(
  addition: BuiltAddition,
  headers: HeaderMap,
  context: FormatContext,
): string | null {
  if (addition.action === "ADD_IF_ABSENT" && headers.has(addition.name)) return null;
  if (addition.action === "OVERWRITE_IF_EXISTS" && !headers.has(addition.name)) return null;
  const value = addition.value.text(context);
  return value === "" && !addition.keepEmpty ? null : value;
}
