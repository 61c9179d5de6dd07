import type { Difference } from "../../diff/compare.ts";

/** A difference between the two translations. */
export interface OracleDifference extends Difference {
  /** Ours is what the specification says there, as far as that is known: see `Specification`. */
  readonly asSpecified?: boolean;
  /** What the original's has to be brought in line with before both are the same: see `corrections.ts`. */
  readonly corrections?: readonly string[];
}
