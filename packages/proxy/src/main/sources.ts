import { readFileSync } from "node:fs";
import { getSystemErrorMessage } from "node:util";
import type { Source } from "@nuncio/api";
import { StartError } from "./errors.ts";
import type { ProxyOptions } from "./options.ts";

/**
 * The texts of the configuration: the file, then `--config-yaml` over it.
 * @throws StartError when the file cannot be read
 */
export function readSources(options: ProxyOptions): Source[] {
  const sources: Source[] = [];
  if (options.configPath !== "") {
    sources.push({ name: options.configPath, content: readConfigFile(options.configPath) });
  }
  if (options.configYaml !== "") {
    sources.push({ name: "--config-yaml", content: options.configYaml, format: "yaml" });
  }
  return sources;
}

function readConfigFile(path: string): string | Uint8Array {
  try {
    const bytes = readFileSync(path);
    return path.toLowerCase().endsWith(".pb") ? bytes : bytes.toString("utf8");
  } catch (error) {
    const { errno } = error as NodeJS.ErrnoException;
    const reason = errno === undefined ? String(error) : getSystemErrorMessage(errno);
    throw new StartError(`unable to read file: ${path}: ${reason}`, { cause: error });
  }
}
