import { createHash } from "node:crypto";
import { Hash64 } from "../../packages/proxy/src/base/hash64.ts";
import { xxHash64 } from "../../packages/proxy/src/base/xx-hash64.ts";
import type { Http2Session } from "../harness/http2/session.ts";
import { headerOf, type WireMessage } from "../harness/message-reader.ts";
import { parseLogLine } from "./access-log.ts";
import { checkFields } from "./authorization.ts";
import { clusterName, caseId, type CasePlaces } from "./case-config.ts";
import type { DiffCase, Step } from "./case.ts";
import type { ClientConnection } from "./client-connection.ts";
import { isConfig } from "./config-value.ts";
import { framesToBytes } from "./frame-script.ts";
import { Normalizer } from "./normalizer.ts";
import { stepBytes } from "./run-steps.ts";
import { isHttp2Upstream, statFacets, type Stats } from "./stats.ts";
import type { UdpClient } from "./udp-client.ts";
import { messagesOf } from "./upstream-connection.ts";
import type { Upstream } from "./upstream.ts";
import { matchesAny } from "./wildcard.ts";

/** Longer bodies and values are compared by length and hash. */
const COMPARED_CHARS_MAX = 16_384;

/** Everything that is compared of one case at one proxy: where -> what, both readable. */
export type Facets = Map<string, string>;

/** What one proxy did with one case, still with its ports and times. */
export interface Observation {
  readonly places: CasePlaces;
  readonly clients: readonly ClientConnection[];
  /** Clients of UDP. */
  readonly peers: readonly UdpClient[];
  readonly upstreams: ReadonlyMap<string, Upstream>;
  readonly logText: string;
  /** The case's own. */
  readonly stats: Stats;
}

/** Turns an observation into facets in which ports, dates and ids are replaced by names. */
export function observe(diffCase: DiffCase, seen: Observation): Facets {
  const notes = new Notes(buildNormalizer(diffCase, seen), diffCase.ignore ?? []);
  for (const [index, client] of seen.clients.entries())
    noteClient(notes, `client${index + 1}`, client, diffCase.admin === true);
  for (const [index, peer] of seen.peers.entries()) {
    notes.add(`client${index + 1}.datagrams`, String(peer.received.length));
    for (const [number, text] of peer.received.entries())
      notes.addWire(`client${index + 1}.datagram${number + 1}`, text);
  }
  for (const [name, upstream] of seen.upstreams) noteUpstream(notes, name, upstream, diffCase);
  noteLog(notes, seen.logText, isHttp2Upstream(seen), diffCase.order_by);
  for (const [name, value] of statFacets(seen)) notes.add(`stat.${name}`, value);
  return notes.facets;
}

/** Collects facets, normalised. */
class Notes {
  readonly facets: Facets = new Map();
  readonly #normalizer: Normalizer;
  readonly #ignored: readonly string[];

  constructor(normalizer: Normalizer, ignored: readonly string[]) {
    this.#normalizer = normalizer;
    this.#ignored = ignored;
  }

  add(at: string, value: string): void {
    if (!matchesAny(this.#ignored, at)) this.facets.set(at, this.#normalizer.apply(value));
  }

  /** Texts off the wire: quoted, and the very long ones hashed. */
  addWire(at: string, ...texts: readonly string[]): void {
    this.add(at, texts.map((text) => quote(this.#normalizer.apply(text))).join(" "));
  }
}

function buildNormalizer(diffCase: DiffCase, seen: Observation): Normalizer {
  const names = new Map<string, string>();
  for (const [name, port] of seen.places.upstreamPorts)
    names.set(`127.0.0.1:${port}`, `<upstream ${name}>`);
  const listener = `127.0.0.1:${seen.places.port}`;
  names.set(listener, "<listener>");
  for (const [index, client] of seen.clients.entries()) {
    names.set(client.local, `<client ${index + 1}>`);
    names.set(hashOf(client.local + listener), `<hash of client ${index + 1} and the listener>`);
  }
  for (const [index, peer] of seen.peers.entries()) names.set(peer.local, `<client ${index + 1}>`);
  for (const upstream of seen.upstreams.values()) {
    for (const connection of upstream.connections) names.set(connection.peer, "<proxy's end>");
  }
  for (const name of seen.upstreams.keys()) names.set(clusterName(diffCase, name), name);
  names.set(caseId(diffCase), "<case>");
  names.set(String(seen.places.port), "<port>");
  for (const [name, port] of seen.places.upstreamPorts) names.set(String(port), `<${name}.port>`);
  return new Normalizer(names, Buffer.concat(diffCase.steps.map(sentBytes)).toString("latin1"));
}

/** What a step sends, as far as it can be told beforehand. */
function sentBytes(step: Step): Buffer {
  if (step.frames !== undefined) return framesToBytes(step.frames);
  return step.request !== undefined || step.raw !== undefined ? stepBytes(step) : Buffer.alloc(0);
}

/** What cookies that are made for a connection contain. */
function hashOf(text: string): string {
  const hash = new Hash64();
  xxHash64(text, hash);
  return hash.toHex();
}

function noteClient(notes: Notes, at: string, client: ClientConnection, sortJson: boolean): void {
  notes.add(`${at}.fate`, client.fate);
  notes.add(`${at}.responses`, String(client.wire.messages.length));
  if (client.tls !== null)
    for (const [name, value] of Object.entries(client.tls.facts))
      notes.add(`${at}.tls.${name}`, String(value));
  if (client.wire.rest.length > 0) notes.addWire(`${at}.rest`, client.wire.rest.toString("latin1"));
  if (client.http2 !== null) {
    noteSession(notes, at, client.http2.session);
    return;
  }
  for (const [index, message] of client.reader.messages.entries()) {
    if (sortJson) sortJsonBody(message);
    noteMessage(notes, `${at}.response${index + 1}`, message);
  }
}

/** What a proxy did on a connection over HTTP/2, its messages stream by stream unless they are noted elsewhere. */
function noteSession(notes: Notes, at: string, session: Http2Session, withMessages = true): void {
  const settings = session.peerSettings?.map(([name, value]) => `${name}=${value}`).join(" ");
  notes.add(`${at}.settings`, settings ?? "none");
  for (const [index, text] of session.goaways.entries())
    notes.add(`${at}.goaway${index + 1}`, text);
  if (session.pongs.length > 0) notes.addWire(`${at}.pongs`, ...session.pongs);
  if (session.fault !== null) notes.add(`${at}.fault`, session.fault);
  for (const { id, messages, reset } of session.streams.values()) {
    if (reset !== null) notes.add(`${at}.stream${id}.reset`, reset);
    if (!withMessages) continue;
    for (const [index, message] of messages.entries())
      noteMessage(notes, `${at}.stream${id}.response${index + 1}`, message);
  }
}

/** Envoy's admin prints the fields of some objects in an order that changes from process to process. */
function sortJsonBody(message: WireMessage): void {
  if (headerOf(message, "content-type") !== "application/json") return;
  const sorted = (_: string, value: unknown): unknown =>
    isConfig(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value;
  try {
    message.body = Buffer.from(
      JSON.stringify(JSON.parse(message.body.toString("utf8")), sorted, 1),
    );
  } catch {
    // No JSON after all: compared as it is.
  }
}

function noteUpstream(notes: Notes, name: string, upstream: Upstream, diffCase: DiffCase): void {
  const at = `upstream.${name}`;
  const isHttp = upstream.speaksHttp;
  if (isHttp) notes.add(`${at}.requests`, String(upstream.order.length));
  for (const [number, { tls }] of upstream.connections.entries())
    for (const [fact, value] of Object.entries(tls ?? {}))
      notes.add(`${at}.connection${number + 1}.tls.${fact}`, String(value));
  const { order_by: orderBy } = diffCase;
  const requests = upstream.order.map(({ connection, index }) => ({
    connection,
    message: messagesOf(upstream.connections[connection]!)[index]!,
  }));
  if (orderBy !== undefined)
    requests.sort((a, b) =>
      compareTexts(headerOf(a.message, orderBy), headerOf(b.message, orderBy)),
    );
  for (const [number, { connection, message }] of requests.entries()) {
    noteMessage(notes, `${at}.request${number + 1}`, message);
    if (diffCase.upstream_connections === true) {
      notes.add(`${at}.request${number + 1}.connection`, String(connection + 1));
    }
  }
  if (isHttp && diffCase.upstream_connections !== true) return;
  notes.add(`${at}.connections`, String(upstream.connections.length));
  for (const [number, connection] of upstream.connections.entries()) {
    notes.add(`${at}.connection${number + 1}.fate`, connection.fate);
    if (connection.http2 !== null)
      noteSession(notes, `${at}.connection${number + 1}`, connection.http2, false);
    const extra = isHttp ? connection.reader.rest : Buffer.concat(connection.received);
    if (extra.length > 0)
      notes.addWire(`${at}.connection${number + 1}.bytes`, extra.toString("latin1"));
  }
}

function noteMessage(notes: Notes, at: string, message: WireMessage): void {
  notes.add(`${at}.line`, message.startLine);
  notes.add(`${at}.header order`, headerOrder(message));
  const values = new Map<string, string[]>();
  for (const [name, value] of message.headers)
    values.set(name, [...(values.get(name) ?? []), value]);
  for (const [name, all] of values) notes.addWire(`${at}.header.${name}`, ...all);
  notes.add(`${at}.framing`, message.complete ? message.framing : `${message.framing}, cut off`);
  const check = checkFields(message);
  for (const [name, value] of check ?? []) notes.add(`${at}.check.${name}`, value);
  if (check === null && message.body.length > 0)
    notes.addWire(`${at}.body`, message.body.toString("latin1"));
  for (const [name, value] of message.trailers) notes.addWire(`${at}.trailer.${name}`, value);
}

/** That of pseudo headers means nothing, as long as they come first (RFC 9113, section 8.3). */
function headerOrder({ headers }: WireMessage): string {
  const names = headers.map(([name]) => name);
  const regular = names.findIndex((name) => !name.startsWith(":"));
  const pseudo = regular < 0 ? names.length : regular;
  return [...names.slice(0, pseudo).sort(), ...names.slice(pseudo)].join(" ");
}

function noteLog(notes: Notes, text: string, toHttp2: boolean, orderBy: string | undefined): void {
  const lines = text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => new Map(parseLogLine(line, toHttp2)));
  if (orderBy !== undefined) lines.sort((a, b) => compareTexts(a.get(orderBy), b.get(orderBy)));
  notes.add("log.lines", String(lines.length));
  for (const [index, line] of lines.entries())
    for (const [field, value] of line) notes.add(`log.${index + 1}.${field}`, value);
}

function compareTexts(a: string | undefined = "", b: string | undefined = ""): number {
  return a < b ? -1 : Number(a > b);
}

function quote(text: string): string {
  if (text.length <= COMPARED_CHARS_MAX) return JSON.stringify(text);
  const hash = createHash("sha256").update(text, "latin1").digest("hex").slice(0, 12);
  return `${text.length} bytes, sha256 ${hash}`;
}
