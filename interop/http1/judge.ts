import type { Observation } from "../diff/observation.ts";
import { messagesOf } from "../diff/upstream-connection.ts";
import type { WireMessage } from "../harness/message-reader.ts";
import { SECOND_BODY, type RequestCase, type ResponseCase } from "./http1-cases.ts";

/** What is wrong with how a request was treated; null when nothing is. */
export function judgeRequest(source: RequestCase, seen: Observation): string | null {
  const upstream = upstreamRequests(seen);
  const complete = upstream.filter((message) => message.complete);
  const texts = upstream.map((message) => `${message.head}${message.body.toString("latin1")}`);
  if (complete.length > source.up_max) {
    return `the upstream saw ${complete.length} complete requests, at most ${source.up_max} expected`;
  }
  const { must_not: mustNot } = source;
  if (mustNot !== undefined && texts.some((text) => toRegExp(mustNot).test(text))) {
    return `the upstream saw what matches ${mustNot}`;
  }
  if (
    source.must !== undefined &&
    texts[0] !== undefined &&
    !toRegExp(source.must).test(texts[0])
  ) {
    return `the upstream's request does not match ${source.must}: ${JSON.stringify(texts[0].slice(0, 200))}`;
  }
  if (source.expect === "accept") return judgeAccepted(source, seen);
  return source.expect === "reject" ? judgeRejected(seen) : null;
}

/** What is wrong with what became of an upstream's answer; null when nothing is. */
export function judgeResponse(source: ResponseCase, seen: Observation): string | null {
  const [first] = finalResponses(seen);
  const firstText = first === undefined ? "" : first.head + first.body.toString("latin1");
  if (source.must_not !== undefined && toRegExp(source.must_not).test(firstText)) {
    return `the client got what matches ${source.must_not}`;
  }
  if (source.must !== undefined && !toRegExp(source.must).test(firstText)) {
    return `what the client got does not match ${source.must}: ${JSON.stringify(firstText.slice(0, 200))}`;
  }
  return judgeFirst(source.expect, first) ?? judgeSecond(seen);
}

function judgeFirst(expect: ResponseCase["expect"], first: WireMessage | undefined): string | null {
  const status = first === undefined ? 0 : statusOf(first);
  const isError = status >= 500;
  if (expect === "pass" && (status === 0 || isError)) return `expected the answer, seen ${status}`;
  if (expect === "502" && !isError) return `expected 5xx, seen ${status}`;
  const isComplete = first?.complete === true && !isError;
  return expect === "truncate" && isComplete ? "the client got a complete response" : null;
}

/** Whatever happened to the first answer, nothing of it may leak into the second. */
function judgeSecond(seen: Observation): string | null {
  const second = finalResponses(seen)[1];
  if (second === undefined) {
    return seen.clients[0]!.fate === "open"
      ? "no answer to the second request on an open connection"
      : null;
  }
  const body = second.body.toString("latin1");
  return body === SECOND_BODY
    ? null
    : `the second request got ${JSON.stringify(body.slice(0, 100))}`;
}

function judgeAccepted(source: RequestCase, seen: Observation): string | null {
  const responses = finalResponses(seen);
  if (responses.length < Math.max(1, source.up_max)) return `${responses.length} responses`;
  const bad = responses.find((message) => statusOf(message) !== 200);
  return bad === undefined ? null : `expected 200, seen ${bad.startLine}`;
}

function judgeRejected(seen: Observation): string | null {
  const last = finalResponses(seen).at(-1);
  if (last !== undefined && statusOf(last) < 400)
    return `expected 4xx or 5xx, seen ${last.startLine}`;
  const { fate } = seen.clients[0]!;
  return fate === "open" ? "the connection was not closed" : null;
}

function upstreamRequests(seen: Observation): WireMessage[] {
  const upstream = seen.upstreams.get("up")!;
  return upstream.order.map(
    ({ connection, index }) => messagesOf(upstream.connections[connection]!)[index]!,
  );
}

function finalResponses(seen: Observation): WireMessage[] {
  const messages = seen.clients[0]!.wire.messages;
  return messages.filter((message) => statusOf(message) >= 200 || statusOf(message) === 101);
}

function statusOf(message: WireMessage): number {
  return Number(/^HTTP\/\d\.\d (\d+)/.exec(message.startLine)?.[1] ?? 0);
}

/** The patterns put their flags in front: `(?is)`. */
function toRegExp(pattern: string): RegExp {
  const flags = /^\(\?([a-z]+)\)/.exec(pattern);
  return flags === null
    ? new RegExp(pattern)
    : new RegExp(pattern.slice(flags[0].length), flags[1]);
}
