import { Resolver } from "node:dns";
import type { RecordWithTtl } from "node:dns";
import { isIP } from "node:net";
import type { DnsLookupFamily, DnsResolverConfig } from "../definition.ts";
import type { DnsAnswer, DnsResolver } from "./dns-resolver.ts";
import { lookupByFamily } from "./family-lookup.ts";
import type { HostsFile } from "./hosts-file.ts";
import type { SearchConfig } from "./search-domains.ts";
import { candidateNames } from "./search-domains.ts";

/** Told what happens to questions: the `dns.cares.…` stats. */
export interface DnsObserver {
  /** `pending` is +1 with a question and -1 with its answer. */
  onPending(change: 1 | -1): void;
  count(name: "resolve_total" | "not_found" | "timeouts" | "get_addr_failure"): void;
}

/**
 * Envoy's default resolver: c-ares, with times to live. As there, names are looked for in the hosts file first,
 * and incomplete ones are completed by the system's search domains.
 */
export class CaresResolver implements DnsResolver {
  readonly #resolver: Resolver;
  readonly #hosts: HostsFile;
  readonly #search: SearchConfig;
  readonly #observer: DnsObserver;

  constructor(
    config: Extract<DnsResolverConfig, { kind: "cares" }>,
    hosts: HostsFile,
    search: SearchConfig,
    observer: DnsObserver,
  ) {
    this.#resolver = new Resolver({ timeout: config.queryTimeoutMs, tries: config.queryTries });
    if (config.servers.length > 0) this.#resolver.setServers(config.servers);
    this.#hosts = hosts;
    this.#search = config.searchDomains ? search : { ...search, domains: [] };
    this.#observer = observer;
  }

  resolve(
    name: string,
    family: DnsLookupFamily,
    callback: (answer: DnsAnswer) => void,
  ): () => void {
    const numeric = isIP(name);
    if (numeric !== 0) return this.#answerNumeric(name, numeric as 4 | 6, family, callback);
    return lookupByFamily(
      family,
      (version, onAnswer) => this.#lookup(name, version, onAnswer),
      callback,
    );
  }

  /** An address of the other family than asked for is no answer. */
  #answerNumeric(
    ip: string,
    version: 4 | 6,
    family: DnsLookupFamily,
    callback: (answer: DnsAnswer) => void,
  ): () => void {
    const wanted = family === "V4_ONLY" ? version === 4 : family !== "V6_ONLY" || version === 6;
    return this.#later(
      { status: "completed", addresses: wanted ? [{ ip, ttlS: 0 }] : [] },
      callback,
    );
  }

  #lookup(name: string, version: 4 | 6, callback: (answer: DnsAnswer) => void): () => void {
    const listed = this.#hosts.lookup(name, version);
    if (listed.length > 0) {
      const addresses = listed.map((ip) => ({ ip, ttlS: 0 }));
      return this.#later({ status: "completed", addresses }, callback);
    }
    const question: Question = {
      names: candidateNames(name, this.#search),
      version,
      failure: null,
      cancelled: false,
      callback,
    };
    this.#begin();
    this.#ask(question, 0);
    return () => {
      question.cancelled = true;
    };
  }

  /** Answers that need no server come in a later turn too, so that callers see one order of events. */
  #later(answer: DnsAnswer, callback: (answer: DnsAnswer) => void): () => void {
    this.#begin();
    const pending = setImmediate(() => {
      this.#observer.onPending(-1);
      callback(answer);
    });
    return () => {
      clearImmediate(pending);
      this.#observer.onPending(-1);
    };
  }

  #begin(): void {
    this.#observer.count("resolve_total");
    this.#observer.onPending(1);
  }

  #ask(question: Question, index: number): void {
    const onRecords = (error: NodeJS.ErrnoException | null, records: RecordWithTtl[]): void => {
      if (error === null) {
        const addresses = records.map(({ address, ttl }) => ({ ip: address, ttlS: ttl }));
        this.#end(question, { status: "completed", addresses });
        return;
      }
      const code = error.code ?? error.message;
      if (code === "ESERVFAIL") question.failure ??= code;
      if (GO_ON.has(code) && index + 1 < question.names.length && !question.cancelled) {
        this.#ask(question, index + 1);
      } else {
        this.#end(question, this.#answerTo(question.failure ?? code));
      }
    };
    const name = question.names[index]!;
    if (question.version === 4) this.#resolver.resolve4(name, { ttl: true }, onRecords);
    else this.#resolver.resolve6(name, { ttl: true }, onRecords);
  }

  #end(question: Question, answer: DnsAnswer): void {
    this.#observer.onPending(-1);
    if (!question.cancelled) question.callback(answer);
  }

  #answerTo(code: string): DnsAnswer {
    if (NO_SUCH_NAME.has(code)) {
      this.#observer.count("not_found");
      return { status: "completed", addresses: [] };
    }
    this.#observer.count(code === "ETIMEOUT" ? "timeouts" : "get_addr_failure");
    return { status: "failure", reason: code };
  }
}

/** One family of one name on its way through the search domains. */
interface Question {
  readonly names: readonly string[];
  readonly version: 4 | 6;
  /** A server that failed for one of the names: then "no such name" for the others proves nothing. */
  failure: string | null;
  cancelled: boolean;
  readonly callback: (answer: DnsAnswer) => void;
}

/** The server answered: there is no such name, or it has no address of this family. */
const NO_SUCH_NAME: ReadonlySet<string> = new Set(["ENOTFOUND", "ENODATA"]);
/** Answers after which the next search domain is tried. */
const GO_ON: ReadonlySet<string> = new Set(["ENOTFOUND", "ENODATA", "ESERVFAIL"]);
