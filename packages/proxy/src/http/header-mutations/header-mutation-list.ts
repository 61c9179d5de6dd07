import type { HeaderMap } from "@nuncio/codec";
import type { FormatClock } from "../../observe/format/command.ts";
import type { FormatContext } from "../../observe/stream-info.ts";
import { buildStringMatcher } from "../route/matchers/string-matcher.ts";
import type { StringMatcherConfig } from "../route/matchers/string-matcher.ts";
import { applyAddition, buildAddition, removeHeader } from "./header-mutations.ts";
import type { HeaderMutationStep } from "./model.ts";

/** A step on a worker. */
type Step = (headers: HeaderMap, context: FormatContext) => void;

/** A list of `HeaderMutation` on a worker: each step sees what the steps before it did. */
export class HeaderMutationList {
  readonly #steps: readonly Step[];

  constructor(steps: readonly HeaderMutationStep[], clock: FormatClock) {
    this.#steps = steps.map((step) => buildStep(step, clock));
  }

  apply(headers: HeaderMap, context: FormatContext): void {
    for (const step of this.#steps) step(headers, context);
  }
}

function buildStep(step: HeaderMutationStep, clock: FormatClock): Step {
  switch (step.kind) {
    case "append": {
      const addition = buildAddition(step.addition, clock);
      return (headers, context) => applyAddition(addition, headers, context);
    }
    case "remove":
      return (headers) => removeHeader(headers, step.name);
    case "remove_on_match": {
      const matches = buildStringMatcher(step.matcher as StringMatcherConfig);
      return (headers) => headers.removeIf((name) => matches(name));
    }
  }
}
