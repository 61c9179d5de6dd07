import { send, type Answer } from "../probes/send.ts";

/** One request for a path. */
export function get(
  port: number,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const request = { method: "GET", path, headers, queryParams: {} };
  return send({ port, host: "web.test" }, request, "feature");
}
