import type { Backend } from "#gen/resources";
import { Index } from "../incremental/index-cells.ts";
import { Stage } from "../incremental/stage.ts";
import { backendProblem } from "../translator/backends/backend-problems.ts";
import type { BackendSources } from "../translator/backends/backend-references.ts";
import { checkBackendTls } from "../translator/backends/tls/backend-tls.ts";
import { finding, observed } from "./condition.ts";
import type { ObjectStatus } from "./object-status.ts";

/** Statuses of Backends, by `Backend/<key>`. */
export function backendStatuses(sources: BackendSources): Stage<ObjectStatus> {
  const backends = sources.store.table<Backend>("Backend");
  const keys = new Index("backend statuses", backends, (_, key) => [`Backend/${key}`]);
  return new Stage<ObjectStatus>({
    name: "backend statuses",
    compute: (statusKey, read) => {
      const [key = ""] = read.one(keys, statusKey) ?? [];
      const backend = read.one(backends, key);
      if (backend === undefined) return undefined;
      const tls = checkBackendTls(read, sources, backend);
      const problem =
        backendProblem(backend, `Backend ${key}`, "tcp")?.message ??
        (tls !== undefined && "problem" in tls ? tls.problem : undefined);
      const found =
        problem === undefined
          ? finding("Accepted", "True", "Accepted", "the backend is accepted")
          : finding("Accepted", "False", "Invalid", problem);
      const conditions = observed([found], backend.metadata.generation ?? 0);
      return { kind: "Backend", key, status: { conditions } };
    },
  }).forEach(keys);
}
