import { BlockList } from "node:net";

/** `envoy.config.core.v3.CidrRange` as plain data. */
export interface CidrConfig {
  readonly ip: string;
  readonly bits: number;
}

/** Whether `ip` is in the range; an address of the other family never is. */
export function cidrContains(range: CidrConfig, ip: string): boolean {
  const family = range.ip.includes(":") ? "ipv6" : "ipv4";
  if (ip.includes(":") !== (family === "ipv6") || ip === "" || ip.startsWith("/")) return false;
  let list = lists.get(range);
  if (list === undefined) {
    list = new BlockList();
    list.addSubnet(range.ip, range.bits, family);
    lists.set(range, list);
  }
  return list.check(ip, family);
}

const lists = new WeakMap<CidrConfig, BlockList>();
