import { DELAY_HEADER } from "../probes/backends.ts";
import { route, rule, type Feature } from "./feature.ts";
import { get } from "./get.ts";

/** What a rule allows, and what the server takes in milliseconds. */
const RULES = {
  "/in-time": [{ request: "5s" }, 0],
  "/late": [{ request: "300ms" }, 5_000],
  "/late-backend": [{ backendRequest: "300ms" }, 5_000],
  "/shorter": [{ request: "5s", backendRequest: "300ms" }, 4_000],
  "/without-end": [{ request: "0s" }, 400],
  "/backend-without-end": [{ request: "300ms", backendRequest: "0s" }, 5_000],
} as const;

/** Requests that take longer than a rule allows are given up. */
export const TIMEOUTS: Feature = {
  name: "timeouts",
  services: { slow: 1 },
  objects: [
    route(
      "HTTPRoute",
      Object.entries(RULES).map(([path, [timeouts]]) => rule(path, "slow", { timeouts })),
    ),
  ],
  ask: async (port) => {
    const statuses = Object.entries(RULES).map(async ([path, [, delayMs]]) => {
      const { status } = await get(port, path, { [DELAY_HEADER]: String(delayMs) });
      return [path, status] as const;
    });
    return Object.fromEntries(await Promise.all(statuses));
  },
  expected: {
    "/in-time": 200,
    "/late": 504,
    "/late-backend": 504,
    "/shorter": 504,
    "/without-end": 200,
    "/backend-without-end": 504,
  },
};
