import { NO_NAME, chainFor, CLOSED, serverNamesFor, type Chain } from "../oracle/connections.ts";
import { askConnection, type Client, type ConnectionOutcome } from "./connect.ts";
import { askDatagram } from "./datagrams.ts";
import type { Outcome } from "./probe.ts";

/** A port of a scene, and what is to become of what arrives there. */
export interface ProbedPort {
  readonly name: string;
  readonly port: number;
  readonly protocol: "TCP" | "UDP";
  readonly chains: readonly Chain[];
}

/** One way to ask a port: a name of SNI, TCP without TLS, or a datagram. */
export interface Question {
  readonly client: Client | "udp";
  readonly serverName: string;
  readonly chain: Chain;
}

/** Ports with nothing but HTTP without TLS have none. */
export function questionsFor({ protocol, chains }: ProbedPort): Question[] {
  const [first = CLOSED] = chains;
  if (protocol === "UDP") return [{ client: "udp", serverName: NO_NAME, chain: first }];
  if (!chains.some(isTls))
    return first.to === "http" ? [] : [{ client: "tcp", serverName: NO_NAME, chain: first }];
  const names = serverNamesFor(chains);
  return [
    ...names.map((serverName) => ({
      client: "tls" as const,
      serverName,
      chain: chainFor(chains, serverName),
    })),
    { client: "tcp", serverName: NO_NAME, chain: CLOSED },
  ];
}

/** What is seen, by what was asked; each with what is wrong, if something is. */
export async function probePort(port: ProbedPort): Promise<Map<string, Outcome>> {
  const outcomes = new Map<string, Outcome>();
  for (const question of questionsFor(port)) {
    const { client, serverName, chain } = question;
    if (isByChance(chain)) continue;
    const outcome = await ask(port, question);
    const expected = expectedOf(chain);
    outcomes.set(`${port.name} by ${client} ${serverName || "-"} -> ${chain.to}`, {
      ...outcome,
      ...(expected !== undefined && !isSeen(outcome, expected) && { expected }),
    });
  }
  return outcomes;
}

/** Asks once. */
export async function ask(
  { port }: ProbedPort,
  { client, serverName, chain }: Question,
): Promise<ConnectionOutcome> {
  if (client !== "udp") return askConnection(port, client, serverName);
  const answer = await askDatagram(port, { isDropped: chain.backends.size === 0 });
  return answer === null ? { ended: CLOSED.to } : { answer };
}

/** A plain listener that ends TLS, or looks at it. */
function isTls({ to, serverNames }: Chain): boolean {
  return serverNames.length > 0 || /^(https|terminate|passthrough) /.test(to);
}

/** Where each connection may come to another backend, one says nothing. */
function isByChance({ backends, missing }: Chain): boolean {
  return backends.size > 1 || (backends.size === 1 && missing > 0);
}

/** The only backend, or that it is closed; undefined: HTTP is spoken there. */
function expectedOf({ to, backends }: Chain): string | undefined {
  if (to.startsWith("http")) return undefined;
  const [backend = CLOSED.to] = backends.keys();
  return backend;
}

function isSeen(outcome: ConnectionOutcome, expected: string): boolean {
  return "answer" in outcome
    ? outcome.answer.startsWith(`${expected} `)
    : outcome.ended === expected;
}
