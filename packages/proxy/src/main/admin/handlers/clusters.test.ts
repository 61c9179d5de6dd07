import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { FakeAdmin } from "../testing/fake-admin.ts";

let admin: FakeAdmin;
beforeEach(async () => {
  admin = await FakeAdmin.start();
});
afterEach(() => admin.close());

describe("/clusters and /listeners", () => {
  it("print a line per fact", async () => {
    const { body } = await admin.get("/clusters?filter=^s");
    assert.equal(
      body,
      `svc::observability_name::svc_alt
svc::default_priority::max_connections::1
svc::default_priority::max_pending_requests::2
svc::default_priority::max_requests::3
svc::default_priority::max_retries::4
svc::high_priority::max_connections::1
svc::high_priority::max_pending_requests::2
svc::high_priority::max_requests::3
svc::high_priority::max_retries::4
svc::added_via_api::true
svc::10.0.0.1:80::cx_active::0
svc::10.0.0.1:80::rq_total::9
svc::10.0.0.1:80::hostname::h
svc::10.0.0.1:80::health_flags::/failed_eds_health
svc::10.0.0.1:80::weight::5
svc::10.0.0.1:80::region::r
svc::10.0.0.1:80::zone::
svc::10.0.0.1:80::sub_zone::s
svc::10.0.0.1:80::canary::true
svc::10.0.0.1:80::priority::1
svc::10.0.0.1:80::success_rate::-1
svc::10.0.0.1:80::local_origin_success_rate::-1
`,
    );
    assert.match((await admin.get("/clusters")).body, /\nother::added_via_api::false\n/);
    const wrong = await admin.get("/clusters?filter=(");
    assert.deepEqual([wrong.status, wrong.body], [400, "Invalid re2 regex"]);
    assert.equal((await admin.get("/listeners")).body, "web::127.0.0.1:80\nweb::/run/x\n");
  });

  it("are JSON on demand", async () => {
    const limits = {
      max_connections: 1,
      max_pending_requests: 2,
      max_requests: 3,
      max_retries: 4,
    };
    assert.deepEqual(await admin.getJson("/clusters?format=json&filter=svc"), {
      cluster_statuses: [
        {
          name: "svc",
          added_via_api: true,
          host_statuses: [
            {
              address: { socket_address: { address: "10.0.0.1", port_value: 80 } },
              stats: [
                { value: "9", name: "rq_total" },
                { type: "GAUGE", name: "cx_active" },
              ],
              health_status: { eds_health_status: "UNHEALTHY" },
              weight: 5,
              hostname: "h",
              priority: 1,
              locality: { region: "r", sub_zone: "s" },
            },
          ],
          circuit_breakers: { thresholds: [limits, { priority: "HIGH", ...limits }] },
          observability_name: "svc_alt",
        },
      ],
    });
    assert.deepEqual(await admin.getJson("/clusters?format=json&filter=none"), {});
    assert.deepEqual(await admin.getJson("/listeners?format=json"), {
      listener_statuses: [
        {
          name: "web",
          local_address: { socket_address: { address: "127.0.0.1", port_value: 80 } },
          additional_local_addresses: [{ pipe: { path: "/run/x" } }],
        },
      ],
    });
  });
});
