import type { Cells } from "../../../incremental/cells.ts";
import { Index } from "../../../incremental/index-cells.ts";
import { Stage } from "../../../incremental/stage.ts";
import type { ObjectKey } from "../../../resources/object.ts";
import { bySeniority } from "../../routes/seniority.ts";
import type { CheckedPolicy } from "./checked-policy.ts";

/** The policy that counts for a target, of all that name it. */
export interface PolicyWinner {
  readonly policy: ObjectKey;
}

/** By `targetKey`: the oldest policy, then the first by namespace and name (BackendTLSPolicySpec.targetRefs). */
export function policyWinners(policies: Cells<CheckedPolicy>): Stage<PolicyWinner> {
  const byTarget = new Index("policies by target", policies, ({ targets }) => targets);
  return new Stage<PolicyWinner>({
    name: "backend TLS policy winners",
    compute: (target, read) => {
      const rivals = [...(read.one(byTarget, target) ?? [])].map((key) => read.one(policies, key)!);
      const [first] = rivals.toSorted(bySeniority);
      return first === undefined ? undefined : { policy: first.key };
    },
  }).forEach(byTarget);
}
