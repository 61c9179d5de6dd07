import assert from "node:assert/strict";
import { test } from "node:test";
import { HeaderMap } from "@nuncio/codec";
import { sampleHeaders } from "../../observe/format/sample-context.ts";
import { StreamInfo } from "../../observe/stream-info.ts";
import { ipAddress, pipeAddress } from "../../transport/address.ts";
import type { InputValue } from "../extension.ts";
import { HttpMatchingData, type NetworkMatchingData } from "../matching-data.ts";
import { httpInputs } from "./http.ts";
import { networkInputs } from "./network.ts";

const TYPE = "envoy.type.matcher.v3";
const NETWORK = "envoy.extensions.matching.common_inputs.network.v3";
const SSL = "envoy.extensions.matching.common_inputs.ssl.v3";

function read(type: string, plain: unknown, data: HttpMatchingData): InputValue {
  return httpInputs.get(type)!.build(plain as never)(data);
}

function readNetwork(type: string, data: NetworkMatchingData, plain: unknown = null): InputValue {
  return networkInputs.get(type)!.build(plain as never)(data);
}

function requestData(path: string, ...pairs: readonly string[]): HttpMatchingData {
  const data = new HttpMatchingData();
  data.requestHeaders = sampleHeaders(
    ":method",
    "GET",
    ":authority",
    "h.com",
    ":path",
    path,
    ...pairs,
  );
  data.streamInfo = new StreamInfo();
  return data;
}

function connectionData(peer: string, local: string): NetworkMatchingData {
  const remoteAddress = peer === "" ? pipeAddress("") : ipAddress(peer, 4000);
  return {
    downstream: {
      connectionId: 1,
      directRemoteAddress: remoteAddress,
      localAddress: local.startsWith("/") ? pipeAddress(local) : ipAddress(local, 80),
      listenerName: "l",
      filterChainName: "",
    },
    remoteAddress,
    filterState: new Map<string, unknown>([
      ["text", "value"],
      ["object", { field: "inner", number: 1 }],
    ]),
  };
}

void test("headers: repeated lines are joined, pseudo headers and Host are there, none is null", () => {
  const type = `${TYPE}.HttpRequestHeaderMatchInput`;
  const data = requestData("/p?q", "x", "1", "y", "", "x", "2");
  assert.equal(read(type, "x", data), "1,2");
  assert.equal(read(type, "y", data), "");
  assert.equal(read(type, "z", data), null);
  assert.equal(read(type, ":path", data), "/p?q");
  assert.equal(read(type, "host", data), "h.com");
});

void test("what a stream has not reached is not available", () => {
  const data = requestData("/");
  for (const name of ["RequestTrailer", "ResponseHeader", "ResponseTrailer"])
    assert.equal(read(`${TYPE}.Http${name}MatchInput`, "x", data), undefined, name);
  assert.equal(read(`${TYPE}.HttpResponseStatusCodeMatchInput`, null, data), undefined);
  assert.equal(read(`${TYPE}.HttpResponseStatusCodeClassMatchInput`, null, data), undefined);
  data.clear();
  assert.equal(read(`${TYPE}.HttpRequestHeaderMatchInput`, "x", data), undefined);
  assert.equal(read(`${TYPE}.HttpRequestQueryParamMatchInput`, "x", data), undefined);
});

void test("responses and trailers", () => {
  const data = requestData("/");
  data.responseHeaders = sampleHeaders(":status", "503", "host", "is a header like others here");
  data.responseTrailers = sampleHeaders("t", "1");
  data.requestTrailers = new HeaderMap();
  assert.equal(
    read(`${TYPE}.HttpResponseHeaderMatchInput`, "host", data),
    "is a header like others here",
  );
  assert.equal(read(`${TYPE}.HttpResponseTrailerMatchInput`, "t", data), "1");
  assert.equal(read(`${TYPE}.HttpRequestTrailerMatchInput`, "t", data), null);
  assert.equal(read(`${TYPE}.HttpResponseStatusCodeMatchInput`, null, data), "503");
  assert.equal(read(`${TYPE}.HttpResponseStatusCodeClassMatchInput`, null, data), "5xx");
  data.responseHeaders = sampleHeaders(":status", "601");
  assert.equal(read(`${TYPE}.HttpResponseStatusCodeClassMatchInput`, null, data), null);
});

void test("query parameters: decoded in name and value, the first one counts, plus is plus", () => {
  const value = (path: string): InputValue =>
    read(`${TYPE}.HttpRequestQueryParamMatchInput`, "a b", requestData(path));
  assert.equal(value("/?a%20b=x&a%20b=y"), "x");
  assert.equal(value("/?b=1&%61%20b=x%20y=z"), "x y=z");
  assert.equal(value("/?a%20b=x+y"), "x+y");
  assert.equal(value("/?a%20b=x%zz"), "x%zz");
  assert.equal(value("/?a%20b"), "");
  assert.equal(value("/?a+b=x"), null);
  assert.equal(value("/"), null);
});

void test("dynamic metadata: what is missing can be told from null", () => {
  const type = `${NETWORK}.DynamicMetadataInput`;
  const data = requestData("/");
  data.streamInfo!.dynamicMetadata = { f: { a: { b: 1 }, n: null } };
  assert.deepEqual(read(type, ["f", "a", "b"], data), { value: 1 });
  assert.deepEqual(read(type, ["f", "n"], data), { value: null });
  for (const path of [
    ["f", "x"],
    ["g", "a"],
    ["f", "a", "b", "c"],
    ["f", "constructor"],
  ])
    assert.deepEqual(read(type, path, data), { value: undefined });
});

void test("addresses and ports of a connection; a pipe has none", () => {
  const data = connectionData("10.0.0.9", "10.0.0.1");
  assert.equal(readNetwork(`${NETWORK}.DestinationIPInput`, data), "10.0.0.1");
  assert.equal(readNetwork(`${NETWORK}.DestinationPortInput`, data), "80");
  assert.equal(readNetwork(`${NETWORK}.SourceIPInput`, data), "10.0.0.9");
  assert.equal(readNetwork(`${NETWORK}.SourcePortInput`, data), "4000");
  assert.equal(readNetwork(`${NETWORK}.DirectSourceIPInput`, data), "10.0.0.9");
  const pipe = connectionData("", "/run/l.sock");
  for (const name of [
    "DestinationIP",
    "DestinationPort",
    "SourceIP",
    "SourcePort",
    "DirectSourceIP",
  ])
    assert.equal(readNetwork(`${NETWORK}.${name}Input`, pipe), null, name);
});

void test("the client of a request is where the request says it is from", () => {
  const data = requestData("/");
  const { downstream } = connectionData("10.0.0.9", "10.0.0.1");
  data.streamInfo!.downstream = downstream;
  data.streamInfo!.remoteAddress = ipAddress("1.2.3.4", 0);
  assert.equal(read(`${NETWORK}.SourceIPInput`, null, data), "1.2.3.4");
  assert.equal(read(`${NETWORK}.DirectSourceIPInput`, null, data), "10.0.0.9");
});

void test("the source type is local for the same address, loopback and pipes", () => {
  const type = `${NETWORK}.SourceTypeInput`;
  assert.equal(readNetwork(type, connectionData("127.0.0.9", "10.0.0.1")), "local");
  assert.equal(readNetwork(type, connectionData("::1", "10.0.0.1")), "local");
  assert.equal(readNetwork(type, connectionData("10.0.0.1", "10.0.0.1")), "local");
  assert.equal(readNetwork(type, connectionData("", "/run/l.sock")), "local");
  assert.equal(readNetwork(type, connectionData("10.0.0.2", "10.0.0.1")), null);
});

void test("filter state gives text, or a field that is text", () => {
  const data = connectionData("10.0.0.9", "10.0.0.1");
  const state = (key: string, field = ""): InputValue =>
    readNetwork(`${NETWORK}.FilterStateInput`, data, { key, field });
  assert.equal(state("text"), "value");
  assert.equal(state("object", "field"), "inner");
  for (const [key, field] of [
    ["object", ""],
    ["object", "number"],
    ["text", "length"],
    ["none", ""],
    ["none", "x"],
  ])
    assert.equal(state(key!, field), null);
});

void test("without TLS there is no server name, and no certificate to wait for", () => {
  const data = connectionData("10.0.0.9", "10.0.0.1");
  assert.equal(readNetwork(`${NETWORK}.ServerNameInput`, data), null);
  assert.equal(readNetwork(`${NETWORK}.ApplicationProtocolInput`, data), null);
  assert.equal(readNetwork(`${NETWORK}.NetworkNamespaceInput`, data), null);
  assert.equal(readNetwork(`${NETWORK}.TransportProtocolInput`, data), "raw_buffer");
  for (const name of ["UriSan", "DnsSan", "Subject"])
    assert.equal(readNetwork(`${SSL}.${name}Input`, data), undefined, name);
});

void test("an environment variable is read where it is compiled", () => {
  const type = "envoy.extensions.matching.common_inputs.environment_variable.v3.Config";
  assert.equal(read(type, "value", requestData("/")), "value");
  assert.equal(read(type, null, requestData("/")), null);
});
