import type { IrExternalAuthFilter, IrFilterChain, IrHttpHandler } from "../../ir/listener.ts";
import type { GatewayLimits } from "../gateways/limits.ts";

/**
 * Keeps filters of authorization that no route uses any more. Data planes take listeners before routes: a filter that went with
 * the change of a route would leave its requests, for a moment, to the old route and to no filter at all, and nobody would be asked.
 *
 * @param before what the chains of the listener were
 * @param retiredFiltersMax more are not kept: those go that were used least lately
 */
export function withRetiredFilters(
  chains: readonly IrFilterChain[],
  before: readonly IrFilterChain[],
  { retiredFiltersMax }: GatewayLimits,
): IrFilterChain[] {
  const handlers = new Map(before.map(({ name, handler }) => [name, handler]));
  return chains.map((chain) => {
    const old = handlers.get(chain.name);
    if (chain.handler.kind !== "http" || old?.kind !== "http") return chain;
    const all = retiredFilters(chain.handler, old);
    const retired = all.slice(Math.max(0, all.length - retiredFiltersMax));
    if (retired.length === 0) return chain;
    return { ...chain, handler: { ...chain.handler, retiredFilters: retired } };
  });
}

function retiredFilters(now: IrHttpHandler, old: IrHttpHandler): IrExternalAuthFilter[] {
  const used = new Set(authFilters(now).map(keyOf));
  const kept = [...(old.retiredFilters ?? []), ...authFilters(old)];
  return kept.filter((filter) => !used.has(keyOf(filter)));
}

function authFilters({ filters }: IrHttpHandler): IrExternalAuthFilter[] {
  return filters.filter((filter) => typeof filter !== "string");
}

function keyOf({ protocol, requestHeaders }: IrExternalAuthFilter): string {
  return `${protocol} ${requestHeaders.join()}`;
}
