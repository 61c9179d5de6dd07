/** A timer that was set and has not fired. */
export interface Timer {
  /** Nothing happens when the time comes. May be called more than once, and after the timer fired. */
  cancel(): void;
}

/** Time as the protocol's state machines see it: handed in, so that tests own it. */
export interface Clock {
  /** Milliseconds since some fixed point; never goes back. */
  nowMs(): number;
  /** Calls back once, no earlier than `delayMs` from now, never from within this call. */
  setTimer(delayMs: number, callback: () => void): Timer;
}

/** Node fires a timer of more milliseconds at once. */
const NODE_DELAY_MS_MAX = 2 ** 31 - 1;

/** The clock of the process. Its timers do not keep the process alive. */
export const systemClock: Clock = {
  nowMs: () => performance.now(),
  setTimer(delayMs, callback) {
    let timer: NodeJS.Timeout;
    const arm = (leftMs: number): void => {
      timer =
        leftMs <= NODE_DELAY_MS_MAX
          ? setTimeout(callback, leftMs)
          : setTimeout(() => arm(leftMs - NODE_DELAY_MS_MAX), NODE_DELAY_MS_MAX);
      timer.unref();
    };
    arm(delayMs);
    return { cancel: () => clearTimeout(timer) };
  },
};
