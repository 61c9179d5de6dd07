import { defineStats } from "../definition.ts";

/** `load_reporter.*`: what the server said (`requests`), what it was sent (`responses`). Written by main. */
export const LOAD_REPORTER_STATS = defineStats({
  errors: "counter",
  requests: "counter",
  responses: "counter",
  retries: "counter",
});
