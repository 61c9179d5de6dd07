import { formatProblem } from "@nuncio/api";
import type { RemoteSecret } from "../../config/context.ts";
import { log } from "../../observe/log/log.ts";
import type { StatsRegistry, WorkerStats } from "../../observe/stats/definition.ts";
import { CERTIFICATE_STATS, TLS_FACTORY_STATS } from "../../observe/stats/tables/tls.ts";
import type { ShownCertificate } from "../../transport/tls/config/secret-reader.ts";
import type { Refresh, TlsContext, TlsContexts } from "../../transport/tls/config/tls-contexts.ts";
import type { ToWorker } from "../../worker/messages.ts";
import { FileWatcher } from "./file-watcher.ts";

/**
 * Follows the files that TLS contexts are made of. New content goes to the workers, whose new connections use it; content
 * that is no good changes nothing, and is told in the log. Every file counts, whether an SDS file, a watched directory or
 * just a `filename` names it.
 */
export class SecretRotation {
  readonly #contexts: TlsContexts;
  readonly #post: (message: ToWorker) => void;
  readonly #registry: StatsRegistry;
  readonly #stats: WorkerStats;
  readonly #watcher: FileWatcher;
  readonly #log = log.logger("secret");
  /** What was told last, so that it is told once. */
  #told = "";

  constructor(
    contexts: TlsContexts,
    post: (message: ToWorker) => void,
    registry: StatsRegistry,
    stats: WorkerStats,
  ) {
    this.#contexts = contexts;
    this.#post = post;
    this.#registry = registry;
    this.#stats = stats;
    this.#watcher = new FileWatcher(() => this.#refresh());
  }

  start(): void {
    for (const context of this.#contexts.all) {
      this.#publishExpirations(context);
      // The first content of a secret's file is an update too.
      if (context.readsSecretFiles && context.config.ready) this.#countUpdate(context);
    }
    this.#watchAll();
    // What changed since the configuration was read.
    this.#refresh();
  }

  close(): void {
    this.#watcher.close();
  }

  /** What a successor of a dead worker must hear, after the listeners and clusters. */
  messages(): ToWorker[] {
    return this.#contexts.all
      .filter(({ config }) => config.version > 1)
      .map(({ config }) => ({ kind: "tls_context", config }));
  }

  /** A secret of a control plane came or changed. Says what stands against it; then no worker is told. */
  use(secret: RemoteSecret): readonly string[] {
    const results = [...this.#contexts.refreshUsing(secret)];
    const refused = refusals(results);
    if (refused.length > 0) return refused;
    for (const [context, result] of results) if (result.kind === "changed") this.#tell(context);
    this.#watchAll();
    return [];
  }

  #refresh(): void {
    const results = [...this.#contexts.refresh()];
    for (const [context, result] of results) if (result.kind === "changed") this.#tell(context);
    const text = refusals(results).join("\n");
    if (text !== "" && text !== this.#told)
      this.#log.warning(`secrets are kept as they were: ${text}`);
    this.#told = text;
    this.#watchAll();
  }

  #tell(context: TlsContext): void {
    const { config } = context;
    this.#countUpdate(context);
    this.#publishExpirations(context);
    this.#post({ kind: "tls_context", config });
    this.#log.info(`secrets of ${config.scope.prefix} changed`);
  }

  #countUpdate({ config }: TlsContext): void {
    const { ssl_context_update_by_sds: stat } = TLS_FACTORY_STATS.at;
    this.#stats.slots[config.factoryScope.base + stat]! += 1;
  }

  #watchAll(): void {
    this.#watcher.watch(new Set(this.#contexts.all.flatMap(({ files }) => [...files])));
  }

  #publishExpirations({ certificates, config }: TlsContext): void {
    for (const [name, seconds] of expirations(certificates)) {
      const prefix = `${config.scope.prefix}certificate.${name}.`;
      const { base } = this.#registry.scope(prefix, CERTIFICATE_STATS);
      this.#stats.slots[base + CERTIFICATE_STATS.at.expiration_unix_time_seconds] = seconds;
    }
  }
}

function refusals(results: readonly (readonly [TlsContext, Refresh])[]): string[] {
  const texts = results.flatMap(([, result]) =>
    result.kind === "refused" ? result.problems.map(formatProblem) : [],
  );
  return [...new Set(texts)];
}

/** By gauge, in seconds. As in Envoy, of authorities with one name it is the first to end, of other certificates the last one. */
function expirations(certificates: readonly ShownCertificate[]): Map<string, number> {
  const seconds = new Map<string, number>();
  for (const { gaugeName, role, certificate } of certificates) {
    const end = Math.floor(certificate.validToDate.getTime() / 1000);
    const known = role === "ca" ? (seconds.get(gaugeName) ?? end) : end;
    seconds.set(gaugeName, Math.min(known, end));
  }
  return seconds;
}
