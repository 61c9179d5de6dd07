import type { StatTable } from "../definition.ts";
import type { StatsSettings } from "../stats-config.ts";
import type { ScopeEntry } from "../store.ts";
import type { Tag } from "../tags.ts";

/** A stat's place in Prometheus output. */
export interface PrometheusName {
  /** Dotted, without tags: what Envoy sorts by. */
  readonly family: string;
  /** `envoy_cluster_name="a",x="b"`; empty without tags. */
  readonly labels: string;
}

/** Scopes of one table whose stats have the same families: all clusters without a dot in their name. */
export interface Shape {
  readonly table: StatTable;
  /** By index into the table's names. */
  readonly families: readonly string[];
}

interface ScopeNames {
  readonly shape: Shape;
  /** What most stats of the scope have. */
  readonly labels: string;
  /** Those that have others (`upstream_rq_2xx`), by index. */
  readonly exceptions: ReadonlyMap<number, string>;
}

/**
 * Remembers what tag extraction made of each scope, in little memory: extraction costs a microsecond or more per
 * stat, and a scrape may print a million.
 */
export class PrometheusNames {
  readonly #settings: StatsSettings;
  readonly #scopes = new WeakMap<ScopeEntry, ScopeNames>();
  readonly #shapes = new Map<StatTable, Map<string, Shape>>();

  constructor(settings: StatsSettings) {
    this.#settings = settings;
  }

  shapeOf(entry: ScopeEntry): Shape {
    return this.#namesOf(entry).shape;
  }

  labelsOf(entry: ScopeEntry, i: number): string {
    const names = this.#namesOf(entry);
    return names.exceptions.get(i) ?? names.labels;
  }

  nameOf(fullName: string): PrometheusName {
    const { name, tags } = this.#settings.tags.extract(fullName);
    return { family: name, labels: labelText(tags) };
  }

  #namesOf(entry: ScopeEntry): ScopeNames {
    let names = this.#scopes.get(entry);
    if (names === undefined) this.#scopes.set(entry, (names = this.#extract(entry)));
    return names;
  }

  #extract({ scope, table }: ScopeEntry): ScopeNames {
    const all = table.names.map((name) => this.nameOf(scope.prefix + name));
    const labels = all.at(-1)?.labels ?? "";
    const exceptions = new Map<number, string>();
    all.forEach((name, i) => {
      if (name.labels !== labels) exceptions.set(i, name.labels);
    });
    const families = all.map((name) => name.family);
    return { shape: this.#shape(table, families), labels, exceptions };
  }

  #shape(table: StatTable, families: readonly string[]): Shape {
    let shapes = this.#shapes.get(table);
    if (shapes === undefined) this.#shapes.set(table, (shapes = new Map()));
    const key = families.join("\n");
    let shape = shapes.get(key);
    if (shape === undefined) shapes.set(key, (shape = { table, families }));
    return shape;
  }
}

/** `cluster.upstream_rq_total` as a Prometheus metric name: `envoy_cluster_upstream_rq_total`. */
export function metricName(family: string): string {
  return `envoy_${sanitize(family)}`;
}

function labelText(tags: readonly Tag[]): string {
  return tags.map(({ name, value }) => `${sanitize(name)}="${escapeLabel(value)}"`).join(",");
}

function sanitize(name: string): string {
  return name.replace(/[^a-zA-Z0-9_]/g, "_");
}

function escapeLabel(value: string): string {
  return value.replace(/[\\"\n]/g, (char) => (char === "\n" ? "\\n" : `\\${char}`));
}
