import type { WorkerContext } from "../../../base/worker-context.ts";
import { TLS_INSPECTOR_STATS } from "../../../observe/stats/tables/tls-inspector.ts";
import {
  ClientHelloReader,
  HELLO_FAILURES,
  Inspection,
} from "../../../transport/tls/client-hello-reader.ts";
import type { ListenerFilterWorkerSide } from "../extension.ts";
import {
  ListenerFilterStatus,
  setMetadata,
  type AcceptedFacts,
  type ListenerFilter,
} from "../filter.ts";
import { ja3Fingerprint, ja4Fingerprint } from "./fingerprints.ts";
import type { TlsInspectorConfig } from "./model.ts";

const STATS = TLS_INSPECTOR_STATS.at;
const METADATA = "envoy.filters.listener.tls_inspector";
const TLS_1_0 = 0x0301;
const TLS_1_3 = 0x0304;

/** Reads server name, protocols and fingerprints off a ClientHello; what is none passes as plain text. */
class TlsInspector implements ListenerFilter {
  readonly #config: TlsInspectorConfig;
  readonly #worker: WorkerContext;
  readonly #reader = new ClientHelloReader();

  constructor(config: TlsInspectorConfig, worker: WorkerContext) {
    this.#config = config;
    this.#worker = worker;
  }

  onAccept(): ListenerFilterStatus {
    return ListenerFilterStatus.Wait;
  }

  onData(buffer: Buffer, start: number, end: number, facts: AcceptedFacts): ListenerFilterStatus {
    const limit = start + this.#config.maxClientHelloBytes;
    const inspection = this.#reader.read(buffer, start, Math.min(end, limit));
    switch (inspection) {
      case Inspection.More:
        if (end < limit) {
          facts.neededBytes = Math.min(this.#reader.neededBytes, limit - start);
          return ListenerFilterStatus.Wait;
        }
        this.#countTooLarge(facts);
        return this.#end(ListenerFilterStatus.Close, limit - start);
      case Inspection.Found:
        return this.#end(this.#onHello(facts), this.#reader.processedBytes);
      case Inspection.NotFound:
        return this.#end(this.#onOther(facts, end >= limit), this.#reader.processedBytes);
      case Inspection.Closed:
        return this.#end(ListenerFilterStatus.Close, this.#reader.processedBytes);
    }
  }

  #onHello(facts: AcceptedFacts): ListenerFilterStatus {
    const { hello } = this.#reader;
    const { ja3, ja4 } = this.#config;
    if (ja3) facts.ja3Fingerprint = ja3Fingerprint(hello);
    if (ja4) facts.ja4Fingerprint = ja4Fingerprint(hello);
    const protocols = hello.applicationProtocols();
    if (protocols !== null) facts.applicationProtocols = protocols;
    facts.requestedServerName = hello.serverName;
    this.#count(hello.serverName === "" ? STATS.sni_not_found : STATS.sni_found);
    if (hello.version < TLS_1_0 || hello.version > TLS_1_3) {
      this.#count(STATS.tls_not_found);
      facts.inspectionFailure = failureText("CONNECTION_REJECTED", 133);
      setMetadata(facts, METADATA, "failure_reason", "ClientHelloInvalidTlsVersion");
      return ListenerFilterStatus.Close;
    }
    this.#count(STATS.tls_found);
    this.#count(protocols === null ? STATS.alpn_not_found : STATS.alpn_found);
    facts.transportProtocol = "tls";
    return ListenerFilterStatus.Continue;
  }

  #onOther(facts: AcceptedFacts, full: boolean): ListenerFilterStatus {
    const { failure } = this.#reader;
    facts.inspectionFailure = failureText(failure, HELLO_FAILURES[failure].number);
    const { closeOnParsingErrors } = this.#config;
    if (closeOnParsingErrors && full) {
      this.#countTooLarge(facts);
      return ListenerFilterStatus.Close;
    }
    setMetadata(facts, METADATA, "failure_reason", "ClientHelloNotDetected");
    this.#count(STATS.tls_not_found);
    return closeOnParsingErrors ? ListenerFilterStatus.Close : ListenerFilterStatus.Continue;
  }

  #countTooLarge(facts: AcceptedFacts): void {
    this.#count(STATS.client_hello_too_large);
    setMetadata(facts, METADATA, "failure_reason", "ClientHelloTooLarge");
  }

  #end(status: ListenerFilterStatus, processedBytes: number): ListenerFilterStatus {
    const { histogramBase } = this.#config.scope;
    this.#worker.stats.record(histogramBase + STATS.bytes_processed, processedBytes);
    return status;
  }

  #count(stat: number): void {
    this.#worker.stats.slots[this.#config.scope.base + stat]! += 1;
  }
}

function failureText(reason: string, number: number): string {
  const code = ((16 << 24) + number).toString(16);
  return `TLS_error|error:${code}:SSL routines:OPENSSL_internal:${reason}:TLS_error_end`;
}

/** Worker side of the TLS inspector. */
export const tlsInspectorWorkerSide: ListenerFilterWorkerSide<TlsInspectorConfig> = {
  configType: "envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector",
  build: (config, worker) => new TlsInspector(config, worker),
};
