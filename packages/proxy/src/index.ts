export { LOG_LEVELS } from "./main/options.ts";
export type {
  ComponentLogLevel,
  LogLevelName,
  ProxyMode,
  ProxyOptions,
  StatsTag,
  ValidationResult,
} from "./main/options.ts";
