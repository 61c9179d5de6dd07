import { sharedNowMs } from "../../base/shared-clock.ts";
import type { MonitorDefinition } from "../model.ts";
import { BEAT_MS, EventLoopBeats, type OverloadMemoryBuffers } from "../overload-memory.ts";
import { CgroupMemoryMonitor } from "./cgroup-memory.ts";
import { CpuUtilizationMonitor } from "./cpu-utilization.ts";
import { EventLoopDelayMonitor } from "./event-loop-delay.ts";
import { SystemFiles } from "./files.ts";
import { FixedHeapMonitor } from "./fixed-heap.ts";
import { InjectedResourceMonitor } from "./injected-resource.ts";
import type { ResourceMonitor } from "./monitor.ts";

/** Null for one that has no pressure: its limit acts by itself. */
export function createMonitor(
  definition: MonitorDefinition,
  memory: OverloadMemoryBuffers,
): ResourceMonitor | null {
  switch (definition.kind) {
    case "fixed_heap":
      return new FixedHeapMonitor(definition.maxHeapSizeBytes);
    case "cgroup_memory":
      return new CgroupMemoryMonitor(definition.maxMemoryBytes, new SystemFiles());
    case "cpu_utilization":
      return new CpuUtilizationMonitor(definition.container, new SystemFiles(), sharedNowMs);
    case "injected_resource":
      return new InjectedResourceMonitor(definition.filename, new SystemFiles());
    case "event_loop_delay": {
      const beats = new EventLoopBeats(memory);
      return new EventLoopDelayMonitor(definition.maxDelayMs, beats, BEAT_MS, sharedNowMs);
    }
    case "downstream_connections":
      return null;
  }
}
