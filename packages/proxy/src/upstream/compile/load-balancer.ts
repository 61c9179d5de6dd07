import type { Message } from "@bufbuild/protobuf";
import { typeNameOfAny, unpack } from "@nuncio/api";
import type {
  Cluster_SlowStartConfig,
  LoadBalancingPolicy,
} from "@nuncio/api/types/envoy/config/cluster/v3/cluster_pb";
import type { RuntimeDouble } from "@nuncio/api/types/envoy/config/core/v3/base_pb";
import type {
  LocalityLbConfig,
  SlowStartConfig as TypedSlowStartConfig,
} from "@nuncio/api/types/envoy/extensions/load_balancing_policies/common/v3/common_pb";
import type { LeastRequest } from "@nuncio/api/types/envoy/extensions/load_balancing_policies/least_request/v3/least_request_pb";
import type { Maglev } from "@nuncio/api/types/envoy/extensions/load_balancing_policies/maglev/v3/maglev_pb";
import type { Random } from "@nuncio/api/types/envoy/extensions/load_balancing_policies/random/v3/random_pb";
import type { RingHash } from "@nuncio/api/types/envoy/extensions/load_balancing_policies/ring_hash/v3/ring_hash_pb";
import type { RoundRobin } from "@nuncio/api/types/envoy/extensions/load_balancing_policies/round_robin/v3/round_robin_pb";
import type { CompileContext } from "../../config/context.ts";
import { durationMs } from "../../config/durations.ts";
import { compileRuntimeNumber } from "../../runtime/compile-values.ts";
import type { NumberConfig } from "../../runtime/model.ts";
import type { LoadBalancerAlgorithm, LoadBalancerConfig, SlowStartConfig } from "../model.ts";
import {
  type BalancedCluster,
  checkHostnames,
  compileMaglev,
  compileMaglevLbConfig,
  compileRingHash,
  compileRingHashLbConfig,
} from "./consistent-hashing.ts";

/** The algorithm and whether localities are chosen by weight first. */
type Policy = LoadBalancerAlgorithm & { readonly localityWeighted: boolean };

const FALLBACK: Policy = { algorithm: "round_robin", slowStart: null, localityWeighted: false };

/** `load_balancing_policy` where it is set, else `lb_policy` and its `…_lb_config`. */
export function compileLoadBalancer(of: BalancedCluster, ctx: CompileContext): LoadBalancerConfig {
  const { cluster } = of;
  const common = cluster.commonLbConfig;
  checkHostnames(cluster, ctx);
  const policy =
    cluster.loadBalancingPolicy === undefined
      ? policyOfEnum(of, ctx)
      : policyOfList(of, cluster.loadBalancingPolicy, ctx);
  if (
    cluster.loadBalancingPolicy !== undefined &&
    (common?.localityConfigSpecifier.case !== undefined ||
      common?.consistentHashingLbConfig !== undefined)
  ) {
    const text =
      "load_balancing_policy cannot be combined with settings of localities or hashing in common_lb_config";
    ctx.problems.error(cluster, "load_balancing_policy", text);
  }
  // Envoy rounds the threshold to a whole percent.
  const healthyPanicThresholdPercent = Math.round(common?.healthyPanicThreshold?.value ?? 50);
  return { ...policy, healthyPanicThresholdPercent };
}

/** By number of `Cluster.LbPolicy`. */
const LB_POLICIES: readonly string[] = [
  "ROUND_ROBIN",
  "LEAST_REQUEST",
  "RING_HASH",
  "RANDOM",
  "4",
  "MAGLEV",
  "CLUSTER_PROVIDED",
  "LOAD_BALANCING_POLICY_CONFIG",
];

function policyOfEnum(of: BalancedCluster, ctx: CompileContext): Policy {
  const { cluster } = of;
  const name = LB_POLICIES[cluster.lbPolicy as number] ?? String(cluster.lbPolicy);
  const localityWeighted =
    cluster.commonLbConfig?.localityConfigSpecifier.case === "localityWeightedLbConfig";
  const config = cluster.lbConfig;
  switch (name) {
    case "ROUND_ROBIN": {
      const slowStart =
        config.case === "roundRobinLbConfig" ? config.value.slowStartConfig : undefined;
      return { algorithm: "round_robin", slowStart: compileSlowStart(slowStart), localityWeighted };
    }
    case "LEAST_REQUEST": {
      const least = config.case === "leastRequestLbConfig" ? config.value : undefined;
      return {
        algorithm: "least_request",
        choiceCount: least?.choiceCount ?? 2,
        activeRequestBias: compileBias(least, least?.activeRequestBias, ctx),
        fullScan: false,
        slowStart: compileSlowStart(least?.slowStartConfig),
        localityWeighted,
      };
    }
    case "RANDOM":
      return { algorithm: "random", localityWeighted };
    case "RING_HASH": {
      const ring = config.case === "ringHashLbConfig" ? config.value : undefined;
      return { ...compileRingHashLbConfig(ring, of, ctx), localityWeighted };
    }
    case "MAGLEV": {
      const maglev = config.case === "maglevLbConfig" ? config.value : undefined;
      return { ...compileMaglevLbConfig(maglev, of, ctx), localityWeighted };
    }
    case "LOAD_BALANCING_POLICY_CONFIG":
      ctx.problems.error(cluster, "lb_policy", "field load_balancing_policy needs to be set");
      return FALLBACK;
    default:
      ctx.problems.error(
        cluster,
        "lb_policy",
        `not implemented yet: envoy.config.cluster.v3.Cluster.LbPolicy ${name}`,
      );
      return FALLBACK;
  }
}

/** The first policy of the list that is registered. One that Envoy has and Nuncio does not is refused, not passed over. */
function policyOfList(
  of: BalancedCluster,
  message: LoadBalancingPolicy,
  ctx: CompileContext,
): Policy {
  const { cluster } = of;
  const names: string[] = [];
  for (const { typedExtensionConfig } of message.policies) {
    names.push(typedExtensionConfig?.name ?? "");
    const any = typedExtensionConfig?.typedConfig;
    if (any === undefined) continue;
    const typeName = typeNameOfAny(any);
    const compile = POLICIES.get(typeName);
    const config = compile === undefined ? undefined : unpack(any);
    if (compile !== undefined && config !== undefined) return compile(config, of, ctx);
    if (typeName.startsWith("envoy.extensions.load_balancing_policies.")) {
      ctx.problems.error(typedExtensionConfig!, "typed_config", `not implemented yet: ${typeName}`);
      return FALLBACK;
    }
  }
  const text = `didn't find a registered load balancer factory implementation for cluster: '${cluster.name}' with names from [${names.join(", ")}]`;
  ctx.problems.error(cluster, "load_balancing_policy", text);
  return FALLBACK;
}

type CompilePolicy = (config: Message, of: BalancedCluster, ctx: CompileContext) => Policy;

const POLICIES: ReadonlyMap<string, CompilePolicy> = new Map([
  [
    "envoy.extensions.load_balancing_policies.round_robin.v3.RoundRobin",
    (config: Message): Policy => {
      const { slowStartConfig, localityLbConfig } = config as RoundRobin;
      return {
        algorithm: "round_robin",
        slowStart: compileSlowStart(slowStartConfig),
        localityWeighted: isLocalityWeighted(localityLbConfig),
      };
    },
  ],
  [
    "envoy.extensions.load_balancing_policies.least_request.v3.LeastRequest",
    (message: Message, _of: BalancedCluster, ctx: CompileContext): Policy => {
      const config = message as LeastRequest;
      return {
        algorithm: "least_request",
        choiceCount: config.choiceCount ?? 2,
        activeRequestBias: compileBias(config, config.activeRequestBias, ctx),
        fullScan:
          (config.selectionMethod as number) === FULL_SCAN || (config.enableFullScan ?? false),
        slowStart: compileSlowStart(config.slowStartConfig),
        localityWeighted: isLocalityWeighted(config.localityLbConfig),
      };
    },
  ],
  [
    "envoy.extensions.load_balancing_policies.random.v3.Random",
    (config: Message): Policy => ({
      algorithm: "random",
      localityWeighted: isLocalityWeighted((config as Random).localityLbConfig),
    }),
  ],
  [
    "envoy.extensions.load_balancing_policies.ring_hash.v3.RingHash",
    (message: Message, of: BalancedCluster, ctx: CompileContext): Policy => {
      const config = message as RingHash;
      const localityWeighted = config.localityWeightedLbConfig !== undefined;
      return { ...compileRingHash(config, of, ctx), localityWeighted };
    },
  ],
  [
    "envoy.extensions.load_balancing_policies.maglev.v3.Maglev",
    (message: Message, of: BalancedCluster, ctx: CompileContext): Policy => {
      const config = message as Maglev;
      const localityWeighted = config.localityWeightedLbConfig !== undefined;
      return { ...compileMaglev(config, of, ctx), localityWeighted };
    },
  ],
]);

/** `LeastRequest.SelectionMethod.FULL_SCAN`. */
const FULL_SCAN = 1;

function isLocalityWeighted(config: LocalityLbConfig | undefined): boolean {
  return config?.localityConfigSpecifier.case === "localityWeightedLbConfig";
}

function compileBias(
  config: Message | undefined,
  bias: RuntimeDouble | undefined,
  ctx: CompileContext,
): NumberConfig {
  if (config === undefined || bias === undefined) return { value: 1 };
  if (bias.defaultValue >= 0) return compileRuntimeNumber(bias);
  const text = `expected 0 or more, got ${bias.defaultValue}: 1.0 is used`;
  ctx.problems.warning(config, "active_request_bias", text);
  return { ...compileRuntimeNumber(bias), value: 1 };
}

function compileSlowStart(
  message: Cluster_SlowStartConfig | TypedSlowStartConfig | undefined,
): SlowStartConfig | null {
  const windowMs = message?.slowStartWindow === undefined ? 0 : durationMs(message.slowStartWindow);
  if (message === undefined || windowMs <= 0) return null;
  return {
    windowMs,
    aggression:
      message.aggression === undefined ? { value: 1 } : compileRuntimeNumber(message.aggression),
    minWeightPercent: message.minWeightPercent?.value ?? 10,
  };
}
