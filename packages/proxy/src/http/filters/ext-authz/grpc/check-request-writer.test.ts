import assert from "node:assert/strict";
import { test } from "node:test";
import { fromBinary, toJson, type JsonObject } from "@bufbuild/protobuf";
import { envoyTypes } from "@nuncio/api";
import { sampleContext, sampleHeaders } from "../../../../observe/format/sample-context.ts";
import type { StreamInfo } from "../../../../observe/stream-info.ts";
import type { CertificateFacts, TlsInfo } from "../../../../observe/tls-info.ts";
import { MessageWriter } from "../../../../protobuf/message-writer.ts";
import type { DecoderFilterCallbacks } from "../../../filter.ts";
import type { CheckedRequest } from "../authorization-service.ts";
import type { ExtAuthzConfig } from "../model.ts";
import { ToldHeaders } from "../told-headers.ts";
import { writeCheckRequest } from "./check-request-writer.ts";

const types = envoyTypes();
const REQUEST = types.getMessage("envoy.service.auth.v3.CheckRequest")!;

const CONFIG = {
  service: { kind: "grpc" },
  allowedHeaders: null,
  disallowedHeaders: [],
  packAsBytes: false,
  encodeRawHeaders: false,
  includePeerCertificate: false,
  includeTlsSession: false,
  metadataContextNamespaces: [],
  routeMetadataContextNamespaces: [],
  destinationLabels: [],
} as unknown as ExtAuthzConfig;

/** The attributes as the library reads them. */
function attributes(
  config: Partial<ExtAuthzConfig> = {},
  request: Partial<CheckedRequest> = {},
  change: (info: StreamInfo) => void = () => {},
): JsonObject {
  const { streamInfo } = sampleContext();
  change(streamInfo);
  const callbacks = {
    streamInfo,
    random: 0.5,
    route: () => ({ metadata: { scene: { a: 1 }, other: { b: 2 } } }),
  } as unknown as DecoderFilterCallbacks;
  const headers = sampleHeaders(
    ":method",
    "POST",
    ":path",
    "/p?q",
    ":authority",
    "h",
    ":scheme",
    "http",
    "x-a",
    "1",
    "x-a",
    "2",
    "x-envoy-auth-partial-body",
    "mine",
    "x-bytes",
    "\xff",
  );
  const whole = { ...CONFIG, ...config };
  const writer = new MessageWriter();
  writeCheckRequest(
    writer,
    { headers, body: null, bodyConfig: null, callbacks, contextExtensions: null, ...request },
    whole,
    new ToldHeaders(whole),
  );
  const message = fromBinary(REQUEST, writer.bytes);
  const json = toJson(REQUEST, message, { registry: types as never }) as JsonObject;
  return json["attributes"] as JsonObject;
}

function http(of: JsonObject): JsonObject {
  return (of["request"] as JsonObject)["http"] as JsonObject;
}

void test("a request is told with its headers, its time and both ends", () => {
  const told = attributes();
  assert.deepEqual(http(told), {
    id: String(2 ** 52),
    method: "POST",
    path: "/p?q",
    host: "h",
    scheme: "http",
    protocol: "HTTP/1.1",
    ...(http(told)["size"] !== undefined && { size: http(told)["size"] }),
    headers: {
      ":authority": "h",
      ":path": "/p?q",
      ":method": "POST",
      ":scheme": "http",
      "x-a": "1,2",
      "x-bytes": "!",
    },
  });
  assert.equal((told["request"] as JsonObject)["time"], "2026-11-21T00:11:39.589034Z");
  for (const end of ["source", "destination"]) assert.ok((told[end] as JsonObject)["address"], end);
  assert.deepEqual([told["metadataContext"], told["routeMetadataContext"]], [{}, {}]);
  assert.equal(told["tlsSession"], undefined);
});

void test("headers are told line by line as bytes where that is wanted", () => {
  const lines = (http(attributes({ encodeRawHeaders: true }))["headerMap"] as JsonObject)[
    "headers"
  ];
  assert.deepEqual((lines as JsonObject[]).slice(4), [
    { key: "x-a", rawValue: "MQ==" },
    { key: "x-a", rawValue: "Mg==" },
    { key: "x-bytes", rawValue: "/w==" },
  ]);
});

void test("a body is told as far as it goes, as text or as bytes", () => {
  const request = {
    body: Buffer.from("ab\xff", "latin1"),
    bodyConfig: { bytesMax: 3, allowsPart: true },
  };
  const text = http(attributes({}, request));
  assert.equal(text["body"], "ab!");
  assert.equal((text["headers"] as JsonObject)["x-envoy-auth-partial-body"], "false");
  const bytes = http(attributes({ packAsBytes: true }, request));
  assert.deepEqual([bytes["body"], bytes["rawBody"]], [undefined, "YWL/"]);
  const part = http(attributes({}, { ...request, bodyConfig: { bytesMax: 1, allowsPart: true } }));
  assert.equal(part["body"], "a");
  assert.equal((part["headers"] as JsonObject)["x-envoy-auth-partial-body"], "true");
});

void test("metadata of the stream come before those of its connection", () => {
  const told = attributes(
    {
      metadataContextNamespaces: ["both", "one", "none"],
      routeMetadataContextNamespaces: ["scene"],
    },
    { contextExtensions: new Map([["k", "v"]]) },
    (info) => {
      info.dynamicMetadata = { both: { from: "stream" } };
      info.downstream = {
        ...info.downstream!,
        dynamicMetadata: { both: {}, one: { n: [1, null] } },
      };
    },
  );
  assert.deepEqual(told["metadataContext"], {
    filterMetadata: { both: { from: "stream" }, one: { n: [1, null] } },
  });
  assert.deepEqual(told["routeMetadataContext"], { filterMetadata: { scene: { a: 1 } } });
  assert.deepEqual(told["contextExtensions"], { k: "v" });
});

void test("with TLS the peers have names, and the session one where it is wanted", () => {
  const certificate = (over: Partial<CertificateFacts>): CertificateFacts =>
    ({
      subject: "CN=s",
      urlEncodedPem: "pem",
      uriNames: [],
      dnsNames: [],
      ...over,
    }) as CertificateFacts;
  const tls = {
    serverName: "sni",
    peerCertificate: certificate({ uriNames: ["spiffe://a"], dnsNames: ["d"] }),
    localCertificate: certificate({ dnsNames: ["d.test"] }),
  } as unknown as TlsInfo;
  const secure = (info: StreamInfo): void => {
    info.downstream = { ...info.downstream!, tls };
  };
  const config = {
    includePeerCertificate: true,
    includeTlsSession: true,
    destinationLabels: [["l", "m"]],
  } as const;
  const told = attributes(config, {}, secure);
  const { principal, certificate: pem } = told["source"] as {
    principal: string;
    certificate: string;
  };
  assert.deepEqual([principal, pem], ["spiffe://a", "pem"]);
  const destination = told["destination"] as JsonObject;
  assert.deepEqual([destination["principal"], destination["labels"]], ["d.test", { l: "m" }]);
  assert.deepEqual(told["tlsSession"], { sni: "sni" });
  assert.equal((attributes({}, {}, secure)["source"] as JsonObject)["certificate"], undefined);
});
