/** A condition of a status, without the time of its last transition: that is the status writer's. */
export interface Condition {
  readonly type: string;
  readonly status: "True" | "False" | "Unknown";
  /** CamelCase, as Gateway API names it. */
  readonly reason: string;
  readonly message: string;
  readonly observedGeneration: number;
}

/** `metav1.Condition` as it is written. */
export interface WrittenCondition extends Condition {
  /** RFC 3339, in whole seconds. */
  readonly lastTransitionTime: string;
}
