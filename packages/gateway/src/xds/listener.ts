import type {
  Filter,
  FilterChain,
  ListenerFilter,
} from "@nuncio/api/types/envoy/config/listener/v3/listener_components_pb";
import type { Listener } from "@nuncio/api/types/envoy/config/listener/v3/listener_pb";
import type { TlsInspector } from "@nuncio/api/types/envoy/extensions/filters/listener/tls_inspector/v3/tls_inspector_pb";
import type { IrFilterChain, IrL4Route, IrListener } from "../ir/listener.ts";
import { downstreamTls } from "./downstream-tls.ts";
import { httpConnectionManager } from "./http-connection-manager.ts";
import { tcpProxy, udpProxy } from "./layer4.ts";
import { extension, message, type Field, type Init } from "./message.ts";
import { originOfRoute } from "./metadata.ts";
import type { Inline } from "./sources.ts";

/** What a connection may hold before it is made to wait. */
export const BUFFER_BYTES_MAX = 32 * 1024;

/** `SocketAddress.Protocol` */
const PROTOCOLS = { TCP: 0, UDP: 1 } as const;

/** A socket of a gateway. */
export function listenerMessage(listener: IrListener, inline?: Inline): Listener {
  const [first, ...others] = listener.addresses.map((address) => socketAddress(listener, address));
  if (first === undefined) throw new Error(`${listener.name}: expected an address, got none`);
  return message<Listener>("envoy.config.listener.v3.Listener", {
    name: listener.name,
    address: first,
    additionalAddresses: others.map((address) => ({ address })),
    perConnectionBufferLimitBytes: BUFFER_BYTES_MAX,
    ...(listener.protocol === "UDP" ? udpFields(listener) : tcpFields(listener, inline)),
  });
}

function socketAddress(
  { protocol, port, ipv4Compat }: IrListener,
  address: string,
): Field<Listener, "address"> {
  return {
    address: {
      case: "socketAddress",
      value: {
        protocol: PROTOCOLS[protocol],
        address,
        portSpecifier: { case: "portValue", value: port },
        ...(ipv4Compat === true && address === "::" && { ipv4Compat }),
      },
    },
  };
}

function udpFields({ name, udp }: IrListener): Init<Listener> {
  return {
    ...(udp !== undefined && originOfL4(udp)),
    udpListenerConfig: {},
    listenerFilters: [udpProxy(udp ?? { name, clusters: [] })],
  };
}

function tcpFields({ filterChains }: IrListener, inline: Inline | undefined): Init<Listener> {
  const looksAtTls = filterChains.some(
    ({ serverNames, transportProtocol, tls }) =>
      serverNames.length > 0 || transportProtocol !== undefined || tls !== undefined,
  );
  return {
    listenerFilters: looksAtTls ? [tlsInspector()] : [],
    filterChains: filterChains.map((chain) => filterChain(chain, inline)),
  };
}

/** None of a listener that no route has. */
function originOfL4({ name, ruleName }: IrL4Route): Pick<Init<FilterChain>, "metadata"> {
  const metadata = originOfRoute(name, ruleName);
  return metadata === undefined ? {} : { metadata };
}

function tlsInspector(): Init<ListenerFilter> {
  const { name, typedConfig } = extension<TlsInspector>(
    "envoy.filters.listener.tls_inspector",
    "envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector",
    {},
  );
  return { name, configType: { case: "typedConfig", value: typedConfig } };
}

function filterChain(chain: IrFilterChain, inline: Inline | undefined): Init<FilterChain> {
  const { name, serverNames, transportProtocol, tls, handler: what } = chain;
  const isAny = serverNames.length === 0 && transportProtocol === undefined;
  return {
    name,
    ...(isAny
      ? {}
      : {
          filterChainMatch: {
            serverNames: [...serverNames],
            ...(transportProtocol === undefined ? {} : { transportProtocol }),
          },
        }),
    ...(tls === undefined ? {} : { transportSocket: downstreamTls(tls, inline) }),
    ...(what.kind === "tcp" && originOfL4(what.route)),
    filters: [handler(chain, inline)],
  };
}

function handler(chain: IrFilterChain, inline: Inline | undefined): Init<Filter> {
  const { handler: what } = chain;
  return what.kind === "http" ? httpConnectionManager(chain, what, inline) : tcpProxy(what.route);
}
