import { numberOf, type SystemFiles } from "./files.ts";
import type { ResourceMonitor } from "./monitor.ts";

/** Where the two versions of cgroups keep what is in use, and its limit. */
const VERSIONS = [
  { usage: "/sys/fs/cgroup/memory.current", limit: "/sys/fs/cgroup/memory.max", unlimited: "max" },
  {
    usage: "/sys/fs/cgroup/memory/memory.usage_in_bytes",
    limit: "/sys/fs/cgroup/memory/memory.limit_in_bytes",
    unlimited: "-1",
  },
] as const;

/** Memory of the process's control group against its limit, or `max_memory_bytes` when that is less. */
export class CgroupMemoryMonitor implements ResourceMonitor {
  readonly ofMemory = true;
  readonly #maxMemoryBytes: number;
  readonly #files: SystemFiles;

  /** `maxMemoryBytes`: Infinity for none. */
  constructor(maxMemoryBytes: number, files: SystemFiles) {
    this.#maxMemoryBytes = maxMemoryBytes;
    this.#files = files;
  }

  pressure(): number {
    for (const { usage, limit, unlimited } of VERSIONS) {
      const used = this.#files.tryRead(usage);
      if (used === null) continue;
      const text = this.#files.read(limit);
      const cgroupLimit = text === unlimited ? Infinity : numberOf(text, limit);
      return numberOf(used, usage) / Math.min(cgroupLimit, this.#maxMemoryBytes);
    }
    throw new Error("no memory controller of cgroups is mounted at /sys/fs/cgroup");
  }
}
