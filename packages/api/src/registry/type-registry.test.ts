import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { isMessage } from "@bufbuild/protobuf";
import { DurationSchema } from "@bufbuild/protobuf/wkt";
import { envoyTypes } from "./envoy-types.ts";
import { typeNameOfUrl } from "./type-registry.ts";

test("every type of the descriptor set can be loaded", () => {
  const types = envoyTypes();
  const names = [...types.typeNames()];
  const missing = names.filter((name) => {
    const found =
      types.getMessage(name) ??
      types.getEnum(name) ??
      types.getService(name) ??
      types.getExtension(name);
    return found === undefined;
  });
  assert.deepEqual(missing, []);
  assert.ok(names.length > 1300, `only ${names.length} types`);
});

test("messages are found by their full name, nested ones too", () => {
  const types = envoyTypes();
  assert.equal(types.getMessage("envoy.config.cluster.v3.Cluster")?.name, "Cluster");
  assert.equal(
    types.getMessage("envoy.config.cluster.v3.Cluster.RingHashLbConfig")?.name,
    "RingHashLbConfig",
  );
  assert.equal(
    types.getEnum("envoy.config.cluster.v3.Cluster.LbPolicy")?.value[0]?.name,
    "ROUND_ROBIN",
  );
  assert.equal(
    types.getMessage("envoy.extensions.filters.network.kafka_broker.v3.KafkaBroker")?.name,
    "KafkaBroker",
  );
});

test("services are found with the messages of their methods", () => {
  const types = envoyTypes();
  const ads = types.getService("envoy.service.discovery.v3.AggregatedDiscoveryService");
  const method = ads?.methods.find(({ name }) => name === "StreamAggregatedResources");
  assert.equal(method?.methodKind, "bidi_streaming");
  assert.equal(method?.input, types.getMessage("envoy.service.discovery.v3.DiscoveryRequest"));
  assert.equal(types.getService("envoy.service.discovery.v3.DiscoveryRequest"), undefined);
});

test("unknown names and names of another kind are undefined", () => {
  const types = envoyTypes();
  assert.equal(types.getMessage("envoy.config.cluster.v3.Clusters"), undefined);
  assert.equal(types.getMessage("envoy.config.cluster.v3.Cluster.Nothing"), undefined);
  assert.equal(types.getMessage("envoy.config.cluster.v3.Cluster.LbPolicy"), undefined);
  assert.equal(types.getMessage("envoy.api.v2.Cluster"), undefined, "the v2 API is not in the set");
  assert.equal(types.getMessage(""), undefined);
});

test("a type is the same object wherever it is reached", () => {
  const types = envoyTypes();
  const address = types.getMessage("envoy.config.core.v3.Address");
  const field = types
    .getMessage("envoy.config.listener.v3.Listener")
    ?.fields.find(({ name }) => name === "address");
  assert.equal(field?.message, address);
});

test("well-known types are those of the runtime", () => {
  const cluster = envoyTypes().getMessage("envoy.config.cluster.v3.Cluster");
  const timeout = cluster?.fields.find(({ name }) => name === "connect_timeout");
  assert.equal(timeout?.message, DurationSchema);
  assert.equal(isMessage({ $typeName: "google.protobuf.Duration" }, DurationSchema), true);
});

test("the type name is what follows the last slash of a URL", () => {
  assert.equal(
    typeNameOfUrl("type.googleapis.com/envoy.config.core.v3.Node"),
    "envoy.config.core.v3.Node",
  );
  assert.equal(typeNameOfUrl("envoy.config.core.v3.Node"), "envoy.config.core.v3.Node");
});

test("the notice names the versions that the descriptors are made from", () => {
  const notice = readFileSync(new URL("../../descriptors/NOTICE", import.meta.url), "utf8");
  const modules = readFileSync(new URL("../../../../tools/protos/go.mod", import.meta.url), "utf8");
  const versions = new Map(
    [...modules.matchAll(/^\t(\S+) (v\S+)/gm)].map(([, name = "", version = ""]) => [
      name,
      version,
    ]),
  );
  const noticed = [...notice.matchAll(/^ {2}(\S+\/\S+) +(v\S+)/gm)];
  assert.ok(noticed.length >= 9, `only ${noticed.length} modules in the notice`);
  for (const [, name = "", version] of noticed) {
    const pinned =
      versions.get(name) ?? [...versions].find(([module]) => module.startsWith(`${name}/`))?.[1];
    assert.equal(version, pinned, name);
  }
});
