import assert from "node:assert/strict";
import { test } from "node:test";
import { HeaderMap } from "@nuncio/codec";
import { ResponseFlag, StreamInfo } from "../../../observe/stream-info.ts";
import type { ProxyStatusConfig } from "./model.ts";
import { addProxyStatus } from "./proxy-status.ts";

const CONFIG: ProxyStatusConfig = {
  name: "me",
  removeDetails: false,
  removeConnectionTerminationDetails: false,
  removeResponseFlags: false,
  setRecommendedResponseCode: false,
};

function statusOf(
  flags: number,
  config: Partial<ProxyStatusConfig> = {},
  present?: string,
): { value: string | undefined; status: number; logged: number } {
  const headers = new HeaderMap();
  headers.status = 418;
  if (present !== undefined) headers.add("proxy-status", present);
  const info = new StreamInfo();
  info.responseCode = 418;
  info.responseFlags = flags;
  info.responseCodeDetails = "details";
  info.connectionTerminationDetails = "closed";
  addProxyStatus(headers, info, { ...CONFIG, ...config });
  return {
    value: headers.get("proxy-status"),
    status: headers.status,
    logged: info.responseCode,
  };
}

void test("a request that did not fail here gets no header", () => {
  assert.equal(statusOf(0).value, undefined);
  assert.equal(statusOf(ResponseFlag.DownstreamProtocolError).value, undefined);
});

void test("details are those of the log, each part as configured", () => {
  const flag = ResponseFlag.NoHealthyUpstream;
  const start = "me; error=destination_unavailable";
  assert.equal(statusOf(flag).value, `${start}; details="details; closed; UH"`);
  assert.equal(statusOf(flag, { removeDetails: true }).value, start);
  assert.equal(
    statusOf(flag, { removeConnectionTerminationDetails: true }).value,
    `${start}; details="details; UH"`,
  );
  assert.equal(
    statusOf(flag, { removeResponseFlags: true }).value,
    `${start}; details="details; closed"`,
  );
});

void test("it follows what other proxies said", () => {
  const { value } = statusOf(ResponseFlag.NoRouteFound, { removeDetails: true }, "other");
  assert.equal(value, "other, me; error=destination_not_found");
});

void test("the status changes only when asked for, and then in the log too", () => {
  const flag = ResponseFlag.UpstreamConnectionFailure;
  assert.deepEqual([statusOf(flag).status, statusOf(flag).logged], [418, 418]);
  const changed = statusOf(flag, { setRecommendedResponseCode: true });
  assert.deepEqual([changed.status, changed.logged], [502, 502]);
});
