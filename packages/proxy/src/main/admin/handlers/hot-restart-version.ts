import { text } from "../handler.ts";
import type { AdminHandler } from "../handler.ts";

export const hotRestartVersion: AdminHandler = {
  path: "/hot_restart_version",
  help: "print the hot restart compatibility version",
  mutates: false,
  params: [],
  handle: (_request, providers) => text(providers.server().hotRestartVersion),
};
