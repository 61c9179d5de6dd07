import { availableParallelism, release } from "node:os";
import { counterpartVersion } from "../interop/harness/counterparts.ts";
import { CONTENDERS, type Contender } from "./contenders.ts";
import { DYNAMIC_COUNT, type DynamicSample } from "./measure-dynamic.ts";
import type { GatewaySample } from "./measure-gateway.ts";
import type { MemorySample } from "./measure-memory.ts";
import type { TlsMemorySample } from "./measure-tls-memory.ts";
import type { RoutingSample } from "./micro/routes.ts";
import { medianRatio, middle, type RateResult, type Results, type Samples } from "./results.ts";

const TITLES: { readonly [C in Contender]: string } = {
  nuncio: "Nuncio",
  envoy: "Envoy",
  nginx: "nginx",
  haproxy: "HAProxy",
};

/** The results as Markdown, which reads well in a terminal too. */
export function renderResults(results: Results): string {
  const sections: string[] = [];
  if (results.rates.length > 0) sections.push(...renderRates(results.rates));
  if (results.latency !== null) sections.push(...renderLatency(results.latency));
  if (results.memory !== null) sections.push(...renderMemory(results.memory));
  if (results.tlsMemory !== null) sections.push(...renderTlsMemory(results.tlsMemory));
  if (results.dynamic !== null) sections.push(...renderDynamic(results.dynamic));
  if (results.gateway !== null) sections.push(...renderGateway(results.gateway));
  if (results.routing !== null) sections.push(...renderRouting(results.routing));
  return sections.join("\n");
}

/** The page docs/performance.md. */
export function renderPage(results: Results, rounds: number, seconds: number): string {
  const versions = CONTENDERS.filter((contender) => contender !== "nuncio").map((contender) => {
    const version = counterpartVersion(contender);
    return version === null
      ? `${TITLES[contender]} not present`
      : `${TITLES[contender]} ${version}`;
  });
  return `# Performance

Written by \`npm run bench\`; do not edit.

Proxies side by side on one machine over loopback, each with one worker on a core of its own; backend (nginx) and
load generator share another core. Nuncio and Envoy get the very same configuration file. In each of ${rounds} rounds all
contenders take their turn of ${seconds} s (after a warm-up), so that what changes slowly on the machine meets them alike. Figures
are medians over the rounds; "× Envoy" is the median of the ratios within each round. CPU is the time of the proxy,
user and system, all its threads, per request: on few cores the steadier figure. Responses are checked: a wrong
status, a short body or a failed connection ends the run, and is never counted as a request.

Here: ${availableParallelism()} cores, Linux ${release()}, Node ${process.versions.node}, ${versions.join(", ")}.

${renderResults(results)}
`;
}

function renderRates(rates: readonly RateResult[]): string[] {
  const lines = ["## Requests per second", ""];
  lines.push(
    "| | proxy | requests/s | × Envoy | at least | CPU µs/request | × Envoy |",
    "|---|---|---:|---:|---:|---:|---:|",
  );
  for (const { title, bar, samples } of rates) {
    for (const [contender, own] of samples) {
      lines.push(
        cells(
          contender === samples.keys().next().value ? title : "",
          TITLES[contender],
          middleText(own, 0, ({ perSecond }) => perSecond),
          ratioText(samples, contender, ({ perSecond }) => perSecond),
          contender === "nuncio" && bar !== null ? number(bar, 1) : "",
          middleText(own, 1, ({ cpuMicros }) => cpuMicros),
          ratioText(samples, contender, ({ cpuMicros }) => cpuMicros),
        ),
      );
    }
  }
  lines.push("", ...renderOwnBases(rates));
  return lines;
}

/** Rows that are also compared with another row of the same contender. */
function renderOwnBases(rates: readonly RateResult[]): string[] {
  const lines: string[] = [];
  for (const { title, ownBase, samples } of rates) {
    const base = rates.find(({ name }) => name === ownBase);
    if (base === undefined) continue;
    const shares = [...samples].map(([contender, own]) => {
      const share =
        middle(own, ({ perSecond }) => perSecond) /
        middle(base.samples.get(contender), ({ perSecond }) => perSecond);
      return `${TITLES[contender]} ${number(share, 2)}`;
    });
    lines.push(`${title}, against "${base.title}" of the same proxy: ${shares.join(", ")}.`, "");
  }
  return lines;
}

function renderLatency({ rate, samples }: NonNullable<Results["latency"]>): string[] {
  const lines = [`## Latency at ${number(rate, 0)} requests/s (half of Envoy's maximum)`, ""];
  lines.push(
    "Small GET over 64 connections, in milliseconds, from when a request was due until it was answered. Requests are due",
    "every millisecond, whether or not earlier ones were answered.",
    "",
  );
  lines.push(
    "| proxy | p50 | p90 | p99 | p99.9 | p99 × Envoy | CPU µs/request |",
    "|---|---:|---:|---:|---:|---:|---:|",
  );
  for (const [contender, own] of samples) {
    lines.push(
      cells(
        TITLES[contender],
        middleText(own, 2, ({ p50 }) => p50),
        middleText(own, 2, ({ p90 }) => p90),
        middleText(own, 2, ({ p99 }) => p99),
        middleText(own, 2, ({ p999 }) => p999),
        ratioText(samples, contender, ({ p99 }) => p99),
        middleText(own, 1, ({ cpuMicros }) => cpuMicros),
      ),
    );
  }
  return [...lines, ""];
}

function renderRouting(samples: readonly RoutingSample[]): string[] {
  const micros = middleText(samples, 2, ({ matchMicros }) => matchMicros);
  const bytes = middleText(samples, 0, ({ bytesPerRoute }) => bytesPerRoute);
  return [
    "## Routing alone, 10,000 virtual hosts × 10 routes",
    "",
    `Nuncio matches a request in ${micros} µs (median). A route takes ${bytes} bytes of a worker's heap, its configuration`,
    "included, once every route was used.",
    "",
  ];
}

function renderMemory(memory: Samples<MemorySample>): string[] {
  const lines = ["## Resident memory, MiB", ""];
  lines.push(
    "| proxy | idle | × Envoy | 10,000 idle connections add | 1,000 clusters add |",
    "|---|---:|---:|---:|---:|",
  );
  for (const [contender, own] of memory) {
    lines.push(
      cells(
        TITLES[contender],
        middleText(own, 1, ({ idle }) => idle),
        ratioText(memory, contender, ({ idle }) => idle),
        middleText(own, 1, ({ connections }) => connections),
        middleText(own, 1, ({ clusters }) => clusters),
      ),
    );
  }
  return [...lines, ""];
}

function renderTlsMemory(memory: Samples<TlsMemorySample>): string[] {
  const lines = ["## Resident memory of idle TLS connections, MiB", ""];
  lines.push(
    "With post-quantum key exchange the client offers X25519MLKEM768 first, else X25519 alone.",
    "",
    "| proxy | idle | the first 1,000 connections add | 1,000 further ones | × Envoy, at most 1.5 | with post-quantum key exchange | × Envoy |",
    "|---|---:|---:|---:|---:|---:|---:|",
  );
  for (const [contender, own] of memory) {
    const figures = [
      middleText(own, 1, ({ idle }) => idle),
      middleText(own, 1, ({ first }) => first),
      middleText(own, 1, ({ perThousand }) => perThousand),
      ratioText(memory, contender, ({ perThousand }) => perThousand),
      middleText(own, 1, ({ perThousandPostQuantum }) => perThousandPostQuantum),
      ratioText(memory, contender, ({ perThousandPostQuantum }) => perThousandPostQuantum),
    ];
    lines.push(cells(TITLES[contender], ...figures));
  }
  return [...lines, ""];
}

function renderDynamic(dynamic: Samples<DynamicSample>): string[] {
  const lines = [
    `## ${number(DYNAMIC_COUNT, 0)} clusters and ${number(DYNAMIC_COUNT, 0)} routes from a control plane`,
    "",
    "ADS, delta; each cluster has its endpoint by EDS. Serving: from the start until a request on the last route was answered.",
    "Effect: from a changed endpoint until a request was answered by the new one. Latencies: at 1,000",
    "requests/s, without and with 100 changed endpoints a second. Requests/s: with 100 changed endpoints a second against none, and with",
    "100 changed cluster definitions, each of which has its endpoints sent once more.",
    "",
    "| proxy | serving, s | × Envoy | CPU until then, s | resident, MiB | × Envoy | effect, ms | slowest | p99.9, ms | slowest | requests/s, endpoints change | clusters change |",
    "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
  ];
  for (const [contender, own] of dynamic) {
    const figures = [
      middleText(own, 2, ({ servingSeconds }) => servingSeconds),
      ratioText(dynamic, contender, ({ servingSeconds }) => servingSeconds),
      middleText(own, 2, (sample) => sample.cpuSeconds),
      middleText(own, 0, ({ residentMib }) => residentMib),
      ratioText(dynamic, contender, ({ residentMib }) => residentMib),
      middleText(own, 1, ({ effectMs }) => effectMs),
      middleText(own, 1, ({ slowestEffectMs }) => slowestEffectMs),
      `${middleText(own, 1, ({ p999 }) => p999)}, ${middleText(own, 1, (sample) => sample.p999Updating)}`,
      `${middleText(own, 1, ({ max }) => max)}, ${middleText(own, 1, (sample) => sample.maxUpdating)}`,
      middleText(own, 2, (sample) => sample.perSecondEndpoints / sample.perSecond),
      middleText(own, 2, (sample) => sample.perSecondClusters / sample.perSecond),
    ];
    lines.push(cells(TITLES[contender], ...figures));
  }
  return [...lines, ""];
}

function renderGateway(sets: readonly (readonly GatewaySample[])[]): string[] {
  const lines = [
    "## The gateway with HTTPRoutes in files",
    "",
    "The control plane is a process, its proxy another one. Memory, and CPU where nothing else is said, are the control plane's.",
    "Effect: from a file being replaced until a request was answered as it says.",
    "",
    "| routes | host names | serving, s | CPU until then, s | resident, MiB | effect, ms | slowest | CPU of a change, ms | of the proxy |",
    "|---:|---|---:|---:|---:|---:|---:|---:|---:|",
  ];
  for (const own of sets) {
    const figures = [
      middleText(own, 0, ({ routes }) => routes),
      own[0]?.hosts === "one" ? "one" : "one each",
      middleText(own, 2, ({ servingSeconds }) => servingSeconds),
      middleText(own, 2, ({ cpuSeconds }) => cpuSeconds),
      middleText(own, 0, ({ residentMib }) => residentMib),
      middleText(own, 1, ({ effectMs }) => effectMs),
      middleText(own, 1, ({ slowestEffectMs }) => slowestEffectMs),
      middleText(own, 1, ({ changeCpuMs }) => changeCpuMs),
      middleText(own, 1, ({ proxyChangeCpuMs }) => proxyChangeCpuMs),
    ];
    lines.push(cells(...figures));
  }
  return [...lines, ""];
}

function middleText<T>(
  samples: readonly T[],
  digits: number,
  figure: (sample: T) => number,
): string {
  return number(middle(samples, figure), digits);
}

function ratioText<T>(
  samples: Samples<T>,
  contender: Contender,
  figure: (sample: T) => number,
): string {
  return number(medianRatio(samples, contender, figure), 2);
}

function cells(...values: readonly string[]): string {
  return `| ${values.join(" | ")} |`;
}

function number(value: number, digits: number): string {
  if (!Number.isFinite(value)) return "–";
  return digits === 0 ? Math.round(value).toLocaleString("en") : value.toFixed(digits);
}
