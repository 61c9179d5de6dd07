import { availableParallelism } from "node:os";
import { numberOf, type SystemFiles } from "./files.ts";
import type { ResourceMonitor } from "./monitor.ts";

/** How much of a new value comes through at once: peaks of one interval say little (Envoy's damping). */
const DAMPING = 0.05;

/** CPU time that was spent, and how much there was to spend, both since some moment and in the same unit. */
interface CpuTimes {
  readonly work: number;
  readonly total: number;
}

/** The share of CPU time that is in use, smoothed: of the host, or of the container by its control group. */
export class CpuUtilizationMonitor implements ResourceMonitor {
  readonly ofMemory = false;
  readonly #read: () => CpuTimes;
  #last: CpuTimes | null = null;
  #utilization = 0;

  /** `nowMs`: a monotonic clock. */
  constructor(container: boolean, files: SystemFiles, nowMs: () => number) {
    this.#read = container
      ? (): CpuTimes => containerTimes(files, nowMs())
      : (): CpuTimes => hostTimes(files);
  }

  pressure(): number {
    const times = this.#read();
    const last = this.#last;
    this.#last = times;
    if (last === null) return 0;
    const work = times.work - last.work;
    const total = times.total - last.total;
    if (work < 0 || total <= 0)
      throw new Error(`erroneous CPU stats: work ${work}, total ${total} since the last refresh`);
    const now = Math.min(work / total, 1);
    this.#utilization = now * DAMPING + this.#utilization * (1 - DAMPING);
    return this.#utilization;
  }
}

const HOST = "/proc/stat";

/** Jiffies of all processors: user, nice, system, idle. */
function hostTimes(files: SystemFiles): CpuTimes {
  const times = /^cpu {2}(\d+) (\d+) (\d+) (\d+)/.exec(files.read(HOST));
  if (times === null) throw new Error(`unexpected format of ${HOST}`);
  const [user, nice, system, idle] = times.slice(1).map(Number) as [number, number, number, number];
  const work = user + nice + system;
  return { work, total: work + idle };
}

const V2 = "/sys/fs/cgroup";
const V1_SHARES = "/sys/fs/cgroup/cpu/cpu.shares";
const V1_USAGE = "/sys/fs/cgroup/cpuacct/cpuacct.usage";
const V1_SHARES_PER_CORE = 1000;

/** Milliseconds of one processor, of as many as the group may use. */
function containerTimes(files: SystemFiles, nowMs: number): CpuTimes {
  const stat = files.tryRead(`${V2}/cpu.stat`);
  if (stat === null) {
    const cores = files.readNumber(V1_SHARES) / V1_SHARES_PER_CORE;
    return { work: files.readNumber(V1_USAGE) / 1e6, total: nowMs * cores };
  }
  const usage = /^usage_usec (\d+)$/m.exec(stat)?.[1];
  if (usage === undefined) throw new Error(`expected usage_usec in ${V2}/cpu.stat`);
  return { work: Number(usage) / 1000, total: nowMs * coresOf(files) };
}

/** By quota and by the processors that the group may run on. The root group has no quota. */
function coresOf(files: SystemFiles): number {
  const list = files.tryRead(`${V2}/cpuset.cpus.effective`) ?? "";
  const processors = list === "" ? availableParallelism() : countProcessors(list);
  const [quota = "max", period = ""] = (files.tryRead(`${V2}/cpu.max`) ?? "max").split(" ");
  if (quota === "max") return processors;
  const path = `${V2}/cpu.max`;
  return Math.min(numberOf(quota, path) / numberOf(period, path), processors);
}

/** `0-3,8`: five. */
function countProcessors(list: string): number {
  let count = 0;
  for (const range of list.split(",")) {
    const [first = "", last = first] = range.split("-");
    const path = `${V2}/cpuset.cpus.effective`;
    count += numberOf(last, path) - numberOf(first, path) + 1;
  }
  return count;
}
