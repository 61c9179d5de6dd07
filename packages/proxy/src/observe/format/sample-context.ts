import { HeaderMap } from "@nuncio/codec";
import { StreamInfo } from "../stream-info.ts";
import type { Address, FormatContext } from "../stream-info.ts";

/** For tests: a header map of `name, value, …`; pseudo headers go to their fields. */
export function sampleHeaders(...pairs: readonly string[]): HeaderMap {
  const headers = new HeaderMap();
  for (let i = 0; i < pairs.length; i += 2) {
    const name = pairs[i]!;
    if (name.startsWith(":")) headers.set(name, pairs[i + 1]!);
    else headers.add(name, pairs[i + 1]!);
  }
  return headers;
}

function sampleAddress(ip: string, port: number): Address {
  return { text: `${ip}:${port}`, ip, port };
}

/** For tests: a request that was proxied, 2026-11-21T00:11:39.589034Z, 18.3 ms long; change what the test is about. */
export function sampleContext(
  change: Partial<FormatContext> = {},
): FormatContext & { readonly streamInfo: StreamInfo } {
  return {
    streamInfo: sampleStreamInfo(),
    requestHeaders: sampleHeaders(
      ":method",
      "POST",
      ":scheme",
      "http",
      ":authority",
      "h.com",
      ":path",
      "/p/a?x=1&y=%20z&x=2&e=",
      "a",
      "value",
      "x-dup",
      "1",
      "x-dup",
      "2",
      "x-empty",
      "",
      "user-agent",
      "test",
      "x-request-id",
      "7b47904e-dc2d",
    ),
    responseHeaders: sampleHeaders(
      ":status",
      "200",
      "x-a",
      "1",
      "x-envoy-upstream-service-time",
      "12",
    ),
    responseTrailers: null,
    localReplyBody: "",
    ...change,
  };
}

function sampleStreamInfo(): StreamInfo {
  const info = new StreamInfo();
  info.startTimeMs = Date.UTC(2026, 10, 21, 0, 11, 39) + 589.034;
  info.startMs = 1000;
  info.lastDownstreamRxByteMs = 1000.1;
  info.firstUpstreamTxByteMs = 1000.3;
  info.lastUpstreamTxByteMs = 1000.4;
  info.firstUpstreamRxByteMs = 1013.2;
  info.lastUpstreamRxByteMs = 1018.2;
  info.firstDownstreamTxByteMs = 1013.4;
  info.lastDownstreamTxByteMs = 1018.3;
  info.endMs = 1018.4;
  info.protocol = "HTTP/1.1";
  info.responseCode = 200;
  info.responseCodeDetails = "via_upstream";
  info.bytesReceived = 3;
  info.bytesSent = 5;
  info.routeName = "rt";
  info.accessLogType = "DownstreamEnd";
  info.downstream = {
    connectionId: 1,
    directRemoteAddress: sampleAddress("127.0.0.1", 49082),
    localAddress: sampleAddress("127.0.0.1", 10000),
    listenerName: "l",
    filterChainName: "fc",
    connectedMs: 999.8,
  };
  info.remoteAddress = sampleAddress("9.9.9.9", 0);
  const { upstream } = info;
  upstream.clusterName = "c";
  upstream.clusterObservabilityName = "c_alt";
  upstream.hostAddress = sampleAddress("10.1.10.23", 8080);
  upstream.hostName = "hn.example";
  upstream.localAddress = sampleAddress("10.0.0.1", 45644);
  upstream.connectionId = 2;
  upstream.connectStartMs = 1000.2;
  upstream.connectEndMs = 1000.262;
  upstream.attemptCount = 1;
  upstream.protocol = "HTTP/1.1";
  return info;
}

/** For tests: time that stands still. */
export const sampleClock = {
  nowMs: (): number => 1025.5,
  wallMs: (): number => Date.UTC(2026, 10, 21, 0, 11, 40) + 7,
};
