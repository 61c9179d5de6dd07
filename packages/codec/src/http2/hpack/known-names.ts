import { HEADER_NAMES } from "../../http1/header-names.ts";
import { integerText } from "./integer-text.ts";
import { STATIC_ENTRIES, STATIC_NAMES, STATIC_VALUES } from "./static-table.ts";

/** What becomes of fields of one name that the tables do not have. */
export const Indexing = {
  /** Into the table: at once while there is room, later when the same field was seen before. */
  Adaptive: 0,
  /** Never into the table, because no two messages have the same value. */
  None: 1,
  /** Never into a table, and nobody behind us may put it into one: it has to be guarded from guesses (RFC 7541 7.1.3). */
  Never: 2,
} as const;
export type Indexing = (typeof Indexing)[keyof typeof Indexing];

/** What is known of a header name before any connection. */
export interface KnownName {
  readonly indexing: Indexing;
  /** The first index of the name in the static table; 0 when it is not there. */
  readonly staticIndex: number;
  /** Its values in the static table, one after the other. */
  readonly staticValues: readonly string[];
  /** How a field begins that does not go into the table: the representation and the name. */
  readonly literal: string;
  /** How one begins that goes into it. */
  readonly literalWithIndexing: string;
}

const NEVER = "authorization cookie proxy-authorization set-cookie";
const NONE =
  "age content-length content-range etag grpc-message grpc-timeout if-match if-modified-since if-none-match if-range " +
  "if-unmodified-since last-modified location range sec-websocket-accept sec-websocket-key traceparent tracestate " +
  "x-b3-parentspanid x-b3-spanid x-b3-traceid x-client-trace-id x-envoy-expected-rq-timeout-ms " +
  "x-envoy-upstream-service-time x-request-id";

/** By name. One that is not here is not in the static table, and adaptive. */
export const KNOWN_NAMES: ReadonlyMap<string, KnownName> = knownNames();

function knownNames(): Map<string, KnownName> {
  const indexing = new Map<string, Indexing>();
  for (const name of NONE.split(" ")) indexing.set(name, Indexing.None);
  for (const name of NEVER.split(" ")) indexing.set(name, Indexing.Never);
  const names = new Map<string, KnownName>();
  for (const name of [...STATIC_NAMES.slice(1), ...HEADER_NAMES]) {
    if (!names.has(name)) names.set(name, knownName(name, indexing.get(name) ?? Indexing.Adaptive));
  }
  return names;
}

function knownName(name: string, indexing: Indexing): KnownName {
  const staticIndex = Math.max(0, STATIC_NAMES.indexOf(name));
  const staticValues: string[] = [];
  for (let index = staticIndex; index > 0 && index <= STATIC_ENTRIES; index++) {
    if (STATIC_NAMES[index] !== name || STATIC_VALUES[index] === "") break;
    staticValues.push(STATIC_VALUES[index]!);
  }
  const spelling = staticIndex > 0 ? "" : integerText(0, 0x7f, name.length) + name;
  return {
    indexing,
    staticIndex,
    staticValues,
    literal: integerText(indexing === Indexing.Never ? 0x10 : 0, 0x0f, staticIndex) + spelling,
    literalWithIndexing: integerText(0x40, 0x3f, staticIndex) + spelling,
  };
}
