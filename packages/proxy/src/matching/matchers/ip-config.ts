import type { Ip } from "@nuncio/api/types/envoy/extensions/matching/input_matchers/ip/v3/ip_pb";
import { compileCidrRanges } from "../../config/cidr.ts";
import type { InputMatcherConfigSide } from "../extension.ts";
import { IP_MATCHER_STATS, type IpMatcherConfig } from "./ip-model.ts";

const TYPE = "envoy.extensions.matching.input_matchers.ip.v3.Ip";

/** `Ip`, main side. */
export const ipMatcherConfigSide: InputMatcherConfigSide<Ip, IpMatcherConfig> = {
  configType: TYPE,
  takes: ["string"],
  implemented: {
    [TYPE]: "all",
    "envoy.config.core.v3.CidrRange": ["address_prefix", "prefix_len"],
  },
  compile: ({ cidrRanges, statPrefix }, ctx) => ({
    ranges: compileCidrRanges(cidrRanges, ctx),
    scope: ctx.stats.scope(`${statPrefix}.`, IP_MATCHER_STATS),
  }),
};
