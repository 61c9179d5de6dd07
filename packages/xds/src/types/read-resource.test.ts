import assert from "node:assert/strict";
import { test } from "node:test";
import { ResourceProblems, readResource } from "./read-resource.ts";

test("text and objects are the same resource", () => {
  const text = readResource("CDS", "name: a\nconnect_timeout: 2s\n");
  const object = readResource("CDS", { name: "a", connect_timeout: "2s" });
  assert.deepEqual(text, object);
  assert.equal(text.name, "a");
});

test("all that is wrong is said, with its place", () => {
  const wrong = "name: a\nlb_policy: NONE_SUCH\nconnect_timeout: -1s\nbogus: 1\n";
  assert.throws(
    () => readResource("CDS", wrong),
    (error) =>
      error instanceof ResourceProblems &&
      /CDS:2:12 lb_policy/.test(error.message) &&
      /CDS:3:18 connect_timeout/.test(error.message) &&
      /CDS:4:1: unknown field "bogus"/.test(error.message),
  );
});

test("messages in an Any are read as their type says", () => {
  const prefix = "type.googleapis.com/envoy.extensions";
  const filter = (fields: object): object => ({
    name: "l",
    address: { socket_address: { address: "127.0.0.1", port_value: 1 } },
    filter_chains: [
      {
        filters: [
          {
            name: "tcp",
            typed_config: {
              "@type": `${prefix}.filters.network.tcp_proxy.v3.TcpProxy`,
              stat_prefix: "x",
              ...fields,
            },
          },
        ],
      },
    ],
  });
  assert.equal(readResource("LDS", filter({ cluster: "a" })).name, "l");
  assert.throws(() => readResource("LDS", filter({ clutser: "a" })), /clutser/);
});
