import { CelError } from "./cel-error.ts";
import type { Step } from "./step.ts";
import { asBoolean, itemsOf } from "./values.ts";

type Loop = (items: readonly unknown[], body: (item: unknown) => unknown) => unknown;

const loops: Readonly<Record<string, Loop>> = {
  all: (items, body) => decide(items, body, false),
  exists: (items, body) => decide(items, body, true),
  exists_one: (items, body) => {
    let count = 0;
    for (const item of items) if (asBoolean(body(item))) count++;
    return count === 1;
  },
  filter: (items, body) => items.filter((item) => asBoolean(body(item))),
  map: (items, body) => items.map(body),
};

/** Whether a method is one that goes over the items of a list. */
export function isMacro(name: string): boolean {
  return Object.hasOwn(loops, name);
}

/** @param place of the variable in the frame */
export function macroStep(name: string, list: Step, place: number, body: Step): Step {
  const loop = loops[name];
  if (loop === undefined) throw new Error(`macro ${name}() of CEL is not known`);
  return (frame) =>
    loop(itemsOf(list(frame)), (item) => {
      frame[place] = item;
      return body(frame);
    });
}

/** One item that decides is enough, even when others cannot be evaluated. */
function decide(
  items: readonly unknown[],
  body: (item: unknown) => unknown,
  deciding: boolean,
): boolean {
  let failure: CelError | undefined;
  for (const item of items) {
    try {
      if (asBoolean(body(item)) === deciding) return deciding;
    } catch (error) {
      if (!(error instanceof CelError)) throw error;
      failure ??= error;
    }
  }
  if (failure !== undefined) throw failure;
  return !deciding;
}
