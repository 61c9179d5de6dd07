import type { Message } from "@bufbuild/protobuf";
import type {
  Cluster,
  Cluster_CommonLbConfig_ConsistentHashingLbConfig,
  Cluster_MaglevLbConfig,
  Cluster_RingHashLbConfig,
} from "@nuncio/api/types/envoy/config/cluster/v3/cluster_pb";
import type { ConsistentHashingLbConfig } from "@nuncio/api/types/envoy/extensions/load_balancing_policies/common/v3/common_pb";
import type { Maglev } from "@nuncio/api/types/envoy/extensions/load_balancing_policies/maglev/v3/maglev_pb";
import type { RingHash } from "@nuncio/api/types/envoy/extensions/load_balancing_policies/ring_hash/v3/ring_hash_pb";
import type { CompileContext } from "../../config/context.ts";
import { compileHashPolicies } from "../../http/hash-policy/compile.ts";
import { MAGLEV_LB_STATS, RING_HASH_LB_STATS } from "../../observe/stats/tables/hash-table.ts";
import type { ConsistentHashingConfig, MaglevConfig, RingHashConfig } from "../model.ts";

const MINIMUM_RING_SIZE = 1024n;
const MAXIMUM_RING_SIZE = 8_388_608n;
const TABLE_SIZE = 65_537n;

/** The cluster whose load balancer is compiled. */
export interface BalancedCluster {
  readonly cluster: Cluster;
  /** `cluster.<name>.` */
  readonly statPrefix: string;
}

/** `ring_hash_lb_config`; undefined for all its defaults. */
export function compileRingHashLbConfig(
  message: Cluster_RingHashLbConfig | undefined,
  of: BalancedCluster,
  ctx: CompileContext,
): RingHashConfig {
  const common = of.cluster.commonLbConfig?.consistentHashingLbConfig;
  return ringHash(message, message?.hashFunction === 1, common, of, ctx);
}

/** The typed policy. Its own deprecated settings count where `consistent_hashing_lb_config` is not there. */
export function compileRingHash(
  message: RingHash,
  of: BalancedCluster,
  ctx: CompileContext,
): RingHashConfig {
  const common = message.consistentHashingLbConfig ?? message;
  return ringHash(message, message.hashFunction === 2, common, of, ctx);
}

function ringHash(
  message: RingHash | Cluster_RingHashLbConfig | undefined,
  murmur: boolean,
  common: CommonMessage | undefined,
  of: BalancedCluster,
  ctx: CompileContext,
): RingHashConfig {
  return {
    algorithm: "ring_hash",
    hashFunction: murmur ? "murmur_hash_2" : "xx_hash",
    ...compileRingSizes(message ?? of.cluster, message, ctx),
    ...compileCommon(common, ctx),
    tableScope: ctx.stats.scope(`${of.statPrefix}ring_hash_lb.`, RING_HASH_LB_STATS),
  };
}

/** `maglev_lb_config`; undefined for all its defaults. */
export function compileMaglevLbConfig(
  message: Cluster_MaglevLbConfig | undefined,
  of: BalancedCluster,
  ctx: CompileContext,
): MaglevConfig {
  return maglev(message, of.cluster.commonLbConfig?.consistentHashingLbConfig, of, ctx);
}

/** The typed policy. */
export function compileMaglev(
  message: Maglev,
  of: BalancedCluster,
  ctx: CompileContext,
): MaglevConfig {
  return maglev(message, message.consistentHashingLbConfig, of, ctx);
}

function maglev(
  message: Maglev | Cluster_MaglevLbConfig | undefined,
  common: CommonMessage | undefined,
  of: BalancedCluster,
  ctx: CompileContext,
): MaglevConfig {
  return {
    algorithm: "maglev",
    tableSize: compileTableSize(message ?? of.cluster, message, ctx),
    ...compileCommon(common, ctx),
    tableScope: ctx.stats.scope(`${of.statPrefix}maglev_lb.`, MAGLEV_LB_STATS),
  };
}

function compileRingSizes(
  at: Message,
  sizes: Pick<RingHash, "minimumRingSize" | "maximumRingSize"> | undefined,
  ctx: CompileContext,
): Pick<RingHashConfig, "minimumSize" | "maximumSize"> {
  const minimum = sizes?.minimumRingSize ?? MINIMUM_RING_SIZE;
  const maximum = sizes?.maximumRingSize ?? MAXIMUM_RING_SIZE;
  if (minimum > maximum) {
    const text = `ring hash: minimum_ring_size (${minimum}) > maximum_ring_size (${maximum})`;
    ctx.problems.error(at, "minimum_ring_size", text);
  }
  return { minimumSize: Number(minimum), maximumSize: Number(maximum) };
}

function compileTableSize(
  at: Message,
  config: Pick<Maglev, "tableSize"> | undefined,
  ctx: CompileContext,
): number {
  const size = Number(config?.tableSize ?? TABLE_SIZE);
  if (!isPrime(size)) {
    const text = `The table size of maglev must be prime number, got ${size}`;
    ctx.problems.error(at, "table_size", text);
  }
  return size;
}

function isPrime(value: number): boolean {
  if (value < 2) return false;
  for (let divisor = 2; divisor * divisor <= value; divisor++)
    if (value % divisor === 0) return false;
  return true;
}

type CommonMessage =
  | Cluster_CommonLbConfig_ConsistentHashingLbConfig
  | ConsistentHashingLbConfig
  | RingHash;

function compileCommon(
  message: CommonMessage | undefined,
  ctx: CompileContext,
): Omit<ConsistentHashingConfig, "tableScope"> {
  const hashPolicies =
    message !== undefined && "hashPolicy" in message
      ? compileHashPolicies(message.hashPolicy, ctx)
      : [];
  return {
    useHostname: message?.useHostnameForHashing ?? false,
    balanceFactorPercent: message?.hashBalanceFactor ?? 0,
    ...(hashPolicies.length > 0 && { hashPolicies }),
  };
}

/**
 * `common_lb_config` may ask for names of hosts in STRICT_DNS clusters only, as in Envoy whatever the load balancer. Of a
 * typed policy that is not asked.
 */
export function checkHostnames({ commonLbConfig, ...cluster }: Cluster, ctx: CompileContext): void {
  const message = commonLbConfig?.consistentHashingLbConfig;
  if (message?.useHostnameForHashing !== true) return;
  const { case: kind, value } = cluster.clusterDiscoveryType;
  if (kind === "type" && (value as number) === STRICT_DNS) return;
  const text = "Cannot use hostname for consistent hashing loadbalancing: expected type STRICT_DNS";
  ctx.problems.error(message, "use_hostname_for_hashing", text);
}

/** By number of `Cluster.DiscoveryType`. */
const STRICT_DNS = 1;
