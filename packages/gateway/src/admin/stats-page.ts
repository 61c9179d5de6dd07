import type { ControlPlane } from "../control-plane.ts";
import { RESOURCE_KINDS } from "../resources/kinds.ts";
import type { AdminPage } from "./page.ts";
import { prometheusText, type Metric } from "./prometheus-text.ts";

const MICROSECONDS = 1_000_000;

/** Counters and gauges of a control plane. */
export function statsPage(controlPlane: ControlPlane): AdminPage {
  return {
    help: "counters and gauges, for Prometheus",
    answer: () => ({
      status: 200,
      contentType: "text/plain; version=0.0.4; charset=utf-8",
      body: prometheusText([
        ...translation(controlPlane),
        ...dataPlanes(controlPlane),
        ...ofProcess(),
      ]),
    }),
  };
}

function translation({ pipeline, store, counters }: ControlPlane): Metric[] {
  return [
    {
      name: "nuncio_gateway_objects",
      type: "gauge",
      help: "Objects that are known, by kind.",
      values: RESOURCE_KINDS.map(({ kind }) => [{ kind }, store.table(kind).size]),
    },
    {
      name: "nuncio_gateway_changes_total",
      type: "counter",
      help: "How often something was computed again because of a change.",
      values: [[{}, counters.changes]],
    },
    {
      name: "nuncio_gateway_change_cpu_seconds_total",
      type: "counter",
      help: "CPU time that computing changes took.",
      values: [[{}, counters.changeCpuMicroseconds / MICROSECONDS]],
    },
    {
      name: "nuncio_gateway_stage_computed_total",
      type: "counter",
      help: "Keys that each stage of the translation has computed.",
      values: Object.entries(pipeline.order.counts()).map(([stage, count]) => [{ stage }, count]),
    },
  ];
}

function dataPlanes({ server, counters }: ControlPlane): Metric[] {
  const byType = (counts: ReadonlyMap<string, number>): Metric["values"] =>
    Array.from(counts, ([type, count]) => [{ type }, count] as const);
  return [
    {
      name: "nuncio_gateway_xds_clients",
      type: "gauge",
      help: "Streams of data planes that are open.",
      values: [[{}, server.streamCount]],
    },
    {
      name: "nuncio_gateway_xds_responses_total",
      type: "counter",
      help: "What data planes were sent, by type.",
      values: byType(counters.responses),
    },
    {
      name: "nuncio_gateway_xds_resources_total",
      type: "counter",
      help: "Resources in what data planes were sent, by type.",
      values: byType(counters.resources),
    },
    {
      name: "nuncio_gateway_xds_acks_total",
      type: "counter",
      help: "What data planes have acknowledged, by type.",
      values: byType(counters.acks),
    },
    {
      name: "nuncio_gateway_xds_nacks_total",
      type: "counter",
      help: "What data planes have refused, by type.",
      values: byType(counters.nacks),
    },
    {
      name: "nuncio_gateway_xds_refused_resources",
      type: "gauge",
      help: "Resources that data planes refuse now.",
      values: [[{}, server.refusals().length]],
    },
  ];
}

/** Names that every client of Prometheus has. */
function ofProcess(): Metric[] {
  const { user, system } = process.cpuUsage();
  return [
    {
      name: "process_cpu_seconds_total",
      type: "counter",
      help: "CPU time of the process, with the workers of an embedded data plane.",
      values: [[{}, (user + system) / MICROSECONDS]],
    },
    {
      name: "process_resident_memory_bytes",
      type: "gauge",
      help: "Memory of the process.",
      values: [[{}, process.memoryUsage.rss()]],
    },
  ];
}
