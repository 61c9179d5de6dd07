import type { ClusterStatus, HostStatus } from "../../../upstream/manager/cluster-status.ts";
import { healthFlagsText } from "../../../upstream/manager/cluster-status.ts";
import type { ThresholdsConfig } from "../../../upstream/model.ts";
import { HealthFlag } from "../../../upstream/shared/host-memory.ts";
import { addressJson } from "../address-json.ts";
import { json, text } from "../handler.ts";
import type { AdminHandler } from "../handler.ts";
import { compileRegex } from "../regex.ts";

/** Hosts with their stats: a line per fact, or `envoy.admin.v3.Clusters` with `format=json`. */
export const clusters: AdminHandler = {
  path: "/clusters",
  help: "upstream cluster status",
  mutates: false,
  params: [
    { id: "filter", help: "Regular expression (Google re2) for filtering clusters by name" },
    { id: "format", help: "File format to use", values: ["text", "json"] },
  ],
  handle: ({ params }, providers) => {
    const filter = params.get("filter") ?? "";
    const regex = compileRegex(filter);
    if (!regex.ok) return text("Invalid re2 regex", 400);
    const takes = (status: ClusterStatus): boolean =>
      filter === "" || regex.find(status.config.name);
    const wanted = [...providers.clusters()].filter(takes);
    if (params.get("format") === "json") {
      return json(wanted.length === 0 ? {} : { cluster_statuses: wanted.map(clusterJson) });
    }
    return text(lines(wanted));
  },
};

function* lines(statuses: readonly ClusterStatus[]): Generator<string> {
  for (const { config, addedViaApi, hosts } of statuses) {
    const { name, circuitBreakers } = config;
    let block = `${name}::observability_name::${config.observabilityName}\n`;
    for (const [priority, limits] of [
      ["default_priority", circuitBreakers.default],
      ["high_priority", circuitBreakers.high],
    ] as const) {
      for (const [limit, value] of Object.entries(limitsOf(limits))) {
        block += `${name}::${priority}::${limit}::${value}\n`;
      }
    }
    block += `${name}::added_via_api::${addedViaApi}\n`;
    yield block;
    for (const host of hosts) yield hostLines(name, host);
  }
}

function hostLines(cluster: string, host: HostStatus): string {
  const before = `${cluster}::${host.address.text}::`;
  const stats = [...host.stats].sort((a, b) => (a.name < b.name ? -1 : 1));
  const facts: readonly (readonly [string, string | number | boolean])[] = [
    ...stats.map((stat) => [stat.name, stat.value] as const),
    ["hostname", host.hostname],
    ["health_flags", healthFlagsText(host.healthFlags)],
    ["weight", host.weight],
    ["region", host.locality.region],
    ["zone", host.locality.zone],
    ["sub_zone", host.locality.subZone],
    ["canary", isCanary(host)],
    ["priority", host.priority],
    // Outlier detection computes these; without it they are -1.
    ["success_rate", -1],
    ["local_origin_success_rate", -1],
  ];
  return facts.map(([name, value]) => `${before}${name}::${value}\n`).join("");
}

function clusterJson({ config, addedViaApi, hosts }: ClusterStatus): object {
  const { circuitBreakers } = config;
  return {
    name: config.name,
    ...(addedViaApi && { added_via_api: true }),
    ...(hosts.length > 0 && { host_statuses: hosts.map(hostJson) }),
    circuit_breakers: {
      thresholds: [
        limitsOf(circuitBreakers.default),
        { priority: "HIGH", ...limitsOf(circuitBreakers.high) },
      ],
    },
    observability_name: config.observabilityName,
  };
}

function hostJson(host: HostStatus): object {
  const { region, zone, subZone } = host.locality;
  return {
    address: addressJson(host.address),
    stats: host.stats.map(({ name, kind, value }) => ({
      ...(kind === "gauge" && { type: "GAUGE" }),
      ...(value !== 0 && { value: String(value) }),
      name,
    })),
    health_status: healthJson(host.healthFlags),
    weight: host.weight,
    ...(host.hostname !== "" && { hostname: host.hostname }),
    ...(host.priority !== 0 && { priority: host.priority }),
    locality: {
      ...(region !== "" && { region }),
      ...(zone !== "" && { zone }),
      ...(subZone !== "" && { sub_zone: subZone }),
    },
  };
}

/** `envoy.admin.v3.HostHealthStatus`: a boolean per flag, and one word for what configuration says. */
function healthJson(flags: number): object {
  const booleans = [
    ["failed_active_health_check", HealthFlag.FailedActiveHc],
    ["failed_outlier_check", HealthFlag.FailedOutlierCheck],
    ["failed_active_degraded_check", HealthFlag.DegradedActiveHc],
    ["pending_dynamic_removal", HealthFlag.PendingDynamicRemoval],
    ["pending_active_hc", HealthFlag.PendingActiveHc],
    ["excluded_via_immediate_hc_fail", HealthFlag.ExcludedViaImmediateHcFail],
    ["active_hc_timeout", HealthFlag.ActiveHcTimeout],
  ] as const;
  const set = booleans.filter(([, flag]) => (flags & flag) !== 0).map(([name]) => [name, true]);
  return { ...Object.fromEntries(set), eds_health_status: edsHealth(flags) };
}

function edsHealth(flags: number): string {
  if ((flags & HealthFlag.FailedEdsHealth) !== 0) return "UNHEALTHY";
  if ((flags & HealthFlag.EdsStatusDraining) !== 0) return "DRAINING";
  return (flags & HealthFlag.DegradedEdsHealth) !== 0 ? "DEGRADED" : "HEALTHY";
}

function limitsOf(limits: ThresholdsConfig): { readonly [limit: string]: number } {
  return {
    max_connections: limits.maxConnections,
    max_pending_requests: limits.maxPendingRequests,
    max_requests: limits.maxRequests,
    max_retries: limits.maxRetries,
  };
}

function isCanary({ metadata }: HostStatus): boolean {
  const lb = metadata?.["envoy.lb"] as { readonly canary?: unknown } | undefined;
  return lb?.canary === true;
}
