import assert from "node:assert/strict";
import { test } from "node:test";
import { HeaderMap } from "@nuncio/codec";
import { completeLocalReply } from "./local-reply.ts";

function reply(status: number, lines: readonly string[] = []): HeaderMap {
  const headers = new HeaderMap();
  headers.status = status;
  headers.entries.push(...lines);
  return headers;
}

function request(method: string): HeaderMap {
  const headers = new HeaderMap();
  headers.method = method;
  return headers;
}

void test("length and type stand behind what was added before", () => {
  const headers = reply(404, ["x-a", "1"]);
  assert.equal(completeLocalReply(headers, request("GET"), false, "gone")?.toString(), "gone");
  assert.deepEqual(headers.entries, [
    "x-a",
    "1",
    "content-length",
    "4",
    "content-type",
    "text/plain",
  ]);
});

void test("a type that is there already stays, and only a body has one", () => {
  const typed = reply(200, ["content-type", "text/html"]);
  completeLocalReply(typed, null, false, Buffer.from("é").toString("latin1"));
  assert.deepEqual(typed.entries, ["content-type", "text/html", "content-length", "2"]);
  const empty = reply(200, ["content-type", "text/html", "content-length", "7"]);
  assert.equal(completeLocalReply(empty, null, false, ""), null);
  assert.deepEqual(empty.entries, []);
});

void test("HEAD gets the headers of the body that it does not get", () => {
  const headers = reply(404);
  assert.equal(completeLocalReply(headers, request("HEAD"), false, "gone"), null);
  assert.equal(headers.get("content-length"), "4");
});

void test("gRPC to HEAD has no message, and JSON leaves its line end", () => {
  const body = Buffer.from("{}\n");
  const rewritten = { body, contentType: "application/json", replacesType: true };
  const json = reply(503);
  completeLocalReply(json, request("POST"), true, "", rewritten);
  assert.equal(json.get("grpc-message"), "{}");
  const head = reply(503);
  completeLocalReply(head, request("HEAD"), true, "gone");
  assert.equal(head.get("grpc-message"), undefined);
  assert.equal(head.get("grpc-status"), "14");
});

void test("gRPC gets status 200 and the outcome in headers", () => {
  const headers = reply(503, ["x-a", "1"]);
  assert.equal(completeLocalReply(headers, request("POST"), true, "50% gone\n"), null);
  assert.equal(headers.status, 200);
  assert.deepEqual(headers.entries, [
    "x-a",
    "1",
    "content-type",
    "application/grpc",
    "grpc-status",
    "14",
    "grpc-message",
    "50%25 gone%0A",
  ]);
});
