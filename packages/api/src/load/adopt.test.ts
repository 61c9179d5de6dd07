import assert from "node:assert/strict";
import { test } from "node:test";
import { create, toBinary } from "@bufbuild/protobuf";
import type { Message } from "@bufbuild/protobuf";
import type { Bootstrap } from "@nuncio/api/types/envoy/config/bootstrap/v3/bootstrap_pb";
import type { Cluster } from "@nuncio/api/types/envoy/config/cluster/v3/cluster_pb";
import { envoyTypes } from "../registry/envoy-types.ts";
import { validate } from "../validate/validate.ts";
import { unpack } from "./any.ts";
import {
  bootstrapName,
  clusterName,
  problemsOf,
  tlsContext,
  typedConfig,
} from "./load.test-support.ts";
import { load, loadMessage } from "./load.ts";

test("binary messages are taken in with paths, and what is unknown in them is reported", () => {
  const desc = envoyTypes().getMessage(bootstrapName)!;
  const unknownAny = { typeUrl: "t/foo.Bar", value: new Uint8Array() };
  const brokenAny = { typeUrl: `t/${tlsContext}`, value: Uint8Array.of(0xff) };
  const socket = (value: object): object => ({
    name: "t",
    configType: { case: "typedConfig", value },
  });
  const message = create(desc, {
    staticResources: {
      clusters: [
        { name: "a", transportSocket: socket(unknownAny) },
        { name: "b", transportSocket: socket(brokenAny) },
      ],
    },
  });
  message.$unknown = [{ no: 4000, wireType: 0, data: Uint8Array.of(1) }];
  const loaded = load<Bootstrap>(bootstrapName, [
    { name: "b.pb", content: toBinary(desc, message) },
  ]);
  assert.equal(loaded.message.staticResources?.clusters[0]?.name, "a");
  assert.deepEqual(problemsOf(loaded), [
    `unknown field number 4000 of ${bootstrapName}`,
    `static_resources.clusters[0].transport_socket.typed_config: unknown type "foo.Bar" (could not find @type 't/foo.Bar')`,
    `static_resources.clusters[1].transport_socket.typed_config: cannot read the bytes of ${tlsContext}`,
  ]);
  assert.equal(
    loaded.origins.locate(loaded.message.staticResources.clusters[1]!).path,
    "static_resources.clusters[1]",
  );
});

test("bytes that are no message are one problem", () => {
  const loaded = load(bootstrapName, [{ name: "b.pb", content: Uint8Array.of(0x0a, 0xff) }]);
  assert.equal(loaded.problems.list.length, 1);
  assert.match(
    problemsOf(loaded)[0] ?? "",
    /^b\.pb:1:1: not a binary envoy\.config\.bootstrap\.v3\.Bootstrap: /,
  );
});

test("a message over xDS gets paths, also into TypedStructs", () => {
  const structType = envoyTypes().getMessage("xds.type.v3.TypedStruct")!;
  const struct = create(structType, { typeUrl: `t/${tlsContext}`, value: { sni: "a", wrong: 1 } });
  const message = create(envoyTypes().getMessage(clusterName)!, {
    name: "c",
    transportSocket: {
      name: "t",
      configType: {
        case: "typedConfig",
        value: { typeUrl: "t/xds.type.v3.TypedStruct", value: toBinary(structType, struct) },
      },
    },
  }) as Cluster;
  const loaded = loadMessage(message);
  assert.deepEqual(problemsOf(loaded), [
    `transport_socket.typed_config.value: unknown field "wrong" of ${tlsContext}`,
  ]);
  assert.equal((unpack(typedConfig(message)) as Message & { sni: string }).sni, "a");
});

test("Anys in Anys are bounded, and cut where they go too deep", () => {
  const desc = envoyTypes().getMessage("envoy.config.core.v3.TypedExtensionConfig")!;
  let bytes = toBinary(desc, create(desc, { name: "innermost" }));
  for (let depth = 0; depth < 2000; depth++) {
    const any = { typeUrl: `t/${desc.typeName}`, value: bytes };
    bytes = toBinary(desc, create(desc, { name: "x", typedConfig: any }));
  }
  const loaded = load(desc.typeName, [{ name: "b.pb", content: bytes }]);
  assert.equal(loaded.problems.list.length, 1);
  assert.match(problemsOf(loaded)[0] ?? "none", /typed_config: nested deeper than 100 levels$/);
  validate(loaded);
});
