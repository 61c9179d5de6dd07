import assert from "node:assert/strict";
import { test } from "node:test";
import { toBinary } from "@bufbuild/protobuf";
import type { Message } from "@bufbuild/protobuf";
import type { Cluster } from "@nuncio/api/types/envoy/config/cluster/v3/cluster_pb";
import { envoyTypes } from "../registry/envoy-types.ts";
import { typeNameOfAny, unpack } from "./any.ts";
import {
  cluster,
  clusterName,
  clusterProblems,
  loadYaml,
  socketYaml,
  tlsContext,
  typedConfig,
} from "./load.test-support.ts";

const rawBuffer = "envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer";

test("an Any is read in place and serialized when asked", () => {
  const loaded = loadYaml(
    clusterName,
    socketYaml(`{"@type": type.googleapis.com/${tlsContext}, sni: a, max_session_keys: 5}`),
  );
  const any = typedConfig(loaded.message as Cluster);
  const context = unpack<Message & { sni: string; maxSessionKeys: number }>(any)!;
  assert.equal(context.sni, "a");
  assert.equal(unpack(any), context, "the same object each time");
  assert.equal(typeNameOfAny(any), tlsContext);
  assert.deepEqual(loaded.origins.locate(context, "sni"), {
    place: {
      file: "e.yaml",
      line: 3,
      column: `  typed_config: {"@type": type.googleapis.com/${tlsContext}, sni: a`.length,
    },
    path: "transport_socket.typed_config.sni",
  });
  const desc = envoyTypes().getMessage(tlsContext)!;
  assert.deepEqual(any.value, toBinary(desc, context));
  const again = unpack<Message & { sni: string }>({
    $typeName: "google.protobuf.Any",
    typeUrl: any.typeUrl,
    value: any.value,
  });
  assert.equal(again?.sni, "a");
});

test("problems in an Any have their place", () => {
  const column = `  typed_config: {"@type": type.googleapis.com/${tlsContext}, s`.length;
  assert.deepEqual(
    clusterProblems(socketYaml(`{"@type": type.googleapis.com/${tlsContext}, snii: a}`)),
    [
      `e.yaml:3:${column} transport_socket.typed_config: unknown field "snii" of ${tlsContext}, did you mean "sni"?`,
    ],
  );
});

test("an Any needs a type that is known", () => {
  assert.deepEqual(clusterProblems(socketYaml("{a: b}")), [
    'e.yaml:3:17 transport_socket.typed_config: expected "@type" with the URL of a type',
  ]);
  assert.deepEqual(clusterProblems(socketYaml('{"@type": foo}')), [
    'e.yaml:3:27 transport_socket.typed_config: expected a type URL such as "type.googleapis.com/envoy...", got the string "foo"',
  ]);
  assert.deepEqual(
    clusterProblems(
      socketYaml(
        '{"@type": type.googleapis.com/envoy.extensions.transport_sockets.raw_buffer.v2.RawBuffer}',
      ),
    ),
    [
      `e.yaml:3:27 transport_socket.typed_config: unknown type "envoy.extensions.transport_sockets.raw_buffer.v2.RawBuffer", did you mean "${rawBuffer}"? (could not find @type 'type.googleapis.com/envoy.extensions.transport_sockets.raw_buffer.v2.RawBuffer')`,
    ],
  );
  assert.deepEqual(clusterProblems(socketYaml("5")), [
    'e.yaml:3:17 transport_socket.typed_config: expected an object with "@type", got the number 5',
  ]);
  const empty = cluster(socketYaml("{}"));
  assert.equal(unpack(typedConfig(empty)), undefined);
});

test("well-known types in an Any have their JSON in the field value", () => {
  const any = typedConfig(cluster(socketYaml('{"@type": x/google.protobuf.Duration, value: 5s}')));
  assert.equal((unpack(any) as Message & { seconds: bigint }).seconds, 5n);
  assert.match(
    clusterProblems(socketYaml('{"@type": x/google.protobuf.Struct, a: 1}'))[0] ?? "",
    /an Any of google.protobuf.Struct has "@type" and "value" only/,
  );
});

test("a TypedStruct is the message it stands for, where its type is known", () => {
  for (const carrier of ["xds.type.v3.TypedStruct", "udpa.type.v1.TypedStruct"]) {
    const text = (typeName: string): string =>
      socketYaml(`{"@type": t/${carrier}, type_url: t/${typeName}, value: {sni: a}}`);
    const known = typedConfig(cluster(text(tlsContext)));
    assert.equal((unpack(known) as Message & { sni: string }).sni, "a");
    assert.equal(typeNameOfAny(known), tlsContext);
    assert.equal(known.typeUrl, `t/${carrier}`, "it is still a TypedStruct for others");
    const unknown = typedConfig(cluster(text("some.Plugin")));
    assert.equal(unpack(unknown)?.$typeName, carrier);
    const wrong = clusterProblems(text(tlsContext).replace("sni:", "snii:"));
    assert.match(
      wrong[0] ?? "none",
      /^e\.yaml:3:\d+ transport_socket\.typed_config\.value: unknown field "snii"/,
    );
  }
});
