import type { NetworkFilterConfigSide } from "../extension.ts";

/** Main side of the echo filter; there is nothing to configure. */
export const echoConfigSide: NetworkFilterConfigSide = {
  name: "envoy.filters.network.echo",
  configType: "envoy.extensions.filters.network.echo.v3.Echo",
  terminal: true,
  implemented: { "envoy.extensions.filters.network.echo.v3.Echo": "all" },
  compile: () => null,
};
