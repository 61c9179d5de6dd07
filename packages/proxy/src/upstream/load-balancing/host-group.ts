import type { Host } from "../host.ts";
import type { EdfScheduler } from "./edf-scheduler.ts";

/** A list of hosts that a pick ends in: all, healthy or degraded ones of a priority, or of one of its localities. */
export class HostGroup {
  hosts: readonly Host[] = [];
  /** Where weights differ. */
  scheduler: EdfScheduler<Host> | null = null;
  /** Position of an unweighted round; goes on when the hosts change. */
  position: number;

  constructor(position: number) {
    this.position = position;
  }
}

/** How hosts are picked out of a group: the part of load balancing in which the algorithms differ. */
export interface HostPicker {
  /** The group has new hosts, weights or health. */
  prepare(group: HostGroup): void;
  /** `group.hosts` is not empty. */
  pick(group: HostGroup): Host;
}
