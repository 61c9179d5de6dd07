import type { ListenerFilterPredicate } from "./model.ts";

/** Whether a connection to `port` meets the predicate. A Unix socket's port is 0, and is in no range. */
export function meets(predicate: ListenerFilterPredicate, port: number): boolean {
  switch (predicate.kind) {
    case "any":
      return true;
    case "not":
      return !meets(predicate.rule, port);
    case "or":
      return predicate.rules.some((rule) => meets(rule, port));
    case "and":
      return predicate.rules.every((rule) => meets(rule, port));
    case "destination_port":
      return port !== 0 && port >= predicate.start && port < predicate.end;
  }
}
