import assert from "node:assert/strict";
import { test } from "node:test";
import { addressJson, addressText } from "./xds-address.ts";

test("addresses of xDS for people and for Envoy", () => {
  const addresses = [
    { host: "127.0.0.1", port: 18_000 },
    { host: "::1", port: 18_000 },
    { path: "/run/xds" },
  ];
  assert.deepEqual(addresses.map(addressText), ["127.0.0.1:18000", "[::1]:18000", "/run/xds"]);
  assert.deepEqual(addresses.map(addressJson), [
    { socket_address: { address: "127.0.0.1", port_value: 18_000 } },
    { socket_address: { address: "::1", port_value: 18_000 } },
    { pipe: { path: "/run/xds" } },
  ]);
});
