import type { StatKind } from "../definition.ts";
import { compare, refOf } from "../stat-view.ts";
import type { StatQuery, StatRef, StatView } from "../stat-view.ts";
import type { ScopeEntry } from "../store.ts";
import { inChunks } from "./chunks.ts";
import { QUANTILES } from "./histogram-buckets.ts";
import { allDigits, wholeNumber } from "./numbers.ts";
import { metricName, PrometheusNames } from "./prometheus-names.ts";
import type { Shape } from "./prometheus-names.ts";

export interface PrometheusOptions {
  /** Text readouts as gauges of value 0 with the text as a label. */
  readonly textReadouts: boolean;
  /** Histograms as buckets, or as quantiles of the last interval. */
  readonly histograms: "cumulative" | "summary";
}

/** Stats that share a metric name: index `i` of the scopes, or one dynamic stat. */
type Source =
  | { readonly scopes: readonly ScopeEntry[]; readonly i: number }
  | { readonly fullName: string; readonly labels: string; readonly kind: StatKind };

interface Sample {
  readonly ref: StatRef;
  readonly labels: string;
}

/**
 * The Prometheus text format, as Envoy writes it: a `# TYPE` line per metric, no HELP, counters without `_total`;
 * counters, gauges, text readouts, then histograms, each by name.
 */
export class PrometheusRenderer {
  readonly #view: StatView;
  readonly #names: PrometheusNames;

  constructor(view: StatView) {
    this.#view = view;
    this.#names = new PrometheusNames(view.settings);
  }

  /** Pieces may be empty: they only give the caller a chance to do other work. */
  *render(query: StatQuery, options: PrometheusOptions): Generator<string> {
    yield* inChunks(this.#lines(query, options));
  }

  *#lines(query: StatQuery, options: PrometheusOptions): Generator<string> {
    const shapes = new Map<Shape, ScopeEntry[]>();
    for (const entry of this.#view.scopes) {
      const shape = this.#names.shapeOf(entry);
      const scopes = shapes.get(shape);
      if (scopes === undefined) shapes.set(shape, [entry]);
      else scopes.push(entry);
      yield "";
    }
    const { store } = this.#view;
    const dynamic = this.#dynamicSources("counter", store.dynamicNames());
    yield* this.#scalars("counter", this.#families("counter", shapes, dynamic), query);
    yield* this.#scalars("gauge", this.#families("gauge", shapes, new Map()), query);
    if (options.textReadouts) yield* this.#textReadouts(query);
    const dynamicHistograms = this.#dynamicSources("histogram", store.dynamicHistogramNames());
    const histograms = this.#families("histogram", shapes, dynamicHistograms);
    yield* this.#histograms(histograms, query, options.histograms);
  }

  #dynamicSources(kind: StatKind, names: Iterable<string>): Map<string, Source[]> {
    const sources = new Map<string, Source[]>();
    for (const fullName of names) {
      const { family, labels } = this.#names.nameOf(fullName);
      const source = { fullName, labels, kind };
      const list = sources.get(family);
      if (list === undefined) sources.set(family, [source]);
      else list.push(source);
    }
    return sources;
  }

  /** All metrics of a kind, by name. */
  #families(
    kind: StatKind,
    shapes: ReadonlyMap<Shape, ScopeEntry[]>,
    sources: Map<string, Source[]>,
  ): [family: string, sources: Source[]][] {
    for (const [shape, scopes] of shapes) {
      shape.families.forEach((family, i) => {
        if (shape.table.kinds[i] !== kind) return;
        const source = { scopes, i };
        const list = sources.get(family);
        if (list === undefined) sources.set(family, [source]);
        else list.push(source);
      });
    }
    return [...sources].sort((a, b) => compare(a[0], b[0]));
  }

  *#scalars(
    kind: "counter" | "gauge",
    families: readonly [string, Source[]][],
    query: StatQuery,
  ): Generator<string> {
    for (const [family, sources] of families) {
      const metric = metricName(family);
      let typed = false;
      for (const { ref, labels } of this.#samples(sources, query)) {
        if (!typed) yield `# TYPE ${metric} ${kind}\n`;
        typed = true;
        yield `${metric}{${labels}} ${wholeNumber(this.#view.value(ref))}\n`;
      }
      yield "";
    }
  }

  *#histograms(
    families: readonly [string, Source[]][],
    query: StatQuery,
    mode: "cumulative" | "summary",
  ): Generator<string> {
    for (const [family, sources] of families) {
      const metric = metricName(family);
      let typed = false;
      for (const sample of this.#samples(sources, query)) {
        if (!typed) yield `# TYPE ${metric} ${mode === "summary" ? "summary" : "histogram"}\n`;
        typed = true;
        yield mode === "summary" ? this.#quantiles(metric, sample) : this.#buckets(metric, sample);
      }
      yield "";
    }
  }

  #buckets(metric: string, { ref, labels }: Sample): string {
    const { cumulative } = this.#view.histogram(ref);
    const before = labels === "" ? "" : `${labels},`;
    let text = "";
    for (const bound of this.#view.settings.bucketsFor(ref.fullName)) {
      text += `${metric}_bucket{${before}le="${allDigits(bound)}"} ${cumulative.countUpTo(bound)}\n`;
    }
    text += `${metric}_bucket{${before}le="+Inf"} ${cumulative.total}\n`;
    text += `${metric}_sum{${labels}} ${allDigits(cumulative.sum)}\n`;
    return `${text}${metric}_count{${labels}} ${cumulative.total}\n`;
  }

  #quantiles(metric: string, { ref, labels }: Sample): string {
    const { interval } = this.#view.histogram(ref);
    const before = labels === "" ? "" : `${labels},`;
    let text = "";
    for (const q of QUANTILES) {
      text += `${metric}{${before}quantile="${q}"} ${allDigits(interval.quantile(q))}\n`;
    }
    text += `${metric}_sum{${labels}} ${allDigits(interval.sum)}\n`;
    return `${text}${metric}_count{${labels}} ${interval.total}\n`;
  }

  *#textReadouts(query: StatQuery): Generator<string> {
    const lines = new Map<string, string[]>();
    for (const [fullName, value] of this.#view.textReadouts({ ...query, type: "All" })) {
      const { family, labels } = this.#names.nameOf(fullName);
      const escaped = value.replace(/[\\"\n]/g, (char) => (char === "\n" ? "\\n" : `\\${char}`));
      const metric = metricName(family);
      const line = `${metric}{${labels === "" ? "" : `${labels},`}text_value="${escaped}"} 0\n`;
      const list = lines.get(family);
      if (list === undefined) lines.set(family, [line]);
      else list.push(line);
    }
    for (const [family, list] of [...lines].sort((a, b) => compare(a[0], b[0]))) {
      yield `# TYPE ${metricName(family)} gauge\n`;
      yield* list;
    }
  }

  /** The stats of one metric by full name. One source is in that order already. */
  *#samples(sources: readonly Source[], query: StatQuery): Generator<Sample> {
    if (sources.length === 1) {
      yield* this.#samplesOf(sources[0]!, query);
      return;
    }
    const all: Sample[] = [];
    for (const source of sources) all.push(...this.#samplesOf(source, query));
    yield* all.sort((a, b) => compare(a.ref.fullName, b.ref.fullName));
  }

  *#samplesOf(source: Source, query: StatQuery): Generator<Sample> {
    if ("fullName" in source) {
      const ref: StatRef = { fullName: source.fullName, kind: source.kind, at: -1 };
      if (this.#view.shows(ref, query)) yield { ref, labels: source.labels };
      return;
    }
    const { scopes, i } = source;
    for (const entry of scopes) {
      const ref = refOf(entry, i);
      if (!this.#view.shows(ref, query, entry.table.lazy[i])) continue;
      yield { ref, labels: this.#names.labelsOf(entry, i) };
    }
  }
}
