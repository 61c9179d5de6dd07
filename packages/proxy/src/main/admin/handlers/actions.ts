import { text } from "../handler.ts";
import type { AdminHandler } from "../handler.ts";

export const healthcheckFail: AdminHandler = {
  path: "/healthcheck/fail",
  help: "cause the server to fail health checks",
  mutates: true,
  params: [],
  handle: (_request, providers) => {
    providers.setHealthCheckFailed(true);
    return text("OK\n");
  },
};

export const healthcheckOk: AdminHandler = {
  path: "/healthcheck/ok",
  help: "cause the server to pass health checks",
  mutates: true,
  params: [],
  handle: (_request, providers) => {
    providers.setHealthCheckFailed(false);
    return text("OK\n");
  },
};

export const drainListeners: AdminHandler = {
  path: "/drain_listeners",
  help: "drain listeners",
  mutates: true,
  params: [
    {
      id: "graceful",
      help:
        "When draining listeners, enter a graceful drain period prior to closing listeners. This behaviour and " +
        "duration is configurable via server options or CLI",
    },
    {
      id: "skip_exit",
      help:
        "When draining listeners, drain the connections but never stop the listeners. The graceful parameter has " +
        "no effect when this is set, since the drain period only delays stopping the listeners",
    },
    {
      id: "inboundonly",
      help:
        "Drains all inbound listeners. traffic_direction field in envoy_v3_api_msg_config.listener.v3.Listener is " +
        "used to determine whether a listener is inbound or outbound.",
    },
  ],
  handle: ({ params }, providers) => {
    providers.drainListeners({
      graceful: params.has("graceful"),
      skipExit: params.has("skip_exit"),
      inboundOnly: params.has("inboundonly"),
    });
    return text("OK\n");
  },
};

export const quit: AdminHandler = {
  path: "/quitquitquit",
  help: "exit the server",
  mutates: true,
  params: [],
  handle: (_request, providers) => ({ ...text("OK\n"), afterwards: () => providers.quit() }),
};

export const reopenLogs: AdminHandler = {
  path: "/reopen_logs",
  help: "reopen access logs",
  mutates: true,
  params: [],
  handle: (_request, providers) => {
    providers.reopenLogs();
    return text("OK\n");
  },
};

export const resetCounters: AdminHandler = {
  path: "/reset_counters",
  help: "reset all counters to zero",
  mutates: true,
  params: [],
  handle: (_request, providers) => {
    providers.stats.view.store.resetCounters();
    return text("OK\n");
  },
};
