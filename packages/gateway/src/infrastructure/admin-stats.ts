import { get } from "node:http";

const ANSWERS_WITHIN_MS = 1_000;

/** Stats of a data plane by its admin interface, a line each. `address`: as `--admin-address-path` has it, a path or HOST:PORT. */
export function adminStats(address: string, filter: string): Promise<string> {
  const colon = address.lastIndexOf(":");
  const where = address.startsWith("/")
    ? { socketPath: address }
    : { host: address.slice(0, colon), port: address.slice(colon + 1) };
  const path = `/stats?filter=${encodeURIComponent(filter)}`;
  return new Promise((resolve, reject) => {
    const options = { ...where, path, agent: false, timeout: ANSWERS_WITHIN_MS };
    const request = get(options, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (piece: string) => (text += piece));
      response.on("end", () => resolve(text));
      response.on("error", reject);
    });
    request.on("timeout", () => request.destroy(new Error("admin did not answer in time")));
    request.on("error", reject);
  });
}
