import type { Chain } from "../oracle/connections.ts";
import { ask, questionsFor, type ProbedPort, type Question } from "./probe-connections.ts";
import { repeatedly, wrongShare } from "./shares.ts";

interface SharedChain {
  readonly port: ProbedPort;
  readonly question: Question;
}

/** Ports and names whose connections or datagrams go to several backends; one for each way to ask. */
export function sharedChains(ports: readonly ProbedPort[]): SharedChain[] {
  const found = new Map<string, SharedChain>();
  for (const port of ports)
    for (const question of questionsFor(port)) {
      const { backends, missing } = question.chain;
      // Datagrams that are dropped would be waited for.
      const isMeasured = question.client !== "udp" || missing === 0;
      if (backends.size > 1 && isMeasured) found.set(question.client, { port, question });
    }
  return [...found.values()];
}

/** What is wrong with the shares; undefined: nothing. */
export function wrongConnectionShares({
  port,
  question,
}: SharedChain): Promise<string | undefined> {
  return wrongShare(weightsOf(question.chain), () =>
    repeatedly(async () => {
      const outcome = await ask(port, question);
      return "answer" in outcome ? outcome.answer.split(" ")[0]! : MISSING;
    }),
  );
}

const MISSING = "missing";

function weightsOf({ backends, missing }: Chain): [string, number][] {
  return [...backends, ...(missing > 0 ? [[MISSING, missing] as [string, number]] : [])];
}
