import { ask } from "./ask.ts";
import { until } from "./until.ts";

const WITHIN_MS = 30_000;

/** Asks a port of 127.0.0.1 until the answer is `expected`: status, space, body. */
export async function answers(port: number, path: string, expected: string): Promise<void> {
  let last = "";
  const isSo = async (): Promise<boolean> => {
    last = await ask(port, path).then(({ status, body }) => `${status} ${body}`.trim(), String);
    return last === expected;
  };
  await until(`${path} is answered by "${expected}"`, isSo, WITHIN_MS).catch((error: Error) => {
    throw new Error(`${error.message}, got "${last}"`);
  });
}
