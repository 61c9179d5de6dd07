import assert from "node:assert/strict";
import { test } from "node:test";
import { formatProblem } from "@nuncio/api";
import { compileBootstrap, type CompiledBootstrap } from "../main/compile-bootstrap.ts";
import type { ProxyOptions } from "../main/options.ts";
import { StatsStore } from "../observe/stats/store.ts";

const OPTIONS = { concurrency: 1, statsTags: [] as unknown } as ProxyOptions;
const TYPES = "type.googleapis.com/envoy.extensions.resource_monitors";
const TIMERS = "type.googleapis.com/envoy.config.overload.v3.ScaleTimersOverloadActionConfig";
const SHRINK = "type.googleapis.com/envoy.config.overload.v3.ShrinkHeapConfig";
const OWN =
  "type.googleapis.com/nuncio.extensions.resource_monitors.event_loop_delay.v1.EventLoopDelayConfig";

const HEAP = monitor("heap", "fixed_heap.v3.FixedHeapConfig", "max_heap_size_bytes: 1000");
const FIRED = "triggers: [{ name: heap, threshold: { value: 0.9 } }]";

function monitor(name: string, type: string, config: string): string {
  return `{ name: ${name}, typed_config: { "@type": ${TYPES}.${type}, ${config} } }`;
}

function compile(overload: string): CompiledBootstrap {
  const content = `overload_manager: { ${overload} }`;
  return compileBootstrap([{ name: "o.yaml", content }], OPTIONS, new StatsStore());
}

function act(name: string, more = FIRED): string {
  return `resource_monitors: [${HEAP}], actions: [{ name: ${name}, ${more} }]`;
}

function timers(...kinds: string[]): string {
  const list = kinds.map((kind) => `{ timer: ${kind}, min_timeout: 1s }`).join(", ");
  return `${FIRED}, typed_config: { "@type": ${TIMERS}, timer_scale_factors: [${list}] }`;
}

const A = "envoy.overload_actions.";
const L = "envoy.load_shed_points.";

/** Each is refused by Envoy 1.40 too, but for those that are "not implemented". */
const REFUSED: readonly (readonly [overload: string, text: RegExp])[] = [
  [act(`${A}shrink_heep`), /unknown overload manager action .*shrink_heep.*did you mean/],
  [act(`${A}reset_high_memory_stream`), /reset_high_memory_stream: not implemented yet: memory/],
  [act(`${A}close_idle_http_connections`), /close_idle_http_connections: not implemented yet/],
  [act(`${A}reduce_timeouts`), /reduce_timeouts" requires typed_config/],
  [
    act(`${A}reduce_timeouts`, `${FIRED}, typed_config: { "@type": ${SHRINK} }`),
    /expected envoy.config.overload.v3.ScaleTimersOverloadActionConfig, got envoy.config.overload.v3.ShrinkHeapConfig/,
  ],
  [
    act(`${A}disable_http_keepalive`, timers("HTTP_DOWNSTREAM_STREAM_IDLE")),
    /"envoy.overload_actions.disable_http_keepalive" conflicts with its typed config/,
  ],
  [act(`${A}mine`, timers("HTTP_DOWNSTREAM_STREAM_IDLE")), /uses reserved prefix/],
  [
    act("mine", timers("HTTP_DOWNSTREAM_STREAM_IDLE", "HTTP_DOWNSTREAM_STREAM_IDLE")),
    /duplicate entry for timer type/,
  ],
  [
    `resource_monitors: [${HEAP}], actions: [{ name: a, ${timers("TRANSPORT_SOCKET_CONNECT")} }, { name: b, ${timers("TRANSPORT_SOCKET_CONNECT")} }]`,
    /configured by both overload actions "a" and "b"/,
  ],
  [
    `resource_monitors: [${HEAP}], actions: [{ name: a, ${timers("TRANSPORT_SOCKET_CONNECT")} }], loadshed_points: [{ name: a, ${FIRED} }]`,
    /"a" conflicts with an overload action of the same name/,
  ],
  [
    `resource_monitors: [${HEAP}], actions: [{ name: ${A}shrink_heap, ${FIRED} }, { name: ${A}shrink_heap, ${FIRED} }]`,
    /duplicate overload action/,
  ],
  [
    `resource_monitors: [${HEAP}], loadshed_points: [{ name: ${L}tcp_listener_accept, ${FIRED} }, { name: ${L}tcp_listener_accept, ${FIRED} }]`,
    /duplicate loadshed point/,
  ],
  [
    `resource_monitors: [${HEAP}], loadshed_points: [{ name: ${L}tcp_listener_acept, ${FIRED} }]`,
    /not implemented: load shed point .*did you mean/,
  ],
  [
    `resource_monitors: [${HEAP}], loadshed_points: [{ name: ${L}http3_server_go_away_on_dispatch, ${FIRED} }]`,
    /there is no HTTP\/3/,
  ],
  [`resource_monitors: [${HEAP}, ${HEAP}]`, /duplicate resource monitor heap/],
  [
    act(`${A}shrink_heap`, "triggers: [{ name: none, threshold: { value: 0.9 } }]"),
    /unknown trigger resource none for overload action/,
  ],
  [
    act(
      `${A}shrink_heap`,
      "triggers: [{ name: heap, threshold: { value: 0.9 } }, { name: heap, threshold: { value: 0.8 } }]",
    ),
    /duplicate trigger resource heap/,
  ],
  [
    act(
      `${A}shrink_heap`,
      "triggers: [{ name: heap, scaled: { scaling_threshold: 0.9, saturation_threshold: 0.9 } }]",
    ),
    /scaling_threshold must be less than saturation_threshold/,
  ],
  [
    `resource_monitors: [{ name: x, typed_config: { "@type": ${TIMERS}, timer_scale_factors: [{ timer: TRANSPORT_SOCKET_CONNECT, min_timeout: 1s }] } }]`,
    /Didn't find a registered implementation for 'x'/,
  ],
  [`resource_monitors: [{ name: x }]`, /Didn't find a registered implementation for 'x'/],
  [
    `resource_monitors: [${monitor("x", "downstream_connections.v3.DownstreamConnectionsConfig", "max_active_downstream_connections: 1")}]`,
    /Didn't find a registered implementation for 'x'/,
  ],
  [
    `resource_monitors: [${monitor("x", "fixed_heap.v3.FixedHeapConfig", "max_heap_size_bytes: 0")}]`,
    /max heap size must be greater than 0/,
  ],
  [
    `resource_monitors: [${monitor("x", "injected_resource.v3.InjectedResourceConfig", "filename: /none/such")}]`,
    /unable to add filesystem watch for file \/none\/such/,
  ],
  [
    `resource_monitors: [{ name: x, typed_config: { "@type": ${OWN}, max_delay: 0s } }]`,
    /expected a positive duration/,
  ],
  [
    `resource_monitors: [{ name: x, typed_config: { "@type": ${OWN}, max_dely: 1s } }]`,
    /unknown field "max_dely" of nuncio.*did you mean "max_delay"/,
  ],
  [
    `resource_monitors: [${HEAP}], buffer_factory_config: { minimum_account_to_track_power_of_two: 20 }`,
    /not implemented yet: .*buffer_factory_config/,
  ],
];

for (const [overload, text] of REFUSED) {
  void test(`refused: ${text.source}`, () => {
    const errors = compile(overload).problems.filter(({ severity }) => severity === "error");
    assert.match(errors.map((problem) => formatProblem(problem)).join("\n"), text);
  });
}

void test("all monitors, triggers and actions as plain data", () => {
  const { overload, problems } = compile(`
    refresh_interval: 0.25s,
    resource_monitors: [${HEAP},
      ${monitor("group", "cgroup_memory.v3.CgroupMemoryConfig", "max_memory_bytes: 5")},
      ${monitor("cpu", "cpu_utilization.v3.CpuUtilizationConfig", "mode: CONTAINER")},
      ${monitor("envoy.resource_monitors.global_downstream_max_connections", "downstream_connections.v3.DownstreamConnectionsConfig", "max_active_downstream_connections: 7")},
      { name: loop, typed_config: { "@type": ${OWN} } },
      { name: packed, typed_config: { "@type": type.googleapis.com/xds.type.v3.TypedStruct, type_url: ${OWN}, value: { max_delay: 0.5s } } }],
    actions: [
      { name: ${A}shrink_heap, ${FIRED}, typed_config: { "@type": ${SHRINK}, timer_interval: 2s } },
      { name: ${A}stop_accepting_requests, triggers: [{ name: loop, scaled: { scaling_threshold: 0.5, saturation_threshold: 1 } }] },
      { name: mine, ${FIRED}, typed_config: { "@type": ${TIMERS}, timer_scale_factors: [{ timer: HTTP_DOWNSTREAM_STREAM_IDLE, min_scale: { value: 10 } }] } }],
    loadshed_points: [{ name: ${L}tcp_proxy_on_data, ${FIRED} }]`);
  assert.deepEqual(problems, []);
  const heap = [{ kind: "threshold", resource: "heap", value: 0.9 }];
  const none = { point: null, loadShed: false, timerMinimums: [], shrinkIntervalMs: null };
  assert.deepEqual(overload, {
    refreshIntervalMs: 250,
    monitors: [
      { kind: "fixed_heap", name: "heap", maxHeapSizeBytes: 1000 },
      { kind: "cgroup_memory", name: "group", maxMemoryBytes: 5 },
      { kind: "cpu_utilization", name: "cpu", container: true },
      {
        kind: "downstream_connections",
        name: "envoy.resource_monitors.global_downstream_max_connections",
        connectionsMax: 7,
      },
      { kind: "event_loop_delay", name: "loop", maxDelayMs: 100 },
      { kind: "event_loop_delay", name: "packed", maxDelayMs: 500 },
    ],
    actions: [
      { ...none, name: `${A}shrink_heap`, triggers: heap, shrinkIntervalMs: 2000 },
      {
        ...none,
        name: `${A}stop_accepting_requests`,
        point: 0,
        triggers: [
          { kind: "scaled", resource: "loop", scalingThreshold: 0.5, saturationThreshold: 1 },
        ],
      },
      { ...none, name: "mine", triggers: heap, timerMinimums: [null, null, { minScale: 0.1 }] },
      { ...none, name: `${L}tcp_proxy_on_data`, triggers: heap, point: 12, loadShed: true },
    ],
  });
});

void test("what has no effect is a warning", () => {
  const warnings = (overload: string): string[] =>
    compile(overload).problems.map(({ severity, message }) => `${severity}: ${message}`);
  const config = `typed_config: { "@type": ${SHRINK}, max_unfreed_memory_bytes: 5 }`;
  assert.deepEqual(warnings(act(`${A}shrink_heap`, `${FIRED}, ${config}`)), [
    "warning: has no effect: what can be freed is known when it was collected",
  ]);
});
