import assert from "node:assert/strict";
import { test } from "node:test";
import { compileYaml } from "../testing/compile-yaml.ts";

void test("EDS: the service, or the cluster's name, and where from", () => {
  const [cluster] = compileYaml(`
- name: c
  type: EDS
  eds_cluster_config: { eds_config: { ads: {}, resource_api_version: V3 } }
`).definitions;
  const { discovery, config } = cluster!;
  assert.ok(discovery.type === "EDS");
  assert.equal(config.discoveryType, "EDS");
  assert.equal(discovery.eds.serviceName, "c");
  assert.equal(discovery.eds.source?.configSourceSpecifier.case, "ads");
  assert.deepEqual(discovery.eds.clusterScope, config.scope);
  const [named] = compileYaml(`
- name: c
  type: EDS
  eds_cluster_config: { service_name: "xdstp://a/envoy.config.endpoint.v3.ClusterLoadAssignment/s" }
`).definitions;
  assert.ok(named!.discovery.type === "EDS");
  assert.equal(named!.discovery.eds.source, null);
});

void test("EDS for a proxy without a name", () => {
  const { problems } = compileYaml(
    "- { name: c, type: EDS, eds_cluster_config: { eds_config: { ads: {} } } }",
    { id: "", cluster: "test", region: "", zone: "", subZone: "" },
  );
  assert.deepEqual(
    problems.map(({ message }) => message.slice(0, 99)),
    [
      "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment: node 'id' and 'cluster' are req",
    ],
  );
});
