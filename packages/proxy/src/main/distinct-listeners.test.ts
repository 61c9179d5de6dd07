import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { StatsStore } from "../observe/stats/store.ts";
import { compileBootstrap } from "./compile-bootstrap.ts";
import type { ProxyOptions } from "./options.ts";

const OPTIONS = { concurrency: 1, statsTags: [] as unknown } as ProxyOptions;
const ECHO = "type.googleapis.com/envoy.extensions.filters.network.echo.v3.Echo";

/** Compiles listeners of `[name, address, port]`. */
function compiled(...listeners: [name: string, address: string, port: number][]): {
  kept: string[];
  errors: string[];
} {
  const content = JSON.stringify({
    static_resources: {
      listeners: listeners.map(([name, address, port]) => ({
        name,
        address: { socket_address: { address, port_value: port } },
        filter_chains: [{ filters: [{ name: "echo", typed_config: { "@type": ECHO } }] }],
      })),
    },
  });
  const { listeners: kept, problems } = compileBootstrap(
    [{ name: "test.json", content }],
    OPTIONS,
    new StatsStore(),
  );
  return {
    kept: kept.map(({ name, addresses }) => `${name} ${addresses[0]!.port}`),
    errors: problems.filter(({ severity }) => severity === "error").map(({ message }) => message),
  };
}

describe("listeners", () => {
  it("may not share an address, however it is written", () => {
    const text = "error adding listener: 'b' has duplicate address";
    assert.deepEqual(compiled(["a", "127.0.0.1", 80], ["b", "127.0.0.1", 80]).errors, [
      `${text} '127.0.0.1:80' as existing listener`,
    ]);
    assert.equal(compiled(["a", "::1", 80], ["b", "0:0::1", 80]).errors.length, 1);
  });

  it("may have one port each of another address, and any port", () => {
    assert.deepEqual(compiled(["a", "127.0.0.1", 80], ["b", "0.0.0.0", 80]).errors, []);
    assert.deepEqual(compiled(["a", "127.0.0.1", 0], ["b", "127.0.0.1", 0]).kept, ["a 0", "b 0"]);
    assert.deepEqual(compiled(["", "127.0.0.1", 0], ["", "127.0.0.1", 0]).kept.length, 2);
  });

  it("of one name are one, the first, and the address of another is free", () => {
    const three = compiled(["a", "127.0.0.1", 80], ["a", "127.0.0.1", 81], ["b", "127.0.0.1", 81]);
    assert.deepEqual(three, { kept: ["a 80", "b 81"], errors: [] });
    assert.deepEqual(compiled(["a", "127.0.0.1", 80], ["a", "127.0.0.1", 80]).errors, []);
  });
});
