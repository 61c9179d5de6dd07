import type { HeaderMap } from "@nuncio/codec";
import type { FormatClock } from "../../observe/format/command.ts";
import { buildFormatter } from "../../observe/format/formatter.ts";
import type { Formatter } from "../../observe/format/formatter.ts";
import { percentDecode } from "../../observe/format/percent-encoding.ts";
import type { FormatContext } from "../../observe/stream-info.ts";
import type { AppendAction, QueryMutationStep } from "./model.ts";

type Step =
  | {
      readonly kind: "append";
      readonly name: string;
      readonly value: Formatter;
      readonly action: AppendAction;
    }
  | { readonly kind: "remove"; readonly name: string };

/** One value of a parameter: its name decoded, and the text that goes into the path. */
interface Parameter {
  readonly name: string;
  readonly text: string;
}

/**
 * `query_parameter_mutations` on a worker. As in Envoy, the query comes out sorted by name with `=` behind every name.
 * Unlike Envoy, which writes decoded text back, parameters that were there keep their own encoding: a decoded blank
 * would break the request line.
 */
export class QueryMutations {
  readonly #steps: readonly Step[];

  constructor(steps: readonly QueryMutationStep[], clock: FormatClock) {
    this.#steps = steps.map((step) =>
      step.kind === "remove" ? step : { ...step, value: buildFormatter(step.value, clock) },
    );
  }

  /** Rewrites the query of `headers.path`. */
  apply(headers: HeaderMap, context: FormatContext): void {
    const mark = headers.path.indexOf("?");
    let parameters = mark < 0 ? [] : parse(headers.path.slice(mark + 1));
    for (const step of this.#steps) {
      parameters =
        step.kind === "remove" ? without(parameters, step.name) : append(parameters, step, context);
    }
    const path = mark < 0 ? headers.path : headers.path.slice(0, mark);
    headers.path = parameters.length === 0 ? path : `${path}?${print(parameters)}`;
  }
}

function append(
  parameters: readonly Parameter[],
  step: Step & { readonly kind: "append" },
  context: FormatContext,
): readonly Parameter[] {
  const exists = parameters.some((parameter) => parameter.name === step.name);
  const { action } = step;
  if (action === "ADD_IF_ABSENT" && exists) return parameters;
  if (action === "OVERWRITE_IF_EXISTS" && !exists) return parameters;
  const overwrites = action === "OVERWRITE_IF_EXISTS" || action === "OVERWRITE_IF_EXISTS_OR_ADD";
  const text = `${percentEncode(step.name)}=${percentEncode(step.value.text(context))}`;
  return [...(overwrites ? without(parameters, step.name) : parameters), { name: step.name, text }];
}

function without(parameters: readonly Parameter[], name: string): readonly Parameter[] {
  return parameters.filter((parameter) => parameter.name !== name);
}

function parse(query: string): readonly Parameter[] {
  if (query === "") return [];
  return query.split("&").map((text) => {
    const equals = text.indexOf("=");
    return equals < 0
      ? { name: percentDecode(text), text: `${text}=` }
      : { name: percentDecode(text.slice(0, equals)), text };
  });
}

function print(parameters: readonly Parameter[]): string {
  return [...parameters]
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
    .map((parameter) => parameter.text)
    .join("&");
}

/** Escapes every byte but letters, digits and `-_.*`, as Envoy does. Takes a byte string. */
function percentEncode(text: string): string {
  return text.replace(/[^A-Za-z0-9\-_.*]/g, (byte) => {
    return "%" + byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0");
  });
}
