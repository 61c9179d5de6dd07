/** A part of a rule. The frame holds `self` and the variables of macros, each at its own place. */
export type Step = (frame: unknown[]) => unknown;

/** Which variable has which place in the frame. As many entries as places are taken. */
export type Scope = ReadonlyMap<string, number>;
