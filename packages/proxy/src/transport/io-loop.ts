import type { Connection } from "./connection.ts";

/** Who takes longer than this for what it read lets others go first; and gathered output waits no longer. */
const TURN_MS = 1;
/** A read of so much is often followed by the next one in the same turn of the loop. */
const LARGE_READ_BYTES = 16 * 1024;

/** What is to be done in a turn of the loop of its own. */
export interface LoopTask {
  onTurn(): void;
}

/**
 * One worker's view of its event loop: the time, read once per callback, and the connections that have something to
 * write when the callback ends. So everything one event causes on a connection goes out in one system call; and
 * everything that one turn of the loop, with many events, causes on a connection of many streams.
 */
export class IoLoop {
  /** Monotonic milliseconds at the start of the current callback. */
  now: number = performance.now();
  /** Reports an exception that reached the loop; the connection it happened on is closed by the caller. */
  onException: (error: unknown) => void;
  #dirty: Connection | null = null;
  #gathering: Connection | null = null;
  #gatheringSinceMs = 0;
  #endsTurn = false;
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
    this.#flushDirty();
    if (this.#gathering !== null && this.now - this.#gatheringSinceMs >= TURN_MS)
      this.#flushGathering();
  }

  /** The events of this turn are over. */
  endTurn(): void {
    this.#endsTurn = false;
    this.enter();
    this.#flushDirty(); // what was written outside of a callback
    this.#flushGathering();
  }

  /** The current callback read `count` bytes, and took so long for them that it should not go on with the next ones. */
  isSlow(count: number): boolean {
    return count >= LARGE_READ_BYTES && performance.now() - this.now > TURN_MS;
  }

  /** Has a connection read on in the next turn, and not before. */
  rest(connection: Connection): void {
    connection.readDisable(true);
    this.soon(new Resting(connection));
  }

  /** Remembers a connection for the end of the callback or of the turn. The connection makes sure that it is added once. */
  addDirty(connection: Connection): void {
    if (connection.gathersOutput) {
      this.#addGathering(connection);
      return;
    }
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

  #addGathering(connection: Connection): void {
    if (this.#gathering === null) this.#gatheringSinceMs = this.now;
    connection.nextDirty = this.#gathering;
    this.#gathering = connection;
    if (this.#endsTurn) return;
    this.#endsTurn = true;
    setImmediate(endTurn, this);
  }

  #flushGathering(): void {
    this.#dirty = this.#gathering;
    this.#gathering = null;
    this.#flushDirty();
  }

  // A flush can fail and close its connection, which may make others dirty: take until none is left.
  #flushDirty(): void {
    while (this.#dirty !== null) {
      const connection = this.#dirty;
      this.#dirty = connection.nextDirty;
      connection.nextDirty = null;
      try {
        connection.flushDirty();
      } catch (error) {
        this.#closeAfter(error, connection);
      }
    }
  }

  /** A flush threw: that ends its connection, and nothing else. */
  #closeAfter(error: unknown, connection: Connection): void {
    this.onException(error);
    try {
      connection.close("local", true);
    } catch (again) {
      this.onException(again);
    }
  }
}

/** Ends the rest of a connection. */
class Resting implements LoopTask {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  onTurn(): void {
    this.#connection.readDisable(false);
  }
}

function runTasks(loop: IoLoop): void {
  loop.runTasks();
}

function endTurn(loop: IoLoop): void {
  loop.endTurn();
}
