/** Envoy's log levels, rising. */
export const LogLevel = {
  trace: 0,
  debug: 1,
  info: 2,
  warning: 3,
  error: 4,
  critical: 5,
  off: 6,
} as const;
export type LogLevel = (typeof LogLevel)[keyof typeof LogLevel];
export type LogLevelName = keyof typeof LogLevel;

export const LOG_LEVEL_NAMES = Object.keys(LogLevel) as LogLevelName[];

/** The level of a name; `warn` is `warning`. Undefined for anything else. */
export function parseLogLevel(name: string): LogLevel | undefined {
  if (name === "warn") return LogLevel.warning;
  return Object.hasOwn(LogLevel, name) ? LogLevel[name as LogLevelName] : undefined;
}

/** Envoy's name of a level. */
export function logLevelName(level: LogLevel): LogLevelName {
  return LOG_LEVEL_NAMES[level]!;
}
