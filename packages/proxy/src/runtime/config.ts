import { existsSync } from "node:fs";
import { dirname } from "node:path";
import type {
  LayeredRuntime,
  RuntimeLayer,
} from "@nuncio/api/types/envoy/config/bootstrap/v3/bootstrap_pb";
import { checkConfigSource } from "../config/config-source.ts";
import type { CompileContext } from "../config/context.ts";
import type { RuntimeConfig, RuntimeLayerConfig } from "./layer.ts";
import { structLayer } from "./struct-layer.ts";
import { unheededKeys } from "./unheeded-keys.ts";

const BOOTSTRAP = "envoy.config.bootstrap.v3";

/** Fields of the runtime that do something. */
export const implemented = {
  [`${BOOTSTRAP}.LayeredRuntime`]: "all",
  [`${BOOTSTRAP}.RuntimeLayer`]: [
    "name",
    "static_layer",
    "disk_layer",
    "admin_layer",
    "rtds_layer",
  ],
  [`${BOOTSTRAP}.RuntimeLayer.DiskLayer`]: "all",
  [`${BOOTSTRAP}.RuntimeLayer.AdminLayer`]: "all",
  [`${BOOTSTRAP}.RuntimeLayer.RtdsLayer`]: "all",
  "envoy.service.runtime.v3.Runtime": "all",
} as const;

/** `layered_runtime`; `serviceCluster` is the node's. */
export function compileRuntime(
  message: LayeredRuntime | undefined,
  serviceCluster: string,
  ctx: Pick<CompileContext, "problems">,
): RuntimeConfig {
  if (message === undefined) return { layers: [] };
  // Without any layer there is one of admin, without a name, as in Envoy.
  if (message.layers.length === 0) return { layers: [{ kind: "admin", name: "" }] };
  checkLayers(message, ctx);
  return { layers: message.layers.flatMap((layer) => compileLayer(layer, serviceCluster, ctx)) };
}

function checkLayers(
  { layers }: LayeredRuntime,
  { problems }: Pick<CompileContext, "problems">,
): void {
  const names = new Set<string>();
  let admins = 0;
  for (const layer of layers) {
    if (names.has(layer.name)) problems.error(layer, "name", `Duplicate layer name: ${layer.name}`);
    names.add(layer.name);
    if (layer.layerSpecifier.case !== "adminLayer" || ++admins < 2) continue;
    const text = "Too many admin layers specified in LayeredRuntime, at most one may be specified";
    problems.error(layer, "admin_layer", text);
  }
}

function compileLayer(
  message: RuntimeLayer,
  serviceCluster: string,
  { problems }: Pick<CompileContext, "problems">,
): RuntimeLayerConfig | [] {
  const { name, layerSpecifier: specifier } = message;
  switch (specifier.case) {
    case "staticLayer": {
      const values = structLayer(specifier.value, (key) =>
        problems.error(message, "static_layer", `Invalid runtime entry value for ${key}`),
      );
      for (const text of unheededKeys(values).values())
        problems.warning(message, "static_layer", text);
      return { kind: "static", name, values };
    }
    case "diskLayer": {
      const { symlinkRoot, subdirectory, appendServiceCluster } = specifier.value;
      const fault = rootFault(symlinkRoot);
      if (fault !== null) problems.error(specifier.value, "symlink_root", fault);
      const folder = `${symlinkRoot}/${subdirectory}${appendServiceCluster ? `/${serviceCluster}` : ""}`;
      return { kind: "disk", name, symlinkRoot, folder };
    }
    case "adminLayer":
      return { kind: "admin", name };
    case "rtdsLayer": {
      const { name: resourceName, rtdsConfig: configSource } = specifier.value;
      if (configSource !== undefined) checkConfigSource(configSource, problems);
      return { kind: "rtds", name, resourceName: resourceName || name, configSource };
    }
    case undefined:
      // validate.rules ask for one.
      return [];
  }
}

/** A root need not be there, but the folder that it is to be in does: there it is waited for. */
function rootFault(symlinkRoot: string): string | null {
  if (!symlinkRoot.includes("/")) return `invalid file path ${symlinkRoot}`.trimEnd();
  if (existsSync(dirname(symlinkRoot))) return null;
  return `unable to add filesystem watch for file ${symlinkRoot}: No such file or directory`;
}
