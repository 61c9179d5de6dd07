import { existsSync } from "node:fs";
import { dirname } from "node:path";
import type { Message } from "@bufbuild/protobuf";
import {
  EVENT_LOOP_DELAY_TYPE,
  typeNameOfAny,
  unpack,
  type EventLoopDelayConfig,
} from "@nuncio/api";
import type {
  OverloadManager,
  ResourceMonitor,
} from "@nuncio/api/types/envoy/config/overload/v3/overload_pb";
import type { CgroupMemoryConfig } from "@nuncio/api/types/envoy/extensions/resource_monitors/cgroup_memory/v3/cgroup_memory_pb";
import type { CpuUtilizationConfig } from "@nuncio/api/types/envoy/extensions/resource_monitors/cpu_utilization/v3/cpu_utilization_pb";
import type { DownstreamConnectionsConfig } from "@nuncio/api/types/envoy/extensions/resource_monitors/downstream_connections/v3/downstream_connections_pb";
import type { FixedHeapConfig } from "@nuncio/api/types/envoy/extensions/resource_monitors/fixed_heap/v3/fixed_heap_pb";
import type { InjectedResourceConfig } from "@nuncio/api/types/envoy/extensions/resource_monitors/injected_resource/v3/injected_resource_pb";
import type { CompileContext } from "../config/context.ts";
import { compileDuration } from "../config/durations.ts";
import type { MonitorDefinition } from "./model.ts";
import { DOWNSTREAM_CONNECTIONS } from "./points.ts";

const MONITORS = "envoy.extensions.resource_monitors";
const CONNECTIONS_TYPE = `${MONITORS}.downstream_connections.v3.DownstreamConnectionsConfig`;
const MAX_DELAY_MS = 100;

type CompileMonitor = (name: string, config: Message, ctx: CompileContext) => MonitorDefinition;

/** By type of their configuration. */
const MONITOR_TYPES: ReadonlyMap<string, CompileMonitor> = new Map<string, CompileMonitor>([
  [`${MONITORS}.fixed_heap.v3.FixedHeapConfig`, compileFixedHeap],
  [
    `${MONITORS}.cgroup_memory.v3.CgroupMemoryConfig`,
    (name, config) => ({
      kind: "cgroup_memory",
      name,
      maxMemoryBytes: Number((config as CgroupMemoryConfig).maxMemoryBytes) || Infinity,
    }),
  ],
  [
    `${MONITORS}.cpu_utilization.v3.CpuUtilizationConfig`,
    (name, config) => ({
      kind: "cpu_utilization",
      name,
      container: (config as CpuUtilizationConfig).mode === 1,
    }),
  ],
  [
    CONNECTIONS_TYPE,
    (name, config) => ({
      kind: "downstream_connections",
      name,
      connectionsMax: Number(
        (config as DownstreamConnectionsConfig).maxActiveDownstreamConnections,
      ),
    }),
  ],
  [`${MONITORS}.injected_resource.v3.InjectedResourceConfig`, compileInjectedResource],
  [EVENT_LOOP_DELAY_TYPE, compileEventLoopDelay],
]);

/** `resource_monitors`, but those of a type that is no monitor's: they are an error. */
export function compileMonitors(config: OverloadManager, ctx: CompileContext): MonitorDefinition[] {
  const names = new Set<string>();
  const monitors: MonitorDefinition[] = [];
  for (const monitor of config.resourceMonitors) {
    const { name } = monitor;
    if (names.has(name)) ctx.problems.error(monitor, "name", `duplicate resource monitor ${name}`);
    names.add(name);
    const compiled = compileMonitor(monitor, ctx);
    if (compiled !== null) monitors.push(compiled);
  }
  return monitors;
}

function compileMonitor(monitor: ResourceMonitor, ctx: CompileContext): MonitorDefinition | null {
  const { name, configType } = monitor;
  const type = configType.case === undefined ? "" : typeNameOfAny(configType.value);
  const message = configType.case === undefined ? undefined : unpack(configType.value);
  const compile = MONITOR_TYPES.get(message?.$typeName ?? "");
  const misnamed = type === CONNECTIONS_TYPE && name !== DOWNSTREAM_CONNECTIONS;
  if (compile === undefined || misnamed) {
    const text = `Didn't find a registered implementation for '${name}' with type URL: '${type}'`;
    ctx.problems.error(monitor, "typed_config", text);
    return null;
  }
  return compile(name, message!, ctx);
}

function compileFixedHeap(name: string, message: Message, ctx: CompileContext): MonitorDefinition {
  const maxHeapSizeBytes = Number((message as FixedHeapConfig).maxHeapSizeBytes);
  if (maxHeapSizeBytes === 0) {
    const text = "fixed_heap: max heap size must be greater than 0";
    ctx.problems.error(message, "max_heap_size_bytes", text);
  }
  return { kind: "fixed_heap", name, maxHeapSizeBytes };
}

/** Envoy watches the file's folder, so that has to be there. */
function compileInjectedResource(
  name: string,
  message: Message,
  ctx: CompileContext,
): MonitorDefinition {
  const { filename } = message as InjectedResourceConfig;
  if (!existsSync(dirname(filename))) {
    const text = `unable to add filesystem watch for file ${filename}: No such file or directory`;
    ctx.problems.error(message, "filename", text);
  }
  return { kind: "injected_resource", name, filename };
}

function compileEventLoopDelay(
  name: string,
  message: Message,
  ctx: CompileContext,
): MonitorDefinition {
  const { maxDelay } = message as EventLoopDelayConfig;
  const maxDelayMs = compileDuration(message, "max_delay", maxDelay, MAX_DELAY_MS, ctx);
  if (maxDelayMs === 0)
    ctx.problems.error(message, "max_delay", "expected a positive duration of 1ms or more, got 0s");
  return { kind: "event_loop_delay", name, maxDelayMs };
}
