import { isIP } from "node:net";
import type { InputMatcherWorkerSide } from "../extension.ts";
import { IpIntervals } from "../tree/ip-intervals.ts";
import { IP_MATCHER_STATS, type IpMatcherConfig } from "./ip-model.ts";

/** `Ip`, worker side: the value is an address in one of the ranges. Text that is none is counted. */
export const ipMatcherWorkerSide: InputMatcherWorkerSide<IpMatcherConfig> = {
  configType: "envoy.extensions.matching.input_matchers.ip.v3.Ip",
  build: ({ ranges, scope }, { stats }) => {
    const intervals = new IpIntervals(ranges.map((range) => ({ ...range, value: true })));
    const failed = scope.base + IP_MATCHER_STATS.at.ip_parsing_failed;
    return (value) => {
      if (value === null || value === "") return false;
      if (intervals.find(value as string) !== null) return true;
      if (isIP(value as string) === 0) stats.slots[failed]! += 1;
      return false;
    };
  },
};
