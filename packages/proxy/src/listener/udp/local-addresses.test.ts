import assert from "node:assert/strict";
import { networkInterfaces } from "node:os";
import { test } from "node:test";
import type { ListenAddress } from "../model.ts";
import { localAddressesOf } from "./local-addresses.ts";

function at(ip: string, ipv4Compat = false): ListenAddress {
  return { protocol: "udp", ip, port: 53, path: "", mode: 0, ipv4Compat };
}

function own(...families: readonly string[]): Set<string> {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return new Set(
    all
      .filter(({ family, address }) => families.includes(family) && !/^fe[89ab]/i.test(address))
      .map(({ address }) => address),
  );
}

function ips(address: ListenAddress): Set<string> {
  return new Set(localAddressesOf(address).map(({ ip }) => ip));
}

void test("an address for all stands for those that this host has of its family", () => {
  assert.deepEqual(ips(at("0.0.0.0")), own("IPv4"));
  assert.deepEqual(ips(at("::")), own("IPv6"));
  assert.deepEqual(ips(at("0:0:0:0:0:0:0:0", true)), own("IPv4", "IPv6"));
  assert.deepEqual(ips(at("127.0.0.1")), new Set());
  assert.deepEqual(ips(at("::1")), new Set());
});

void test("they are addresses of their own", () => {
  for (const local of localAddressesOf(at("::", true)))
    assert.deepEqual([local.port, local.ipv4Compat], [53, false]);
});
