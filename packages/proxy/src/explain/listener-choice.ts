import { isIP } from "node:net";
import { listenAddressText } from "../config/address.ts";
import type { ListenAddress, ListenerConfig } from "../listener/model.ts";
import type { Address } from "../observe/stream-info.ts";
import { ipAddress, pipeAddress } from "../transport/address.ts";
import { ExplainError } from "./explain-error.ts";
import type { ExplainRequest } from "./explain-request.ts";

/** The listener that takes a request, and the address that the connection then has on this side. */
export interface ChosenListener {
  readonly config: ListenerConfig;
  /** In the configuration. */
  readonly index: number;
  readonly localAddress: Address;
  readonly why: string;
}

/**
 * The listener by name, else by the URL's port and, where several have it, its address; else the only one there is.
 * @throws ExplainError when there is none, or no single one
 */
export function chooseListener(
  configured: readonly ListenerConfig[],
  request: ExplainRequest,
): ChosenListener {
  const chosen = chooseAmong(
    configured.filter(({ udp }) => udp === null),
    request,
  );
  return { ...chosen, index: configured.indexOf(chosen.config) };
}

/** Requests come over TCP. */
function chooseAmong(
  listeners: readonly ListenerConfig[],
  request: ExplainRequest,
): Omit<ChosenListener, "index"> {
  if (listeners.length === 0)
    throw new ExplainError("expected a listener, the configuration has none");
  if (request.listener !== "") return byName(listeners, request);
  const found = byAddress(listeners, request);
  if (found !== null) return found;
  if (listeners.length > 1) {
    const all = listeners.map(describe).join(", ");
    throw new ExplainError(`no listener on port ${request.port}: choose one by name (${all})`);
  }
  const config = listeners[0]!;
  const why = `the only listener; nothing listens on port ${request.port}`;
  return { config, localAddress: localOf(config.addresses[0]!, request), why };
}

function byName(
  listeners: readonly ListenerConfig[],
  request: ExplainRequest,
): Omit<ChosenListener, "index"> {
  const config = listeners.find(({ name }) => name === request.listener);
  if (config === undefined) {
    const all = listeners.map(describe).join(", ");
    throw new ExplainError(`no listener named "${request.listener}", expected one of ${all}`);
  }
  const address =
    config.addresses.find(({ port }) => port === request.port) ?? config.addresses[0]!;
  return { config, localAddress: localOf(address, request), why: "chosen by its name" };
}

/** As the kernel does: an address of the host itself before one that takes all. */
function byAddress(
  listeners: readonly ListenerConfig[],
  request: ExplainRequest,
): Omit<ChosenListener, "index"> | null {
  const ip = targetIp(request);
  let best: Omit<ChosenListener, "index"> | null = null;
  let bestRank = 0;
  for (const config of listeners) {
    for (const address of config.addresses) {
      if (address.path !== "" || address.port !== request.port) continue;
      const rank = address.ip === ip ? 3 : isWildcard(address) ? 2 : ip === "" ? 1 : 0;
      if (rank <= bestRank) continue;
      bestRank = rank;
      const why = `port ${request.port} of the URL`;
      best = { config, localAddress: localOf(address, request), why };
    }
  }
  return best;
}

function localOf(address: ListenAddress, request: ExplainRequest): Address {
  if (address.path !== "") return pipeAddress(address.path);
  if (!isWildcard(address)) return ipAddress(address.ip, address.port);
  return ipAddress(targetIp(request) || "127.0.0.1", address.port);
}

/** The IP that the URL names; empty for a name, which may be any. */
function targetIp({ hostname }: ExplainRequest): string {
  if (hostname === "localhost") return "127.0.0.1";
  return isIP(hostname) === 0 ? "" : hostname;
}

function isWildcard({ ip }: ListenAddress): boolean {
  return ip === "0.0.0.0" || ip === "::";
}

function describe({ name, addresses }: ListenerConfig): string {
  return `${name} on ${addresses.map(listenAddressText).join(" and ")}`;
}
