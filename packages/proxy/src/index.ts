export { LOG_LEVELS } from "./main/options.ts";
export type {
  ComponentLogLevel,
  LogLevelName,
  ProxyMode,
  ProxyOptions,
  StatsTag,
  ValidationResult,
} from "./main/options.ts";
export { runProxy } from "./main/proxy.ts";
export { validateConfig } from "./main/validate.ts";
