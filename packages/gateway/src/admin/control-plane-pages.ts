import type { ControlPlane } from "../control-plane.ts";
import type { StatusList } from "../status/status-list.ts";
import type { AdminPages } from "./admin-server.ts";
import { configPage } from "./config-page.ts";
import { jsonText, text } from "./page.ts";
import { statsPage } from "./stats-page.ts";
import { xdsPage } from "./xds-page.ts";

interface LookedAt {
  readonly controlPlane: ControlPlane;
  readonly statuses: StatusList;
  /** Why data planes cannot be served yet; undefined: they are. */
  readonly notReady: () => string | undefined;
}

/** What a control plane tells whoever looks in. Nothing can be changed here, and no private key is shown. */
export function controlPlanePages({ controlPlane, statuses, notReady }: LookedAt): AdminPages {
  return {
    "/ready": {
      help: "200 when resources have been read and data planes can connect, else 503",
      answer: () => {
        const why = notReady();
        return why === undefined ? text("ready\n") : text(`not ready: ${why}\n`, 503);
      },
    },
    "/status": {
      help: "the status of each resource, as nuncio ctl status reads it",
      answer: () => jsonText(statuses.toText()),
    },
    "/config": configPage(controlPlane),
    "/xds": xdsPage(controlPlane.server, controlPlane.clock),
    "/stats/prometheus": statsPage(controlPlane),
  };
}
