import type { Explanation, RequestText } from "@nuncio/proxy";
import { getAdminJson } from "../admin.ts";

/**
 * Has a running proxy explain a request.
 *
 * @param admin its admin interface: `http://127.0.0.1:9901`
 * @throws UsageError when it cannot be reached, or has no answer
 */
export async function askAdmin(admin: string, request: RequestText): Promise<Explanation> {
  const query: [string, string][] = [
    ["format", "json"],
    ["url", request.url],
  ];
  for (const name of ["method", "source", "listener"] as const) {
    const value = request[name] ?? "";
    if (value !== "") query.push([name, value]);
  }
  for (const [name, value] of request.headers ?? []) query.push(["header", `${name}: ${value}`]);
  return (await getAdminJson(admin, "/explain", query)) as Explanation;
}
