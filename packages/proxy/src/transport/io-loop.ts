import type { Connection } from "./connection.ts";

/** What is to be done in a turn of the loop of its own. */
export interface LoopTask {
  onTurn(): void;
}

/**
 * One worker's view of its event loop: the time, read once per callback, and the connections that have something to
 * write when the callback ends. So everything one event causes on a connection goes out in one system call.
 */
export class IoLoop {
  /** Monotonic milliseconds at the start of the current callback. */
  now: number = performance.now();
  /** Reports an exception that reached the loop; the connection it happened on is closed by the caller. */
  onException: (error: unknown) => void;
  #dirty: Connection | null = null;
  #tasks: LoopTask[] = [];

  constructor(onException: (error: unknown) => void) {
    this.onException = onException;
  }

  /** Call first in every callback from the event loop. */
  enter(): void {
    this.now = performance.now();
  }

  /** Call last in every callback from the event loop, also after an exception. */
  leave(): void {
    // A flush can fail and close its connection, which may make others dirty: take until none is left.
    while (this.#dirty !== null) {
      const connection = this.#dirty;
      this.#dirty = connection.nextDirty;
      connection.nextDirty = null;
      connection.flushDirty();
    }
  }

  /** Remembers a connection for `leave`. The connection makes sure that it is added once. */
  addDirty(connection: Connection): void {
    connection.nextDirty = this.#dirty;
    this.#dirty = connection;
  }

  /** Calls `task` in the next turn, as a callback of the event loop; once for each time that it was given. */
  soon(task: LoopTask): void {
    if (this.#tasks.push(task) === 1) setImmediate(runTasks, this);
  }

  runTasks(): void {
    const tasks = this.#tasks;
    this.#tasks = [];
    for (const task of tasks) {
      this.enter();
      try {
        task.onTurn();
      } catch (error) {
        this.onException(error);
      }
      this.leave();
    }
  }
}

function runTasks(loop: IoLoop): void {
  loop.runTasks();
}
