import type { Problem } from "./problems.ts";

/**
 * A problem on one line, as a compiler writes it: `envoy.yaml:23:17 static_resources.listeners[0]: unknown field ...`.
 * Warnings start with `warning: `; what is not known is left out.
 */
export function formatProblem({ severity, place, path, message }: Problem): string {
  const where = [place === null ? "" : `${place.file}:${place.line}:${place.column}`, path].filter(
    (part) => part !== "",
  );
  const text = where.length === 0 ? message : `${where.join(" ")}: ${message}`;
  return severity === "warning" ? `warning: ${text}` : text;
}
