/** Shorter than the 15 s after which a client gives up on what it waits for. */
const WITHIN_MS = 12_000;
const POLL_MS = 20;

/** Asks again and again until something is true; throws when that takes too long. */
export async function until(
  what: string,
  isTrue: () => boolean | Promise<boolean>,
  withinMs: number = WITHIN_MS,
): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await isTrue())) {
    if (performance.now() > deadline)
      throw new Error(`expected that ${what} within ${withinMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
