import type { Address, FormatContext } from "../../stream-info.ts";
import { NumberCommand, TextCommand, numberCommand, textCommand } from "../command.ts";
import type { CommandDefinition, CommandTable } from "../command.ts";
import { maskAddress } from "../mask-address.ts";

type AddressSource = (context: FormatContext) => Address | null;

const downstreamRemote: AddressSource = ({ streamInfo }) =>
  streamInfo.remoteAddress ?? streamInfo.downstream?.directRemoteAddress ?? null;
const downstreamDirectRemote: AddressSource = ({ streamInfo }) =>
  streamInfo.downstream?.directRemoteAddress ?? null;
const downstreamLocal: AddressSource = ({ streamInfo }) =>
  streamInfo.downstream?.localAddress ?? null;
const downstreamDirectLocal: AddressSource = (context) =>
  context.streamInfo.downstream?.directLocalAddress ?? downstreamLocal(context);
const upstreamLocal: AddressSource = ({ streamInfo }) => streamInfo.upstream.localAddress;
/** The chosen host, once a connection to it stands. */
const upstreamRemote: AddressSource = ({ streamInfo }) =>
  streamInfo.upstream.localAddress === null ? null : streamInfo.upstream.hostAddress;

/** Where the two connections of a stream begin and end. */
export const addressCommands: CommandTable = {
  ...addressFamily("DOWNSTREAM_REMOTE", downstreamRemote),
  ...addressFamily("DOWNSTREAM_DIRECT_REMOTE", downstreamDirectRemote),
  ...addressFamily("DOWNSTREAM_LOCAL", downstreamLocal),
  ...addressFamily("DOWNSTREAM_DIRECT_LOCAL", downstreamDirectLocal),
  ...addressFamily("UPSTREAM_LOCAL", upstreamLocal),
  ...addressFamily("UPSTREAM_REMOTE", upstreamRemote),
  DOWNSTREAM_LOCAL_ADDRESS_ENDPOINT_ID: endpointId(downstreamLocal),
  DOWNSTREAM_DIRECT_LOCAL_ADDRESS_ENDPOINT_ID: endpointId(downstreamDirectLocal),
  UPSTREAM_REMOTE_ADDRESS_ENDPOINT_ID: endpointId(upstreamRemote),
  CONNECTION_ID: numberCommand(({ streamInfo }) => streamInfo.downstream?.connectionId ?? 0),
  UPSTREAM_CONNECTION_ID: numberCommand(({ streamInfo }) => streamInfo.upstream.connectionId),
  LISTENER_NAME: textCommand(({ streamInfo }) => streamInfo.downstream?.listenerName || null),
  FILTER_CHAIN_NAME: textCommand(
    ({ streamInfo }) => streamInfo.downstream?.filterChainName || null,
  ),
};

/** `_ADDRESS`, `_ADDRESS_WITHOUT_PORT` (with a mask) and `_PORT` of one end. */
function addressFamily(name: string, source: AddressSource): CommandTable {
  return {
    [`${name}_ADDRESS`]: textCommand((context) => source(context)?.text ?? null),
    [`${name}_ADDRESS_WITHOUT_PORT`]: {
      params: "optional",
      length: false,
      // As in Envoy, a mask that is no number is none.
      parse: (params) => ({ args: [/^[0-9]+$/.test(params) ? Number(params) : -1] }),
      build: ([prefixLength]) => {
        if (prefixLength === -1) return new TextCommand((context) => source(context)?.ip ?? null);
        return new TextCommand((context) => {
          const address = source(context);
          return address === null ? null : maskAddress(address.ip, prefixLength as number);
        });
      },
    },
    [`${name}_PORT`]: {
      params: "none",
      length: false,
      build: () =>
        new NumberCommand((context) => {
          const address = source(context);
          // A pipe has no port: its text is its path.
          return address === null || address.text === address.ip ? -1 : address.port;
        }),
    },
  };
}

/** Only addresses of internal listeners have an endpoint id; others print it empty. */
function endpointId(source: AddressSource): CommandDefinition {
  return textCommand((context) => (source(context) === null ? null : ""));
}
