import type {
  RouteAction,
  RouteAction_UpgradeConfig,
  RouteAction_UpgradeConfig_ConnectConfig as ConnectMessage,
} from "@nuncio/api/types/envoy/config/route/v3/route_components_pb";
import type { CompileContext } from "../../../config/context.ts";
import type { ConnectConfig, RouteActionConfig } from "../model.ts";

const CONNECT = "connect";
const CONNECT_UDP = "connect-udp";

/** `upgrade_configs` of a route. A type stands once, in whatever case; `connect_config` is for CONNECT alone. */
export function compileUpgrades(
  message: RouteAction,
  ctx: CompileContext,
): Pick<RouteActionConfig, "upgrades" | "connect"> {
  if (message.upgradeConfigs.length === 0) return {};
  const upgrades = new Map<string, boolean>();
  let connect: RouteActionConfig["connect"];
  for (const upgrade of message.upgradeConfigs) {
    const type = upgrade.upgradeType.toLowerCase();
    if (upgrades.has(type))
      ctx.problems.error(upgrade, "upgrade_type", `Duplicate upgrade ${upgrade.upgradeType}`);
    upgrades.set(type, upgrade.enabled ?? true);
    checkConnect(upgrade, type, ctx);
    if (upgrade.connectConfig !== undefined) connect = compileConnect(upgrade.connectConfig, ctx);
  }
  return { upgrades: [...upgrades], ...(connect !== undefined && { connect }) };
}

function compileConnect(
  { allowPost, proxyProtocolConfig: config }: ConnectMessage,
  ctx: CompileContext,
): ConnectConfig {
  if (config === undefined) return { allowPost, proxyProtocol: 0 };
  for (const field of ["pass_through_tlvs", "added_tlvs"] as const) {
    const set =
      field === "added_tlvs" ? config.addedTlvs.length > 0 : config.passThroughTlvs !== undefined;
    if (set) ctx.problems.warning(config, field, "has no effect in a tunnel, as in Envoy");
  }
  return { allowPost, proxyProtocol: VERSIONS[config.version] ?? 0 };
}

/** By the numbers of `ProxyProtocolConfig.Version`; any other sends nothing, as in Envoy. */
const VERSIONS: { readonly [version: number]: 1 | 2 } = { 0: 1, 1: 2 };

function checkConnect(upgrade: RouteAction_UpgradeConfig, type: string, ctx: CompileContext): void {
  if (upgrade.connectConfig === undefined || type === CONNECT || type === CONNECT_UDP) return;
  const text = `Non-CONNECT upgrade type ${upgrade.upgradeType} has ConnectConfig`;
  ctx.problems.error(upgrade, "connect_config", text);
}
