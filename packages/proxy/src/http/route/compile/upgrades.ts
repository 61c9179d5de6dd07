import type {
  RouteAction,
  RouteAction_UpgradeConfig,
} from "@nuncio/api/types/envoy/config/route/v3/route_components_pb";
import type { CompileContext } from "../../../config/context.ts";
import type { RouteActionConfig } from "../model.ts";

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
    if (upgrade.connectConfig !== undefined)
      connect = { allowPost: upgrade.connectConfig.allowPost };
  }
  return { upgrades: [...upgrades], ...(connect !== undefined && { connect }) };
}

function checkConnect(upgrade: RouteAction_UpgradeConfig, type: string, ctx: CompileContext): void {
  if (type === CONNECT_UDP && (upgrade.enabled ?? true)) {
    ctx.problems.error(upgrade, "upgrade_type", "not implemented yet: upgrade_type connect-udp");
  } else if (upgrade.connectConfig !== undefined && type !== CONNECT && type !== CONNECT_UDP) {
    const text = `Non-CONNECT upgrade type ${upgrade.upgradeType} has ConnectConfig`;
    ctx.problems.error(upgrade, "connect_config", text);
  }
}
