import { toJson } from "@nuncio/api";
import { json } from "../handler.ts";
import type { AdminHandler } from "../handler.ts";

/** `envoy.admin.v3.ServerInfo`. */
export const serverInfo: AdminHandler = {
  path: "/server_info",
  help: "print server version/status information",
  mutates: false,
  params: [],
  handle: (_request, providers) => {
    const { version, state, uptimeSeconds, commandLineOptions, node } = providers.server();
    return json({
      version,
      state,
      uptime_current_epoch: `${uptimeSeconds}s`,
      uptime_all_epochs: `${uptimeSeconds}s`,
      hot_restart_version: HOT_RESTART_VERSION,
      command_line_options: commandLineOptions,
      node: toJson(node),
      hot_restart_initializing: false,
    });
  },
};

/** What Envoy says when hot restart is off, as it is here. */
export const HOT_RESTART_VERSION = "disabled";
