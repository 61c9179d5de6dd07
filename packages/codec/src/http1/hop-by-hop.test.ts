import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { stripForUpgrade, stripHopByHop } from "./hop-by-hop.ts";
import { requestMap } from "./testing/drive.ts";

function strip(entries: readonly string[]): readonly string[] {
  const headers = requestMap("GET", entries);
  stripHopByHop(headers);
  return headers.entries;
}

describe("stripHopByHop", () => {
  it("removes what belongs to the connection", () => {
    const lines = [
      "connection",
      "keep-alive",
      "keep-alive",
      "5",
      "proxy-connection",
      "x",
      "transfer-encoding",
      "chunked",
    ];
    assert.deepEqual(strip([...lines, "upgrade", "websocket", "te", "gzip", "x", "1"]), ["x", "1"]);
  });

  it("removes what connection names, over all its lines", () => {
    const lines = [
      "connection",
      "close, X-Secret",
      "x-secret",
      "1",
      "connection",
      "cookie,",
      "cookie",
      "a=b",
      "x",
      "1",
    ];
    assert.deepEqual(strip(lines), ["x", "1"]);
  });

  it("leaves `te: trailers`, even when named", () => {
    assert.deepEqual(strip(["te", "trailers", "connection", "te"]), ["te", "trailers"]);
    assert.deepEqual(strip(["te", "gzip, Trailers"]), ["te", "trailers"]);
    assert.deepEqual(strip(["te", "trailers", "x", "1", "te", "gzip", "te", "Trailers"]), [
      "te",
      "trailers",
      "x",
      "1",
    ]);
    assert.deepEqual(strip(["te", "trailers;q=1"]), []);
    assert.deepEqual(strip(["te", "gzip", "connection", "x", "x", "1"]), []);
  });

  it("leaves credentials for a proxy and trailer, as Envoy does", () => {
    const lines = ["proxy-authorization", "x", "trailer", "foo", "http2-settings", "x"];
    assert.deepEqual(strip([...lines, "connection", "keep-alive"]), lines);
  });

  it("clears the authority when connection names host", () => {
    const headers = requestMap("GET", ["connection", "Host"]);
    stripHopByHop(headers);
    assert.equal(headers.authority, "");
  });
});

describe("stripForUpgrade", () => {
  it("joins what stays, without empty lines", () => {
    const headers = requestMap("GET", ["upgrade", "websocket", "upgrade", "", "upgrade", "foo"]);
    stripForUpgrade(headers);
    assert.deepEqual(headers.getAll("upgrade"), ["websocket,foo"]);
  });

  it("keeps the upgrade and what goes with it", () => {
    const lines = [
      ["connection", "keep-alive"],
      ["keep-alive", "5"],
      ["te", "gzip"],
      ["upgrade", "websocket"],
      ["connection", "Upgrade, x-foo"],
      ["x-foo", "1"],
      ["te", "trailers"],
      ["upgrade", "bar"],
    ];
    const headers = requestMap("GET", lines.flat());
    stripForUpgrade(headers);
    const left = [
      ["connection", "keep-alive,Upgrade, x-foo"],
      ["te", "gzip,trailers"],
      ["upgrade", "websocket,bar"],
      ["x-foo", "1"],
    ];
    assert.deepEqual(headers.entries, left.flat());
  });
});
