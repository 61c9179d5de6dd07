import type { WorkerContext } from "../../../base/worker-context.ts";
import type { FilterStateObject } from "../../../observe/filter-state-object.ts";
import {
  PROXY_PROTOCOL_LEGACY_STATS,
  PROXY_PROTOCOL_STATS,
} from "../../../observe/stats/tables/proxy-protocol.ts";
import type { ListenerFilterWorkerSide } from "../extension.ts";
import {
  ListenerFilterStatus,
  setMetadata,
  type AcceptedFacts,
  type ListenerFilter,
} from "../filter.ts";
import {
  mayBeProxyHeader,
  readProxyHeader,
  type ProxiedAddresses,
  type ProxyHeaderResult,
} from "./header.ts";
import type { ProxyProtocolConfig, TlvRule } from "./model.ts";

const STATS = PROXY_PROTOCOL_STATS.at;
/** Per version. */
const FOUND = [0, STATS["versions.v1.found"], STATS["versions.v2.found"]] as const;
const ERROR = [0, STATS["versions.v1.error"], STATS["versions.v2.error"]] as const;
const DISALLOWED = [0, STATS["versions.v1.disallowed"], STATS["versions.v2.disallowed"]] as const;
const FILTER_STATE = "envoy.network.proxy_protocol.tlv";

/** Takes a PROXY protocol header off the front of a connection, and believes what it says of client and destination. */
class ProxyProtocol implements ListenerFilter {
  readonly #config: ProxyProtocolConfig;
  readonly #rules: ReadonlyMap<number, TlvRule>;
  readonly #slots: Float64Array;

  constructor(config: ProxyProtocolConfig, worker: WorkerContext) {
    this.#config = config;
    this.#rules = new Map(config.rules.map((rule) => [rule.type, rule]));
    this.#slots = worker.stats.slots;
  }

  onAccept(): ListenerFilterStatus {
    return ListenerFilterStatus.Wait;
  }

  onData(buffer: Buffer, start: number, end: number, facts: AcceptedFacts): ListenerFilterStatus {
    const { optional, allowV1, allowV2 } = this.#config;
    if (
      optional &&
      !(allowV1 && mayBeProxyHeader(buffer, start, end, 1)) &&
      !(allowV2 && mayBeProxyHeader(buffer, start, end, 2))
    ) {
      this.#count(STATS.not_found_allowed);
      return ListenerFilterStatus.Continue;
    }
    const header = readProxyHeader(buffer, start, end);
    switch (header.kind) {
      case "more":
        if (header.version === 2 && !allowV2) break;
        facts.neededBytes = header.neededBytes;
        return ListenerFilterStatus.Wait;
      case "none":
        return this.#refuse(STATS.not_found_disallowed);
      case "error":
      case "found":
        break;
    }
    const version = header.version === 1 ? 1 : 2;
    const allowed = version === 1 ? allowV1 : allowV2;
    if (header.kind !== "error" || !allowed) this.#count(FOUND[version]);
    if (!allowed) return this.#refuse(DISALLOWED[version]);
    if (header.kind !== "found") return this.#refuse(ERROR[version]);
    this.#accept(buffer, header, facts);
    facts.consumedBytes = header.length;
    return ListenerFilterStatus.Continue;
  }

  #accept(
    buffer: Buffer,
    header: Extract<ProxyHeaderResult, { kind: "found" }>,
    facts: AcceptedFacts,
  ): void {
    if (header.addresses === null) return;
    believe(header.addresses, facts);
    for (let at = header.itemsStart; at < header.itemsEnd;) {
      const length = buffer.readUInt16BE(at + 1);
      const rule = this.#rules.get(buffer[at]!);
      if (rule !== undefined) this.#keep(rule, buffer.subarray(at + 3, at + 3 + length), facts);
      at += 3 + length;
    }
  }

  #keep(rule: TlvRule, value: Buffer, facts: AcceptedFacts): void {
    const text = rule.encoding === "base64" ? value.toString("base64") : sanitizedUtf8(value);
    if (this.#config.tlvLocation === "dynamic_metadata") {
      setMetadata(facts, rule.namespace, rule.key, text, true);
      return;
    }
    const objects = (facts.filterState ??= new Map<string, unknown>());
    const before = objects.get(FILTER_STATE) as TlvState | undefined;
    objects.set(FILTER_STATE, new TlvState({ ...before?.filterStateFields, [rule.key]: text }));
  }

  #refuse(stat: number): ListenerFilterStatus {
    this.#count(stat);
    const { base } = this.#config.legacyScope;
    this.#slots[base + PROXY_PROTOCOL_LEGACY_STATS.at.downstream_cx_proxy_proto_error]! += 1;
    return ListenerFilterStatus.Close;
  }

  #count(stat: number): void {
    this.#slots[this.#config.scope.base + stat]! += 1;
  }
}

/** Items of a header in the filter state, by the keys of their rules. */
class TlvState implements FilterStateObject {
  readonly filterStateFields: Readonly<Record<string, string>>;

  constructor(fields: Readonly<Record<string, string>>) {
    this.filterStateFields = fields;
  }

  get filterStateText(): string {
    return JSON.stringify(this.filterStateFields);
  }

  get filterStateJson(): unknown {
    return this.filterStateFields;
  }
}

function believe({ source, destination }: ProxiedAddresses, facts: AcceptedFacts): void {
  facts.remoteAddress = source;
  facts.localAddress = destination;
}

/** As Envoy stores text of unknown origin: a `!` for each byte that is no part of UTF-8. */
function sanitizedUtf8(value: Buffer): string {
  const text = value.toString("utf8");
  if (!text.includes("\ufffd")) return text;
  let out = "";
  for (let at = 0; at < value.length;) {
    const length = sequenceLength(value, at);
    out += length === 0 ? "!" : value.toString("utf8", at, at + length);
    at += Math.max(length, 1);
  }
  return out;
}

/** Bytes of the well-formed character at `at`; 0 for none. */
function sequenceLength(value: Buffer, at: number): number {
  for (let length = 1; length <= 4 && at + length <= value.length; length++) {
    const character = value.subarray(at, at + length);
    if (Buffer.from(character.toString("utf8")).equals(character)) return length;
  }
  return 0;
}

/** Worker side of the PROXY protocol filter. */
export const proxyProtocolWorkerSide: ListenerFilterWorkerSide<ProxyProtocolConfig> = {
  configType: "envoy.extensions.filters.listener.proxy_protocol.v3.ProxyProtocol",
  build: (config, worker) => new ProxyProtocol(config, worker),
};
