export { collectGarbage } from "./base/collect-garbage.ts";
export { compareExplanations } from "./explain/compare.ts";
export type { Difference } from "./explain/compare.ts";
export type { RequestText } from "./explain/explain-request.ts";
export { explanationText, outcomeTitle, percent } from "./explain/explanation-text.ts";
export type { Explanation } from "./explain/model.ts";
export type { XdsReport } from "./main/admin/handlers/xds.ts";
export { noPaint } from "./explain/text-tree.ts";
export type { Paint } from "./explain/text-tree.ts";
export { askForRestart } from "./main/hot-restart/ask-restart.ts";
export { DEFAULT_SOCKET_PATH } from "./main/hot-restart/control-socket.ts";
export { hotRestartVersion } from "./main/hot-restart/messages.ts";
export { loadExplainer } from "./main/load-explainer.ts";
export type { LoadedExplainer } from "./main/load-explainer.ts";
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
