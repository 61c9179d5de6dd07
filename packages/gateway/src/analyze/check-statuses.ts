import type { Resource } from "../resources/object.ts";
import { statusLines } from "../status/status-lines.ts";
import type { Check, Finding } from "./mistake.ts";

/** What the statuses say that is not as it should be. */
export const checkStatuses: Check = ({ store, pipeline }) =>
  pipeline.statuses.flatMap((cells) =>
    Array.from(cells.entries(), ([, status]) => status).flatMap((status): Finding[] => {
      const object: Resource | undefined = store.table(status.kind).peek(status.key);
      if (object === undefined) return [];
      return statusLines(status).bad.map((message) => ({
        rule: "status",
        severity: "error",
        object,
        path: [],
        message,
      }));
    }),
  );
