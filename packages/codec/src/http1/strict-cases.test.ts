import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import type { HeaderMap } from "../header-map.ts";
import { Http1ClientCodec } from "./client-codec.ts";
import { stripForUpgrade, stripHopByHop } from "./hop-by-hop.ts";
import { DEFAULT_HTTP1_OPTIONS } from "./options.ts";
import { Http1ServerCodec } from "./server-codec.ts";
import { readRequests, readResponse, responseMap } from "./testing/drive.ts";
import { type RecordedMessage, RecordingCallbacks, RecordingSink } from "./testing/recorders.ts";

/** A table of raw messages with strict verdicts, which lies beside the repository where it is developed. */
const CASES = fileURLToPath(
  new URL("../../../../../shared/cases/http1-cases.json", import.meta.url),
);

type Raw = string | readonly (readonly [string, number])[];

interface RequestCase {
  readonly id: string;
  readonly raw: Raw;
  readonly expect: "accept" | "reject" | "either";
  readonly up_max: number;
  readonly must?: string;
  readonly must_not?: string;
}

interface ResponseCase {
  readonly id: string;
  readonly method: string;
  readonly upstream_sends: Raw;
  readonly upstream_then: "keep-open" | "close";
  readonly expect: "pass" | "502" | "truncate" | "either";
  readonly must?: string;
  readonly must_not?: string;
}

const skip = existsSync(CASES) ? false : "../shared/cases/http1-cases.json is not there";
const cases: { requests: RequestCase[]; responses: ResponseCase[] } = skip
  ? { requests: [], responses: [] }
  : JSON.parse(readFileSync(CASES, "utf8"));

describe("the table of strict verdicts", { skip }, () => {
  it("has both groups", () => {
    assert.ok(cases.requests.length > 100 && cases.responses.length > 20);
  });
  for (const entry of cases.requests) it(`request ${entry.id}`, () => checkRequest(entry));
  for (const entry of cases.responses) it(`response ${entry.id}`, () => checkResponse(entry));
});

function checkRequest(entry: RequestCase): void {
  const { codec, seen } = readRequests(expand(entry.raw));
  // What a connection manager without routes for them does: it refuses CONNECT and upgrades.
  const complete = seen.messages.filter(
    (message) => message.ended && message.headers.method !== "CONNECT",
  );
  if (servedAsByEnvoy(entry)) {
    assert.deepEqual([complete.length, seen.error], [1, ""]);
    return;
  }
  const forwarded = complete.map((message) => forwardRequest(message, codec.request.upgrade));
  assert.ok(complete.length <= entry.up_max, `${complete.length} requests reached the upstream`);
  if (entry.expect === "reject" && !refusedByRoute(entry)) {
    assert.equal(complete.length, 0);
    assert.equal(seen.errors.length, 1);
    assert.equal(codec.keepAlive, false);
  }
  if (entry.expect === "accept") {
    assert.equal(seen.error, "");
    assert.ok(complete.length > 0);
    if (entry.must !== undefined) assert.match(forwarded[0]!, pattern(entry.must));
  }
  if (entry.expect === "either" && forwarded.length > 0 && entry.must !== undefined) {
    assert.match(forwarded[0]!, pattern(entry.must));
  }
  for (const text of forwarded) {
    if (entry.must_not !== undefined) assert.doesNotMatch(text, pattern(entry.must_not));
  }
}

/** A valid CONNECT is the routes' to refuse; the codec's part is to take nothing behind it. */
function refusedByRoute(entry: RequestCase): boolean {
  return entry.id === "rl-connect";
}

/** What a Host's characters make is not looked at, so that nobody sees a difference who comes from Envoy. */
function servedAsByEnvoy(entry: RequestCase): boolean {
  return entry.id === "host-badport";
}

function forwardRequest(message: RecordedMessage, upgrade: string): string {
  const sink = new RecordingSink();
  const client = new Http1ClientCodec(new RecordingCallbacks(), DEFAULT_HTTP1_OPTIONS);
  const headers: HeaderMap = message.headers;
  if (upgrade === "") stripHopByHop(headers);
  else stripForUpgrade(headers);
  client.encodeHeaders(sink, headers, message.body === "");
  if (message.body !== "") client.encodeData(sink, Buffer.from(message.body, "latin1"), true);
  return sink.text;
}

function checkResponse(entry: ResponseCase): void {
  const { codec, seen, sink } = readResponse(
    entry.method,
    expand(entry.upstream_sends),
    entry.upstream_then === "close",
  );
  const message = seen.messages[0];
  const received = message === undefined ? "" : forwardResponse(entry.method, message);
  switch (entry.expect) {
    case "pass":
      assert.equal(seen.error, "");
      assert.equal(message?.ended, true);
      break;
    case "502":
      // No head for the client; where the upstream said nothing at all, that is the pool's to notice.
      assert.equal(message, undefined);
      assert.ok(seen.errors.length === 1 || entry.upstream_sends === "");
      assert.equal(codec.reusable, false);
      break;
    case "truncate":
      assert.equal(message?.ended, false);
      assert.equal(seen.errors.length, 1);
      assert.equal(codec.reusable, false);
      break;
    default:
      assert.ok(message?.ended === true || seen.errors.length === 1);
  }
  if (entry.must !== undefined) assert.match(received, pattern(entry.must));
  if (entry.must_not !== undefined) assert.doesNotMatch(received, pattern(entry.must_not));
  // A second request on the same upstream connection gets its own answer, or must go elsewhere.
  if (!codec.reusable) return;
  codec.encodeHeaders(sink, seenRequest(), true);
  codec.execute(Buffer.from("HTTP/1.1 204 No Content\r\n\r\n"), 0, 27);
  assert.equal(seen.messages.at(-1)?.headers.status, 204);
}

function forwardResponse(method: string, message: RecordedMessage): string {
  const sink = new RecordingSink();
  const server = new Http1ServerCodec(new RecordingCallbacks(), DEFAULT_HTTP1_OPTIONS);
  const request = Buffer.from(`${method} / HTTP/1.1\r\nHost: a.test\r\n\r\n`);
  server.execute(request, 0, request.length);
  stripHopByHop(message.headers);
  server.encodeHeaders(sink, message.headers, message.ended && message.body === "");
  if (message.body !== "")
    server.encodeData(sink, Buffer.from(message.body, "latin1"), message.ended);
  return sink.text;
}

function seenRequest(): HeaderMap {
  const headers = responseMap(0);
  headers.method = "GET";
  headers.authority = "a.test";
  headers.path = "/second";
  return headers;
}

function expand(raw: Raw): string {
  return typeof raw === "string" ? raw : raw.map(([text, count]) => text.repeat(count)).join("");
}

/** The table has Python's patterns: flags stand in front. */
function pattern(text: string): RegExp {
  const flags = /^\(\?([a-z]+)\)/.exec(text);
  return flags === null ? new RegExp(text) : new RegExp(text.slice(flags[0].length), flags[1]);
}
