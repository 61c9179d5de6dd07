import type { OnDefect, Stage } from "./stage.ts";

/** A stage of any values. */
export type AnyStage = Pick<Stage<never>, "name" | "computed" | "isSettled" | "run">;

/** Stages in the order in which they are computed: each reads what is before it. */
export class StageOrder {
  readonly #stages: readonly AnyStage[];
  readonly #onDefect: OnDefect | undefined;

  /** @param onDefect with it, a key whose computation throws keeps what it had, and all others go on */
  constructor(stages: readonly AnyStage[], onDefect?: OnDefect) {
    this.#stages = stages;
    this.#onDefect = onDefect;
  }

  /**
   * Computes what has to be computed again, stage by stage.
   *
   * @throws when a stage has had one before it compute again: it is not in its place
   */
  settle(): void {
    for (const stage of this.#stages) stage.run(this.#onDefect);
    const late = this.#stages.find(({ isSettled }) => !isSettled);
    if (late !== undefined) throw new Error(`${late.name} read a stage behind it`);
  }

  /** How many keys each stage has computed since the beginning. */
  counts(): Record<string, number> {
    return Object.fromEntries(this.#stages.map(({ name, computed }) => [name, computed]));
  }
}
