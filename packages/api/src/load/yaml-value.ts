import type { JsonValue } from "@bufbuild/protobuf";
import { SyntaxProblem, defaultLoadLimits } from "./text-node.ts";
import { plainJson } from "./well-known.ts";
import { parseYaml } from "./yaml/parser.ts";

/**
 * Reads a text that is one YAML value by itself, such as a value of the runtime: scalars are what Envoy takes them for, so
 * `yes` is a boolean and `1.5` a string.
 */
export function readYamlValue(
  text: string,
): { readonly value: JsonValue } | { readonly error: string } {
  try {
    return { value: plainJson(parseYaml(text.replace(/\r\n?/g, "\n"), defaultLoadLimits)) };
  } catch (error) {
    if (!(error instanceof SyntaxProblem)) throw error;
    return { error: error.message };
  }
}
