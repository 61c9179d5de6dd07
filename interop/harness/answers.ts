import { get } from "node:http";
import { until } from "./until.ts";

const WITHIN_MS = 30_000;

/** Asks a port of 127.0.0.1 until the answer is `expected`: status, space, body. */
export async function answers(port: number, path: string, expected: string): Promise<void> {
  let last = "";
  const ask = async (): Promise<boolean> => {
    last = await answerOf(port, path).catch(String);
    return last === expected;
  };
  await until(`${path} is answered by "${expected}"`, ask, WITHIN_MS).catch((error: Error) => {
    throw new Error(`${error.message}, got "${last}"`);
  });
}

function answerOf(port: number, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    get({ host: "127.0.0.1", port, path, agent: false }, (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (piece: string) => (body += piece));
      response.on("end", () => resolve(`${response.statusCode} ${body}`.trim()));
    }).on("error", reject);
  });
}
