import { text } from "../handler.ts";
import type { AdminHandler } from "../handler.ts";

export const ready: AdminHandler = {
  path: "/ready",
  help: "print server state, return 200 if LIVE, otherwise return 503",
  mutates: false,
  params: [],
  handle: (_request, providers) => {
    const { state } = providers.server();
    return text(`${state}\n`, state === "LIVE" ? 200 : 503);
  },
};
