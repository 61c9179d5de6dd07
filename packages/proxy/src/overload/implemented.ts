import { EVENT_LOOP_DELAY_TYPE } from "@nuncio/api";

const OVERLOAD = "envoy.config.overload.v3";
const MONITORS = "envoy.extensions.resource_monitors";

/** Fields of the overload manager that do something. */
export const implemented = {
  [`${OVERLOAD}.OverloadManager`]: [
    "refresh_interval",
    "resource_monitors",
    "actions",
    "loadshed_points",
  ],
  [`${OVERLOAD}.ResourceMonitor`]: "all",
  [`${OVERLOAD}.OverloadAction`]: "all",
  [`${OVERLOAD}.LoadShedPoint`]: "all",
  [`${OVERLOAD}.Trigger`]: "all",
  [`${OVERLOAD}.ThresholdTrigger`]: "all",
  [`${OVERLOAD}.ScaledTrigger`]: "all",
  [`${OVERLOAD}.ScaleTimersOverloadActionConfig`]: "all",
  [`${OVERLOAD}.ScaleTimersOverloadActionConfig.ScaleTimer`]: "all",
  [`${OVERLOAD}.ShrinkHeapConfig`]: "all",
  "envoy.type.v3.Percent": "all",
  [`${MONITORS}.fixed_heap.v3.FixedHeapConfig`]: ["max_heap_size_bytes"],
  [`${MONITORS}.cgroup_memory.v3.CgroupMemoryConfig`]: "all",
  [`${MONITORS}.cpu_utilization.v3.CpuUtilizationConfig`]: "all",
  [`${MONITORS}.downstream_connections.v3.DownstreamConnectionsConfig`]: "all",
  [`${MONITORS}.injected_resource.v3.InjectedResourceConfig`]: "all",
  [EVENT_LOOP_DELAY_TYPE]: "all",
} as const;
