import { get } from "node:http";
import type { Flag } from "./flags.ts";
import { UsageError } from "./usage-error.ts";

export const DEFAULT_ADMIN = "http://127.0.0.1:9901";

/** Of the control plane of a gateway. */
export const DEFAULT_GATEWAY_ADMIN = "http://127.0.0.1:19000";

/** Which running proxy is asked. */
export const ADMIN_FLAG: Flag = {
  name: "admin",
  value: "URL",
  help: `its admin interface; default: ${DEFAULT_ADMIN}`,
};

/** Parameters of a query, in order; a name may be repeated. */
export type AdminQuery = readonly (readonly [name: string, value: string])[];

/**
 * Gets the text that an admin interface, of a proxy or a control plane, has at `path`.
 *
 * @param admin `http://127.0.0.1:9901`, or without the scheme
 * @throws UsageError when it cannot be reached, or has no answer
 */
export async function getAdminText(
  admin: string,
  path: string,
  query: AdminQuery = [],
): Promise<string> {
  const url = URL.parse(path, admin.includes("://") ? admin : `http://${admin}`);
  if (url?.protocol !== "http:") throw new UsageError(`--admin: expected a URL, got "${admin}"`);
  for (const [name, value] of query) url.searchParams.append(name, value);
  // The admin interface reads `+` as it is.
  url.search = url.searchParams.toString().replaceAll("+", "%20");
  const { status, body } = await answerOf(url);
  if (status !== 200)
    throw new UsageError(`${url.origin}: ${body.split("\n")[0] || `status ${status}`}`);
  return body;
}

/** The same of one that is JSON. @throws UsageError */
export async function getAdminJson(
  admin: string,
  path: string,
  query: AdminQuery,
): Promise<unknown> {
  return JSON.parse(await getAdminText(admin, path, query));
}

interface Answer {
  readonly status: number;
  readonly body: string;
}

async function answerOf(url: URL): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = get(url, { agent: false }, (response) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (piece: string) => (body += piece));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body }));
    });
    request.on("error", ({ code, message }: NodeJS.ErrnoException) =>
      reject(new UsageError(`${url.origin}: no answer (${code ?? message})`)),
    );
  });
}
