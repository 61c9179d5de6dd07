import { text } from "../handler.ts";
import type { AdminHandler } from "../handler.ts";
import { HOT_RESTART_VERSION } from "./server-info.ts";

export const hotRestartVersion: AdminHandler = {
  path: "/hot_restart_version",
  help: "print the hot restart compatibility version",
  mutates: false,
  params: [],
  handle: () => text(HOT_RESTART_VERSION),
};
