import { isLogComponent, LOG_COMPONENTS } from "./components.ts";
import { DEFAULT_LOG_FORMAT } from "./format.ts";
import { parseLogLevel } from "./level.ts";
import type { LogLevel } from "./level.ts";
import type { LogSettings } from "./log.ts";

/** What of the command line concerns the log; a part of the proxy's options. */
export interface LogOptions {
  readonly logLevel: string;
  readonly componentLogLevels: readonly { readonly component: string; readonly level: string }[];
  /** Empty for Envoy's default. */
  readonly logFormat: string;
  readonly logFormatEscaped: boolean;
  readonly logPath: string;
}

/**
 * The settings that the command line asks for.
 * @throws Error with Envoy's text, fit for the user, for an unknown level or component.
 */
export function logSettingsOf(options: LogOptions): LogSettings {
  const general = levelOf(options.logLevel);
  const levels: { [component: string]: LogLevel } = {};
  for (const component of LOG_COMPONENTS) levels[component] = general;
  for (const { component, level } of options.componentLogLevels) {
    if (!isLogComponent(component)) throw new Error(`invalid component specified '${component}'`);
    levels[component] = levelOf(level);
  }
  const format = options.logFormat === "" ? DEFAULT_LOG_FORMAT : options.logFormat;
  return {
    format: options.logFormatEscaped ? escapeMessage(format) : format,
    path: options.logPath,
    levels,
  };
}

/** `%v` as `%_`, but not the `%%v` that prints "%v". */
function escapeMessage(format: string): string {
  return format.replace(/%%|%((?:[-=]?\d{1,2}!?)?)v/g, (text, width: string | undefined) =>
    width === undefined ? text : `%${width}_`,
  );
}

function levelOf(name: string): LogLevel {
  const level = parseLogLevel(name);
  if (level === undefined) throw new Error(`invalid log level specified '${name}'`);
  return level;
}
