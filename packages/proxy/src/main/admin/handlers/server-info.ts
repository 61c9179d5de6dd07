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
    const status = providers.server();
    const { version, state, uptimeSeconds, commandLineOptions, node } = status;
    return json({
      version,
      state,
      uptime_current_epoch: `${uptimeSeconds}s`,
      uptime_all_epochs: `${status.uptimeAllEpochsSeconds}s`,
      hot_restart_version: status.hotRestartVersion,
      command_line_options: commandLineOptions,
      node: toJson(node),
      hot_restart_initializing: false,
    });
  },
};
