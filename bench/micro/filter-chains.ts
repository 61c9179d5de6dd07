import { indexFilterChains } from "../../packages/proxy/src/listener/filter-chain-index.ts";
import { MATCH_ALL } from "../../packages/proxy/src/listener/filter-chain-match.ts";
import type { DownstreamInfo } from "../../packages/proxy/src/observe/stream-info.ts";
import { ipAddress } from "../../packages/proxy/src/transport/address.ts";
/**
 * Time per choice of a filter chain, among one and among a thousand, by server name; and per ClientHello that is read. Prints,
 * asserts nothing.
 *
 *   node bench/micro/filter-chains.ts [rounds]
 */
import { ClientHelloReader } from "../../packages/proxy/src/transport/tls/client-hello-reader.ts";
import {
  clientHello,
  handshakeRecords,
  protocols,
  serverName,
} from "../../packages/proxy/src/transport/tls/testing/client-hello.ts";

const ROUNDS = Number(process.argv[2] ?? 2_000_000);
const NAMES = 1000;

const connections: DownstreamInfo[] = Array.from({ length: NAMES }, (_, index) => ({
  connectionId: index,
  directRemoteAddress: ipAddress("10.0.0.1", 1000 + index),
  localAddress: ipAddress("10.0.0.2", 443),
  listenerName: "l",
  filterChainName: "",
  requestedServerName: `name-${index}.example.com`,
  transportProtocol: "tls",
  applicationProtocols: ["h2", "http/1.1"],
}));

function measure(what: string, rounds: number, run: (round: number) => unknown): void {
  for (let i = 0; i < rounds / 10; i++) run(i);
  const start = process.hrtime.bigint();
  let sum = 0;
  for (let i = 0; i < rounds; i++) if (run(i) !== null) sum++;
  const ns = Number(process.hrtime.bigint() - start) / rounds;
  console.log(`${what.padEnd(44)} ${ns.toFixed(0).padStart(6)} ns  (${sum} found)`);
}

const one = indexFilterChains([{ match: MATCH_ALL, chain: 0 }]);
measure("one chain without criteria", ROUNDS, (round) => one(connections[round % NAMES]!));
for (const pattern of ["name-$.example.com", "*.name-$.example.com"]) {
  const entries = connections.map((_, chain) => ({
    match: { ...MATCH_ALL, serverNames: [pattern.replace("$", String(chain))] },
    chain,
  }));
  const find = indexFilterChains(entries);
  const below = connections.map((info) => ({
    ...info,
    requestedServerName: `www.${info.requestedServerName}`,
  }));
  const from = pattern.startsWith("*") ? below : connections;
  measure(`${NAMES} chains, ${pattern}`, ROUNDS, (round) => find(from[round % NAMES]!));
}

const reader = new ClientHelloReader();
const hello = handshakeRecords(
  clientHello({
    extensions: [
      serverName("www.example.com"),
      protocols("h2", "http/1.1"),
      [21, Buffer.alloc(300)],
    ],
  }),
);
measure("a ClientHello", ROUNDS / 10, () => reader.read(hello, 0, hello.length));
