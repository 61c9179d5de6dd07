import { FAILURES_HEADER } from "../probes/backends.ts";
import { route, rule, type Feature } from "./feature.ts";
import { get } from "./get.ts";

const RETRY = { codes: [503], attempts: 2, backoff: "10ms" };

/** Path, how often the server fails first, and with what. */
const REQUESTS = [
  ["/again", 0, 503],
  ["/again", 2, 503],
  ["/again", 3, 503],
  ["/again", 1, 500],
  ["/once", 1, 503],
] as const;

/** Requests are sent again when the server fails with a code that the rule names. */
export const RETRIES: Feature = {
  name: "retries",
  services: { flaky: 1 },
  objects: [
    route("HTTPRoute", [rule("/again", "flaky", { retry: RETRY }), rule("/once", "flaky")]),
  ],
  ask: async (port) => {
    const statuses = REQUESTS.map(async ([path, times, status]) => {
      const failures = `${port}${path}-${times}-${status} ${times} ${status}`;
      return (await get(port, path, { [FAILURES_HEADER]: failures })).status;
    });
    return Promise.all(statuses);
  },
  expected: [200, 200, 503, 500, 503],
};
