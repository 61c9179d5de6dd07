import type { RouteTableConfig } from "./model.ts";

/** The table of a connection manager without routes. */
export const NO_ROUTES: RouteTableConfig = {
  name: "",
  virtualHosts: [],
  internalOnlyHeaders: [],
  mostSpecificHeaderMutationsWins: false,
  ignorePortInHostMatching: false,
  ignorePathParameters: false,
};
