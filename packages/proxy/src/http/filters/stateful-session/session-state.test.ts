import assert from "node:assert/strict";
import { test } from "node:test";
import { HeaderMap } from "@nuncio/codec";
import type { SessionStateConfig } from "./model.ts";
import { buildSessionStates, type SessionState } from "./session-state.ts";

const HOST = "10.0.0.1:80";
const ENCODED = Buffer.from(HOST).toString("base64");
const CLOCK = { wallMs: () => 1_000_900 };

function request(path: string, ...lines: readonly string[]): HeaderMap {
  const headers = new HeaderMap();
  headers.method = "GET";
  headers.path = path;
  for (let i = 0; i < lines.length; i += 2) headers.add(lines[i]!, lines[i + 1]!);
  return headers;
}

function create(config: SessionStateConfig, headers: HeaderMap): SessionState | null {
  return buildSessionStates(config, CLOCK).create(headers);
}

/** The headers of a response after the host served it; null where the client was with that host. */
function updated(state: SessionState, host: string, ...lines: readonly string[]): string[] | null {
  const headers = new HeaderMap();
  headers.status = 200;
  for (let i = 0; i < lines.length; i += 2) headers.add(lines[i]!, lines[i + 1]!);
  return state.onUpdate(host, headers) ? headers.entries : null;
}

void test("a cookie tells the host, and the client gets another one with another host", () => {
  const config: SessionStateConfig = {
    kind: "cookie",
    name: "s",
    cookie: { maxAgeS: 60, path: "/a", attributes: [{ name: "Secure", value: "" }] },
  };
  const none = create(config, request("/a"))!;
  assert.equal(none.upstreamAddress, null);
  const [name, line] = updated(none, HOST)!;
  assert.equal(name, "set-cookie");
  const [, value] = /^s="([^"]+)"; Max-Age=60; Path=\/a; Secure; HttpOnly$/.exec(line!)!;
  const state = create(config, request("/a", "cookie", `s=${value}`))!;
  assert.equal(state.upstreamAddress, HOST);
  assert.equal(updated(state, HOST), null);
  assert.notEqual(updated(state, "10.0.0.2:80"), null);
});

void test("a cookie is for its path and what is below", () => {
  const has = (path: string, requestPath: string): boolean => {
    const cookie = { maxAgeS: 0, path, attributes: [] };
    return create({ kind: "cookie", name: "s", cookie }, request(requestPath)) !== null;
  };
  for (const path of ["/a", "/a/b", "/a?b", "/a#b"]) assert.equal(has("/a", path), true, path);
  for (const path of ["/", "/ab", "/b"]) assert.equal(has("/a", path), false, path);
  assert.deepEqual(
    [has("/a/", "/a"), has("/a/", "/a/b"), has("", "/x"), has("/", "/x")],
    [false, true, true, true],
  );
});

void test("a header tells the host", () => {
  const config: SessionStateConfig = { kind: "header", name: "x-s" };
  const state = create(config, request("/", "x-s", ENCODED))!;
  assert.equal(state.upstreamAddress, HOST);
  assert.equal(updated(state, HOST), null);
  const other = updated(state, "10.0.0.2:80", "x-s", "a", "x", "y", "x-s", "b");
  assert.deepEqual(other, ["x", "y", "x-s", Buffer.from("10.0.0.2:80").toString("base64")]);
  assert.equal(create(config, request("/", "x-s", "%"))!.upstreamAddress, null);
});

void test("an envelope is opened on its way to the upstream, and closed on its way back", () => {
  const config: SessionStateConfig = { kind: "envelope", name: "x-s" };
  const headers = request("/", "x-s", `${ENCODED};UV:aWQ=`);
  const state = create(config, headers)!;
  assert.equal(state.upstreamAddress, HOST);
  assert.equal(headers.get("x-s"), "id");
  assert.equal(updated(state, HOST, "x-s", "id"), null);
  const response = new HeaderMap();
  response.status = 200;
  response.add("x-s", "id");
  state.onUpdate(HOST, response);
  assert.deepEqual(response.entries, ["x-s", `${ENCODED};UV:aWQ=`]);
  const plain = request("/", "x-s", "id");
  assert.equal(create(config, plain)!.upstreamAddress, null);
  assert.equal(plain.get("x-s"), "id");
  // Without one value of the upstream's there is nothing to put into it.
  assert.equal(updated(create(config, request("/"))!, HOST), null);
  assert.equal(updated(create(config, request("/"))!, HOST, "x-s", "a", "x-s", "b"), null);
});
