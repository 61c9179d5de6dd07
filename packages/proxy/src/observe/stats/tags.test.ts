import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { DEFAULT_TAG_RULES } from "./default-tags.ts";
import { TagExtractor } from "./tags.ts";

const defaults = new TagExtractor(DEFAULT_TAG_RULES);

function text(extractor: TagExtractor, fullName: string): string {
  const { name, tags } = extractor.extract(fullName);
  return `${name} {${tags.map((tag) => `${tag.name}=${tag.value}`).join(",")}}`;
}

// Left: full name; right: what Envoy 1.40 makes of it.
const CASES: readonly (readonly [string, string])[] = [
  ["cluster.svc.upstream_cx_total", "cluster.upstream_cx_total {envoy.cluster_name=svc}"],
  ["cluster.c.a.b.upstream_cx_total", "cluster.a.b.upstream_cx_total {envoy.cluster_name=c}"],
  [
    "cluster.svc.external.upstream_rq_200",
    "cluster.external.upstream_rq {envoy.response_code=200,envoy.cluster_name=svc}",
  ],
  [
    "cluster.svc.upstream_rq_5xx",
    "cluster.upstream_rq_xx {envoy.response_code_class=5,envoy.cluster_name=svc}",
  ],
  ["cluster_manager.active_clusters", "cluster_manager.active_clusters {}"],
  ["http.in.downstream_cx_total", "http.downstream_cx_total {envoy.http_conn_manager_prefix=in}"],
  ["http1.response_flood", "http1.response_flood {}"],
  ["tcp.t.a.downstream_cx_total", "tcp.a.downstream_cx_total {envoy.tcp_prefix=t}"],
  [
    "listener.127.0.0.1_80.downstream_cx_total",
    "listener.downstream_cx_total {envoy.listener_address=127.0.0.1_80}",
  ],
  [
    "listener.[__1]_80.downstream_cx_total",
    "listener.downstream_cx_total {envoy.listener_address=[__1]_80}",
  ],
  [
    "listener.h10.0.0.1_80.downstream_cx_total",
    "listener.0.0.1_80.downstream_cx_total {envoy.listener_address=h10}",
  ],
  ["listener.admin.downstream_cx_total", "listener.admin.downstream_cx_total {}"],
  [
    "listener.admin2.downstream_cx_total",
    "listener.downstream_cx_total {envoy.listener_address=admin2}",
  ],
  [
    "listener.admin.http.admin.downstream_rq_2xx",
    "listener.admin.http.downstream_rq_xx {envoy.response_code_class=2,envoy.http_conn_manager_prefix=admin}",
  ],
  [
    "listener.127.0.0.1_0.http.in.downstream_rq_2xx",
    "listener.http.downstream_rq_xx {envoy.response_code_class=2,envoy.http_conn_manager_prefix=in,envoy.listener_address=127.0.0.1_0}",
  ],
  [
    "listener.127.0.0.1_0.worker_1.downstream_cx_total",
    "listener.worker_downstream_cx_total {envoy.worker_id=1,envoy.listener_address=127.0.0.1_0}",
  ],
  [
    "listener.a.b.worker_0.downstream_cx_total",
    "listener.b.worker_0.downstream_cx_total {envoy.listener_address=a}",
  ],
  [
    "thread_local_cluster_manager.worker_0.clusters_inflated",
    "thread_local_cluster_manager.worker_clusters_inflated {envoy.worker_id=0}",
  ],
  [
    "vhost.v.vcluster.vc.upstream_rq_total",
    "vhost.vcluster.upstream_rq_total {envoy.virtual_cluster=vc,envoy.virtual_host=v}",
  ],
  [
    "vhost.v.a.vcluster.vc.upstream_rq_total",
    "vhost.a.vcluster.vc.upstream_rq_total {envoy.virtual_host=v}",
  ],
  [
    "connection_limit.cl.active_connections",
    "connection_limit.active_connections {envoy.connection_limit_prefix=cl}",
  ],
];

describe("TagExtractor with the default rules", () => {
  for (const [fullName, expected] of CASES) {
    it(`splits ${fullName}`, () => assert.equal(text(defaults, fullName), expected));
  }
});

describe("TagExtractor", () => {
  it("keeps the order of the rules, and the first of a name", () => {
    const extractor = new TagExtractor([
      { tag: "a", regex: /(up)/, firstToken: null },
      { tag: "a", regex: /(cx)/, firstToken: null },
      { tag: "b", fixed: "z" },
    ]);
    assert.equal(text(extractor, "cluster.upstream_cx"), "cluster.stream_cx {a=up,b=z}");
  });

  it("cuts group 1 and takes group 2, also where the cuts overlap", () => {
    const extractor = new TagExtractor([
      { tag: "a", regex: /(upstream_((cx)))/, firstToken: null },
      { tag: "b", regex: /((up)stream)/, firstToken: null },
    ]);
    assert.equal(
      text(extractor, "cluster.svc.upstream_cx_total"),
      "cluster.svc._total {a=cx,b=up}",
    );
  });

  it("finds nothing with an expression without groups", () => {
    const extractor = new TagExtractor([{ tag: "a", regex: /cluster/, firstToken: null }]);
    assert.equal(text(extractor, "cluster.x"), "cluster.x {}");
  });
});
