import type { HttpConnectionManager } from "@nuncio/api/types/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb";
import type { CompileContext } from "../../config/context.ts";
import type { HttpFilterRegistry, HttpFilterScope } from "../filters/extension.ts";
import { compileHttpFilters } from "./http-filters-config.ts";
import type { UpgradeConfig } from "./model.ts";

/** `upgrade_configs`: a type of any case may stand once. One without filters takes those of the connection manager. */
export function compileUpgrades(
  hcm: HttpConnectionManager,
  ctx: CompileContext,
  registry: HttpFilterRegistry,
  scope: HttpFilterScope,
): UpgradeConfig[] {
  const seen = new Set<string>();
  return hcm.upgradeConfigs.map((message) => {
    const type = message.upgradeType.toLowerCase();
    if (seen.has(type)) {
      const text = `Error: multiple upgrade configs with the same name: '${message.upgradeType}'`;
      ctx.problems.error(message, "upgrade_type", text);
    }
    seen.add(type);
    const enabled = message.enabled ?? true;
    const filters =
      message.filters.length === 0
        ? null
        : compileHttpFilters(message.filters, "http upgrade", ctx, registry, scope);
    return { type, enabled, filters };
  });
}
