import { isLocalConnection } from "../../base/local-connection.ts";
import { isFilterStateObject } from "../../observe/filter-state-object.ts";
import type { Address } from "../../observe/stream-info.ts";
import { isPipe } from "../../transport/address.ts";
import type { MatchInput, MatchInputBuilders, MatchInputWorkerSide } from "../extension.ts";
import type { NetworkMatchingData } from "../matching-data.ts";
import { environmentVariableInput } from "./environment-variable.ts";
import type { FilterStateInputConfig } from "./network-config.ts";

type Input = MatchInput<NetworkMatchingData>;

const NETWORK = "envoy.extensions.matching.common_inputs.network.v3";
const SSL = "envoy.extensions.matching.common_inputs.ssl.v3";

/** Sockets are opened in the namespace of the process: none has a name. */
const none: Input = () => null;
/** A certificate may still come, as Envoy has it for a connection without TLS: nobody can decide by it. */
const neverAvailable: Input = () => undefined;

const SIMPLE: { readonly [type: string]: Input } = {
  [`${NETWORK}.DestinationIPInput`]: ({ downstream }) => ip(downstream.localAddress),
  [`${NETWORK}.DestinationPortInput`]: ({ downstream }) => port(downstream.localAddress),
  [`${NETWORK}.SourceIPInput`]: ({ remoteAddress }) => ip(remoteAddress),
  [`${NETWORK}.SourcePortInput`]: ({ remoteAddress }) => port(remoteAddress),
  [`${NETWORK}.DirectSourceIPInput`]: ({ downstream }) => ip(downstream.directRemoteAddress),
  [`${NETWORK}.SourceTypeInput`]: ({ downstream, remoteAddress }) =>
    isLocalConnection(remoteAddress.ip, downstream.localAddress.ip) ? "local" : null,
  [`${NETWORK}.ServerNameInput`]: ({ downstream }) => downstream.requestedServerName || null,
  [`${NETWORK}.NetworkNamespaceInput`]: none,
  [`${SSL}.UriSanInput`]: neverAvailable,
  [`${SSL}.DnsSanInput`]: neverAvailable,
  [`${SSL}.SubjectInput`]: neverAvailable,
};

const FILTER_STATE: MatchInputWorkerSide<NetworkMatchingData, FilterStateInputConfig> = {
  configType: `${NETWORK}.FilterStateInput`,
  build: ({ key, field }) => filterState(key, field),
};

/** Worker sides of the inputs that read the connection and that requests have, too. */
export const connectionInputs: readonly MatchInputWorkerSide<NetworkMatchingData>[] = [
  ...Object.entries(SIMPLE).map(([configType, input]) => ({ configType, build: () => input })),
  FILTER_STATE,
];

/** What Envoy takes a connection for that no listener filter has looked at is a raw one. */
const transportProtocol: Input = ({ downstream }) => downstream.transportProtocol || "raw_buffer";

/** `'h2','http/1.1'`, as Envoy puts them. */
const applicationProtocols: Input = ({ downstream: { applicationProtocols: found } }) =>
  found === undefined || found.length === 0
    ? null
    : found.map((protocol) => `'${protocol}'`).join(",");

/** Inputs of matchers over connections, by message type. */
export const networkInputs: MatchInputBuilders<NetworkMatchingData> = new Map(
  [
    environmentVariableInput,
    ...connectionInputs,
    { configType: `${NETWORK}.TransportProtocolInput`, build: () => transportProtocol },
    { configType: `${NETWORK}.ApplicationProtocolInput`, build: () => applicationProtocols },
  ].map((side) => [side.configType, side]),
);

/** Null for a pipe, whose own end may have no name. */
function ip(address: Address): string | null {
  return isPipe(address) || address.ip === "" ? null : address.ip;
}

function port(address: Address): string | null {
  return isPipe(address) || address.ip === "" ? null : String(address.port);
}

/** Text is its own serialization, an object says what is its; a field is one of an object. */
function filterState(key: string, field: string): Input {
  if (field === "") {
    return ({ filterState: objects }) => {
      const object = objects?.get(key);
      return textOrNull(isFilterStateObject(object) ? object.filterStateText : object);
    };
  }
  return ({ filterState: objects }) => {
    const object = objects?.get(key);
    const fields = isFilterStateObject(object) ? object.filterStateFields : object;
    if (typeof fields !== "object" || fields === null) return null;
    return textOrNull((fields as { readonly [name: string]: unknown })[field]);
  };
}

function textOrNull(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}
