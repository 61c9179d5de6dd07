import assert from "node:assert/strict";
import type { NetworkInterfaceInfo } from "node:os";
import { test } from "node:test";
import { anyAddress, localAddresses } from "./local-addresses.ts";

function at(address: string, internal = false): NetworkInterfaceInfo {
  const shared = { address, netmask: "", mac: "", cidr: null, internal };
  return address.includes(":")
    ? { ...shared, family: "IPv6", scopeid: 0 }
    : { ...shared, family: "IPv4" };
}

test("all addresses are those of both families, where there are both", () => {
  assert.equal(anyAddress([at("127.0.0.1", true), at("::1", true)]), "::");
  assert.equal(anyAddress([at("127.0.0.1", true), at("10.0.0.1")]), "0.0.0.0");
  assert.equal(anyAddress([]), "0.0.0.0");
});

test("others reach a machine at what is neither its own nor of a link, IPv4 first", () => {
  const own = [at("127.0.0.1", true), at("::1", true), at("fe80::1")];
  assert.deepEqual(localAddresses(own), ["127.0.0.1"]);
  assert.deepEqual(localAddresses([...own, at("fd00::2"), at("10.0.0.2")]), [
    "10.0.0.2",
    "fd00::2",
  ]);
  const many = Array.from({ length: 20 }, (_, index) => at(`10.0.0.${index}`));
  assert.equal(localAddresses(many).length, 16);
});
