/** Turns of the event loop, until `reached`. */
export async function turnsUntil(reached: () => boolean): Promise<void> {
  while (!reached()) await turn();
}

/** So many turns of the event loop: what is ready to happen happens. */
export async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await turn();
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
