import { readFileSync } from "node:fs";
import type { DiffCase } from "../diff/case.ts";
import type { FrameScript } from "../diff/frame-script.ts";
import { parseCases } from "../diff/load-cases.ts";
import type { Observation } from "../diff/observation.ts";
import { messagesOf } from "../diff/upstream-connection.ts";
import { headerOf, type WireMessage } from "../harness/message-reader.ts";

/** A request over HTTP/2 that goes on as HTTP/1.1, with the verdict a strict proxy should give. */
export interface DowngradeCase {
  readonly id: string;
  /** In order, pseudo headers too, whatever is in them. */
  readonly headers: readonly (readonly [string, string])[];
  readonly body?: string;
  readonly expect: "reject" | "accept" | "either";
  /** Must match nothing that the upstream saw. */
  readonly must_not?: string;
  readonly why: string;
  readonly observed: { readonly envoy: { readonly class: string } };
}

/** Headers in full, or those of another case (`ID headers`) with one more, so many times. */
type HeaderText =
  | DowngradeCase["headers"]
  | { readonly base: string; readonly then: readonly [string, string]; readonly times: number };

export function readDowngradeCases(file: string): readonly DowngradeCase[] {
  const { h2_downgrade: cases } = JSON.parse(readFileSync(file, "utf8")) as {
    h2_downgrade: (DowngradeCase & { headers: HeaderText })[];
  };
  const inFull = (text: HeaderText): DowngradeCase["headers"] => {
    if (!("base" in text)) return text;
    const base = cases.find(({ id }) => text.base === `${id} headers`);
    if (base === undefined) throw new Error(`expected the headers of a case, found ${text.base}`);
    return [...inFull(base.headers), ...Array.from({ length: text.times }, () => text.then)];
  };
  return cases.map((source) => ({ ...source, headers: inFull(source.headers) }));
}

/** The case as exact frames: a client that checks what it sends could not send most of them. */
export function downgradeDiffCase({ id, headers, body }: DowngradeCase): DiffCase {
  const end = ["END_STREAM" as const];
  const frames: FrameScript[] = [
    {
      type: "HEADERS",
      stream: 1,
      headers: [...headers],
      flags: ["END_HEADERS", ...(body === undefined ? end : [])],
    },
    ...(body === undefined
      ? []
      : [{ type: "DATA" as const, stream: 1, payload: body, flags: end }]),
  ];
  const text = JSON.stringify({
    cases: [{ name: id, client: "h2c", patience_ms: 800, frames, wait: 1 }],
  });
  return { ...parseCases(text, "downgrade")[0]!, upstream: [{}] };
}

/** What is wrong with how a request was treated; null when nothing is. */
export function judgeDowngrade(source: DowngradeCase, seen: Observation): string | null {
  const upstream = seen.upstreams.get("up")!;
  const requests = upstream.order.map(
    ({ connection, index }) => messagesOf(upstream.connections[connection]!)[index]!,
  );
  const smuggled = requests.find((request) => matches(source.must_not, request));
  if (smuggled !== undefined) return `the upstream saw what matches ${source.must_not}`;
  const status = Number(finalStatus(seen));
  const complete = requests.filter((request) => request.complete).length;
  if (source.expect === "accept")
    return status === 200 && complete === 1 ? null : `expected 200, seen ${status}`;
  if (source.expect === "either") return null;
  if (status > 0 && status < 400) return `expected a refusal, seen ${status}`;
  return complete === 0 ? null : `the upstream saw ${complete} complete requests`;
}

function finalStatus(seen: Observation): string {
  const [client] = seen.clients;
  const last = client?.http2?.session.streams.get(1)?.messages.at(-1);
  return last === undefined ? "0" : (headerOf(last, ":status") ?? "0");
}

/** The patterns put their flags in front: `(?im)`. */
function matches(pattern: string | undefined, { head, body }: WireMessage): boolean {
  if (pattern === undefined) return false;
  const [, flags = "", rest = ""] = /^(?:\(\?([a-z]+)\))?([\s\S]*)$/.exec(pattern) ?? [];
  return (
    new RegExp(rest, flags).test(head) || new RegExp(rest, flags).test(body.toString("latin1"))
  );
}
