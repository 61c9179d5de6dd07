import { createHash } from "node:crypto";
import type { WireMessage } from "../harness/message-reader.ts";
import { parseLogLine } from "./access-log.ts";
import { clusterName, caseId, type CasePlaces } from "./case-config.ts";
import type { DiffCase } from "./case.ts";
import { stepBytes, type ClientConnection } from "./client.ts";
import { Normalizer } from "./normalizer.ts";
import { statFacets } from "./stats.ts";
import type { Upstream } from "./upstream.ts";
import { matchesAny } from "./wildcard.ts";

/** Longer bodies are compared by length and hash. */
const BODY_SHOWN_BYTES_MAX = 300;

/** Everything that is compared of one case at one proxy: where -> what, both readable. */
export type Facets = Map<string, string>;

/** What one proxy did with one case, still with its ports and times. */
export interface Observation {
  readonly places: CasePlaces;
  readonly clients: readonly ClientConnection[];
  readonly upstreams: ReadonlyMap<string, Upstream>;
  readonly logText: string;
  /** All stats of the process: name -> value. */
  readonly stats: ReadonlyMap<string, string>;
}

/** Turns an observation into facets in which ports, dates and ids are replaced by names. */
export function observe(diffCase: DiffCase, seen: Observation): Facets {
  const facets: Facets = new Map();
  const normalizer = buildNormalizer(diffCase, seen);
  for (const [index, client] of seen.clients.entries()) addClient(facets, `client${index + 1}`, client);
  for (const [name, upstream] of seen.upstreams) addUpstream(facets, name, upstream, diffCase);
  addLog(facets, seen.logText);
  for (const [name, value] of statFacets(diffCase, seen)) facets.set(`stat.${name}`, value);
  const compared = [...facets].filter(([at]) => !matchesAny(diffCase.ignore ?? [], at));
  return new Map(compared.map(([at, value]) => [at, normalizer.apply(value)]));
}

function buildNormalizer(diffCase: DiffCase, seen: Observation): Normalizer {
  const names = new Map<string, string>();
  for (const [name, port] of seen.places.upstreamPorts) names.set(`127.0.0.1:${port}`, `<upstream ${name}>`);
  names.set(`127.0.0.1:${seen.places.port}`, "<listener>");
  for (const [index, client] of seen.clients.entries()) names.set(client.local, `<client ${index + 1}>`);
  for (const upstream of seen.upstreams.values()) {
    for (const connection of upstream.connections) names.set(connection.peer, "<proxy's end>");
  }
  for (const name of seen.upstreams.keys()) names.set(clusterName(diffCase, name), name);
  names.set(caseId(diffCase), "<case>");
  names.set(String(seen.places.port), "<port>");
  for (const [name, port] of seen.places.upstreamPorts) names.set(String(port), `<${name}.port>`);
  const sent = diffCase.steps.filter((step) => step.request !== undefined || step.raw !== undefined);
  return new Normalizer(names, Buffer.concat(sent.map(stepBytes)).toString("latin1"));
}

function addClient(facets: Facets, at: string, client: ClientConnection): void {
  facets.set(`${at}.fate`, client.fate);
  facets.set(`${at}.responses`, String(client.reader.messages.length));
  if (client.reader.rest.length > 0) facets.set(`${at}.rest`, showBody(client.reader.rest));
  for (const [index, message] of client.reader.messages.entries()) {
    addMessage(facets, `${at}.response${index + 1}`, message);
  }
}

function addUpstream(facets: Facets, name: string, upstream: Upstream, diffCase: DiffCase): void {
  const at = `upstream.${name}`;
  const isHttp = upstream.speaksHttp;
  if (isHttp) facets.set(`${at}.requests`, String(upstream.order.length));
  for (const [number, { connection, index }] of upstream.order.entries()) {
    addMessage(facets, `${at}.request${number + 1}`, upstream.connections[connection]!.reader.messages[index]!);
    if (diffCase.upstream_connections === true) {
      facets.set(`${at}.request${number + 1}.connection`, String(connection + 1));
    }
  }
  if (isHttp && diffCase.upstream_connections !== true) return;
  facets.set(`${at}.connections`, String(upstream.connections.length));
  for (const [number, connection] of upstream.connections.entries()) {
    facets.set(`${at}.connection${number + 1}.fate`, connection.fate);
    const extra = isHttp ? connection.reader.rest : Buffer.concat(connection.received);
    if (extra.length > 0) facets.set(`${at}.connection${number + 1}.bytes`, showBody(extra));
  }
}

function addMessage(facets: Facets, at: string, message: WireMessage): void {
  facets.set(`${at}.line`, message.startLine);
  facets.set(`${at}.header order`, message.headers.map(([name]) => name).join(" "));
  const values = new Map<string, string[]>();
  for (const [name, value] of message.headers) values.set(name, [...(values.get(name) ?? []), value]);
  for (const [name, all] of values) facets.set(`${at}.header.${name}`, all.map((value) => JSON.stringify(value)).join(" "));
  facets.set(`${at}.framing`, message.complete ? message.framing : `${message.framing}, cut off`);
  if (message.body.length > 0) facets.set(`${at}.body`, showBody(message.body));
  for (const [name, value] of message.trailers) facets.set(`${at}.trailer.${name}`, JSON.stringify(value));
}

function addLog(facets: Facets, text: string): void {
  const lines = text.split("\n").filter((line) => line !== "");
  facets.set("log.lines", String(lines.length));
  for (const [index, line] of lines.entries()) {
    for (const [field, value] of parseLogLine(line)) facets.set(`log.${index + 1}.${field}`, value);
  }
}

function showBody(body: Buffer): string {
  if (body.length <= BODY_SHOWN_BYTES_MAX) return JSON.stringify(body.toString("latin1"));
  return `${body.length} bytes, sha256 ${createHash("sha256").update(body).digest("hex").slice(0, 12)}`;
}
