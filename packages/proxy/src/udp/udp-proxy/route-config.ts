import type { Message } from "@bufbuild/protobuf";
import type { Route } from "@nuncio/api/types/envoy/extensions/filters/udp/udp_proxy/v3/route_pb";
import type { UdpProxyConfig as UdpProxyMessage } from "@nuncio/api/types/envoy/extensions/filters/udp/udp_proxy/v3/udp_proxy_pb";
import type { CompileContext } from "../../config/context.ts";
import { compileMatcher } from "../../matching/compile.ts";
import type { MatchInputs } from "../../matching/extension.ts";
import { networkInputConfigSides } from "../../matching/inputs/network-config.ts";
import type { UdpProxyConfig } from "./model.ts";

const ROUTE = "envoy.extensions.filters.udp.udp_proxy.v3.Route";
const INPUTS = "envoy.extensions.matching.common_inputs";

/** Messages of routes that are implemented. */
export const implemented = { [ROUTE]: "all" } as const;

/** What is known of a datagram before anything is done with it. */
const inputs: MatchInputs = new Map(
  [
    `${INPUTS}.network.v3.DestinationIPInput`,
    `${INPUTS}.network.v3.DestinationPortInput`,
    `${INPUTS}.network.v3.SourceIPInput`,
    `${INPUTS}.network.v3.SourcePortInput`,
    `${INPUTS}.network.v3.NetworkNamespaceInput`,
    `${INPUTS}.environment_variable.v3.Config`,
  ].map((type) => [type, networkInputConfigSides.get(type)!]),
);

/** `matcher`, or `cluster`, which is one that always matches. */
export function compileRoute(
  { routeSpecifier: specifier }: UdpProxyMessage,
  ctx: CompileContext,
): Pick<UdpProxyConfig, "route" | "clusterNames"> {
  const names = new Set<string>();
  const action = (name: string): string => {
    names.add(name);
    return name;
  };
  switch (specifier.case) {
    case "matcher": {
      const route = compileMatcher(specifier.value, {
        ctx,
        inputs,
        keepMatching: false,
        actions: new Map([[ROUTE, (message: Message) => action((message as Route).cluster)]]),
      });
      return { route, clusterNames: [...names] };
    }
    case "cluster":
      return {
        route: {
          tree: null,
          onNoMatch: { kind: "action", action: action(specifier.value), keepMatching: false },
        },
        clusterNames: [...names],
      };
    // validate.rules refuse it.
    case undefined:
      return { route: { tree: null, onNoMatch: null }, clusterNames: [] };
  }
}
