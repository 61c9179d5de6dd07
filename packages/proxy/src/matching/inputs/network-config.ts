import type { FilterStateInput } from "@nuncio/api/types/envoy/extensions/matching/common_inputs/network/v3/network_inputs_pb";
import type { MatchInputConfigSide, MatchInputs } from "../extension.ts";
import { environmentVariableConfigSide } from "./environment-variable-config.ts";

const NETWORK = "envoy.extensions.matching.common_inputs.network.v3";
const SSL = "envoy.extensions.matching.common_inputs.ssl.v3";
const FILTER_STATE = `${NETWORK}.FilterStateInput`;

/** Plain data of a `FilterStateInput`; an empty field asks for the whole object. */
export interface FilterStateInputConfig {
  readonly key: string;
  readonly field: string;
}

const filterState: MatchInputConfigSide<FilterStateInput, FilterStateInputConfig> = {
  configType: FILTER_STATE,
  valueKind: "string",
  implemented: { [FILTER_STATE]: "all" },
  compile: ({ key, field }) => ({ key, field }),
};

/** Inputs whose messages are empty. */
function fieldless(configType: string): MatchInputConfigSide {
  return {
    configType,
    valueKind: "string",
    implemented: { [configType]: "all" },
    compile: () => null,
  };
}

/** Inputs that read the connection and that requests have, too. */
export const connectionInputConfigSides: MatchInputs = bySide([
  ...[
    `${NETWORK}.DestinationIPInput`,
    `${NETWORK}.DestinationPortInput`,
    `${NETWORK}.SourceIPInput`,
    `${NETWORK}.SourcePortInput`,
    `${NETWORK}.DirectSourceIPInput`,
    `${NETWORK}.SourceTypeInput`,
    `${NETWORK}.ServerNameInput`,
    `${NETWORK}.NetworkNamespaceInput`,
    `${SSL}.UriSanInput`,
    `${SSL}.DnsSanInput`,
    `${SSL}.SubjectInput`,
  ].map(fieldless),
  filterState,
]);

/** Inputs of matchers over connections, main side, by message type (`envoy.matching.network.input`). */
export const networkInputConfigSides: MatchInputs = new Map([
  ...connectionInputConfigSides,
  ...bySide([
    environmentVariableConfigSide,
    ...[`${NETWORK}.TransportProtocolInput`, `${NETWORK}.ApplicationProtocolInput`].map(fieldless),
  ]),
]);

function bySide(sides: readonly MatchInputConfigSide[]): MatchInputs {
  return new Map(sides.map((side) => [side.configType, side]));
}
