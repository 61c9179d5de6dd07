import { CLOSED, type Chain } from "../connections.ts";
import type { RouteAttachments } from "./attachments.ts";
import { namesAt } from "./attachments.ts";
import { backendShares } from "./backends.ts";
import { narrowest } from "./host-names.ts";
import { listenersAt, type DocumentListener } from "./listeners.ts";
import type { DocumentObjects, Route } from "./objects.ts";
import { routePrefix } from "./route-names.ts";

interface Sources {
  readonly objects: DocumentObjects;
  readonly listeners: readonly DocumentListener[];
  readonly attachments: RouteAttachments;
}

/**
 * What a connection comes to: the listener with the narrowest name around the one that it asks for, and of its routes the
 * one with the narrowest name, whatever other listeners have (Listener.hostname, TLSRouteSpec.hostnames).
 *
 * @param place `<namespace>/<gateway>/tcp-<port>` or `udp-<port>`
 */
export function specifiedChain(sources: Sources, place: string, serverName: string): Chain {
  const [namespace, name, socket = ""] = place.split("/");
  const [transport, port] = socket.split("-");
  const at = { gateway: `${namespace}/${name}`, port: Number(port), isUdp: transport === "udp" };
  const listeners = listenersAt(sources.listeners, at);
  const [first] = listeners;
  if (first === undefined) return CLOSED;
  if (first.protocol === "HTTP") return { ...CLOSED, to: "http" };
  if (first.protocol === "TCP" || first.protocol === "UDP")
    return routed(sources, sources.attachments.at(first)[0], "");
  const listener = narrowest(listeners, serverName === "" ? "*" : serverName);
  if (listener === undefined) return CLOSED;
  if (listener.protocol === "HTTPS") return { ...CLOSED, to: `https ${listener.id}` };
  const how = listener.tls?.mode === "Passthrough" ? "passthrough " : "terminate ";
  return routed(sources, routeFor(sources, listeners, listener, serverName), how);
}

/** Names of its routes that another listener has are not its own. */
function routeFor(
  { attachments }: Sources,
  listeners: readonly DocumentListener[],
  listener: DocumentListener,
  serverName: string,
): Route | undefined {
  const named = attachments
    .at(listener)
    .flatMap((route) => namesAt(route, listener).map((hostname) => ({ hostname, route })))
    .filter(({ hostname }) => narrowest(listeners, hostname)?.id === listener.id);
  return narrowest(named, serverName === "" ? "*" : serverName)?.route;
}

function routed({ objects }: Sources, route: Route | undefined, how: string): Chain {
  if (route === undefined) return CLOSED;
  const isClear = how === "passthrough " || route.kind === "UDPRoute";
  const to = how + routePrefix(route);
  return { serverNames: [], to, ...backendShares(objects, route, isClear) };
}
