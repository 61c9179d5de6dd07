import { formatProblem, type Source } from "@nuncio/api";
import { StatsExhaustedError, StatsStore } from "../observe/stats/store.ts";
import { compileBootstrap, type CompiledBootstrap } from "./compile-bootstrap.ts";
import { StartError } from "./errors.ts";
import type { ProxyOptions, ValidationResult } from "./options.ts";
import { readSources } from "./sources.ts";

/** `--mode validate`: everything up to the point of serving. */
export function validateConfig(options: ProxyOptions): Promise<ValidationResult> {
  try {
    const { text } = loadConfig(options, new StatsStore());
    const ok = `configuration '${options.configPath}' OK`;
    return Promise.resolve({ ok: true, text: text === "" ? ok : `${text}\n${ok}` });
  } catch (error) {
    if (error instanceof StartError) return Promise.resolve({ ok: false, text: error.message });
    throw error;
  }
}

/**
 * Reads and compiles the configuration; `text` has its warnings.
 * @throws StartError with all errors and warnings, a line each
 */
export function loadConfig(
  options: ProxyOptions,
  store: StatsStore,
): {
  readonly compiled: CompiledBootstrap;
  readonly sources: readonly Source[];
  readonly text: string;
} {
  const sources = readSources(options);
  const compiled = compile(sources, options, store);
  const text = compiled.problems.map((problem) => formatProblem(problem)).join("\n");
  if (compiled.problems.some((problem) => problem.severity === "error")) throw new StartError(text);
  return { compiled, sources, text };
}

function compile(
  sources: readonly Source[],
  options: ProxyOptions,
  store: StatsStore,
): CompiledBootstrap {
  try {
    return compileBootstrap(sources, options, store);
  } catch (error) {
    if (error instanceof StatsExhaustedError) throw new StartError(error.message, { cause: error });
    throw error;
  }
}
