import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { HeaderMap } from "@nuncio/codec";
import { OverloadState } from "../../overload/overload-state.ts";
import { testTransport } from "../../testing/loop.ts";
import { startTcpServer, type TcpServer } from "../../testing/tcp-rig.ts";
import { turns, turnsUntil } from "../../testing/turns.ts";
import { ipAddress } from "../../transport/address.ts";
import { TlsSockets } from "../../transport/tls/tls-sockets.ts";
import type { Cluster } from "../cluster.ts";
import type { Host } from "../host.ts";
import type { ThresholdsConfig } from "../model.ts";
import { Resource } from "../shared/breaker-memory.ts";
import { clusterConfig, hostData, hostSetData } from "../testing/cluster-config.ts";
import { TestClusters } from "../testing/worker-clusters.ts";
import { HttpPools } from "./http-pools.ts";
import type { PoolRequest, RequestPool } from "./pool-request.ts";
import type { UpstreamStream } from "./upstream-stream.ts";

/** A GET that writes down what becomes of it. */
class Request implements PoolRequest {
  nextPending: PoolRequest | null = null;
  previousPending: PoolRequest | null = null;
  pending = false;
  status = 0;
  failure = "";
  onFailure: () => void = () => {};

  onPoolReady(stream: UpstreamStream): void {
    const headers = new HeaderMap();
    headers.method = "GET";
    headers.path = "/";
    headers.authority = "a.test";
    stream.encodeHeaders(headers, true);
  }
  onPoolFailure(reason: string): void {
    this.failure = reason;
    this.onFailure();
  }
  onPoolRelease(): void {}
  onUpstream1xxHeaders(): void {}
  onUpstreamHeaders(headers: HeaderMap): void {
    this.status = headers.status;
  }
  onUpstreamData(): void {}
  onUpstreamTrailers(): void {}
  onUpstreamReset(reason: string): void {
    this.failure = reason;
  }
  onUpstreamAboveWriteBufferHighWatermark(): void {}
  onUpstreamBelowWriteBufferLowWatermark(): void {}
}

interface Rig {
  readonly server: TcpServer;
  readonly cluster: Cluster;
  readonly host: Host;
  readonly pools: HttpPools;
  pool(): RequestPool;
}

/** A cluster of one host with HTTP/1; `server.close()` makes it one that cannot be reached. */
async function rig(t: TestContext, thresholds: Partial<ThresholdsConfig> = {}): Promise<Rig> {
  const server = await startTcpServer(t);
  const clusters = new TestClusters();
  const address = ipAddress("127.0.0.1", server.port);
  const cluster = clusters.add(
    clusterConfig({ thresholds }),
    hostSetData([hostData(1, { address })]),
  );
  const [host] = [...cluster.hosts];
  const { transport } = testTransport();
  const { worker } = clusters;
  const tlsSockets = new TlsSockets(worker, transport, () => null);
  const pools = new HttpPools({ worker, transport, tlsSockets, overload: OverloadState.NONE });
  t.after(() => pools.drain(host!));
  const pool = (): RequestPool => pools.of(cluster, host!, "default", "http1", null)!;
  return { server, cluster, host: host!, pools, pool };
}

function send(pool: RequestPool): Request {
  const request = new Request();
  pool.newStream(request);
  return request;
}

async function answer({ server }: Rig, connection: number): Promise<void> {
  await turnsUntil(() => server.sockets.length > connection);
  server.sockets[connection]!.write("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
}

/** How many more places the breaker has. */
function places({ cluster }: Rig, resource: Resource): number {
  let free = 0;
  while (free < 10 && cluster.breakers.default.tryAcquire(resource)) free++;
  for (let i = 0; i < free; i++) cluster.breakers.default.release(resource);
  return free;
}

void test("the failure of one may cancel another that waits for the same connection", async (t) => {
  const made = await rig(t, { maxPendingRequests: 3 });
  made.server.close();
  const pool = made.pool();
  const first = send(pool);
  const second = send(pool);
  first.onFailure = () => pool.cancel(second);
  const third = send(pool);
  assert.equal(places(made, Resource.PendingRequests), 0);
  await turnsUntil(() => third.failure !== "");
  assert.equal(first.failure, "remote_connection_failure");
  assert.equal(second.failure, "");
  assert.equal(places(made, Resource.PendingRequests), 3);
});

void test("who asks again while a failure is told waits for a new connection", async (t) => {
  const made = await rig(t);
  made.server.close();
  const pool = made.pool();
  const first = send(pool);
  let again: Request | null = null;
  first.onFailure = () => (again = send(pool));
  await turnsUntil(() => again !== null);
  assert.equal(again!.pending, true);
  await turnsUntil(() => again!.failure !== "");
});

void test("requests that wait when their host leaves are still sent to it", async (t) => {
  const made = await rig(t, { maxConnections: 1 });
  const first = send(made.pool());
  await turnsUntil(() => made.server.sockets.length === 1);
  const second = send(made.pool());
  made.pools.drain(made.host);
  await answer(made, 0);
  await turnsUntil(() => first.status === 200);
  await answer(made, 1);
  await turnsUntil(() => second.status === 200);
  await turns(5);
  assert.equal(places(made, Resource.Connections), 1);
  assert.equal(places(made, Resource.ConnectionPools), 10);
});

void test("a host whose connections were drained keeps the next ones", async (t) => {
  const made = await rig(t);
  const first = send(made.pool());
  await answer(made, 0);
  await turnsUntil(() => first.status === 200);
  made.pools.drain(made.host);
  for (let i = 0; i < 2; i++) {
    const later = send(made.pool());
    await answer(made, 1);
    await turnsUntil(() => later.status === 200);
  }
  assert.equal(made.server.sockets.length, 2);
});
