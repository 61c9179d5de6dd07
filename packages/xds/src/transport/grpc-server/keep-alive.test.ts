import assert from "node:assert/strict";
import { test } from "node:test";
import { keepAlive } from "./keep-alive.ts";
import type { PingedSession } from "./keep-alive.ts";

/** A session whose pings a test answers. */
class Session implements PingedSession {
  destroyed = false;
  readonly unanswered: ((error: Error | null) => void)[] = [];
  #onClose = (): void => {};

  ping(callback: (error: Error | null) => void): boolean {
    this.unanswered.push(callback);
    return true;
  }

  destroy(): void {
    this.destroyed = true;
  }

  once(_event: "close", listener: () => void): void {
    this.#onClose = listener;
  }

  close(): void {
    this.#onClose();
  }
}

test("a session stays as long as it answers", (context) => {
  context.mock.timers.enable({ apis: ["setInterval"] });
  const session = new Session();
  keepAlive(session, 1_000);
  for (let round = 0; round < 5; round += 1) {
    context.mock.timers.tick(1_000);
    assert.equal(session.unanswered.length, 1);
    session.unanswered.pop()!(null);
  }
  context.mock.timers.tick(1_999);
  assert.equal(session.destroyed, false);
  context.mock.timers.tick(1);
  assert.equal(session.destroyed, true);
  context.mock.timers.tick(5_000);
  assert.equal(session.unanswered.length, 1, "a session that is gone is not pinged");
});

test("a session that is closed is not pinged any more", (context) => {
  context.mock.timers.enable({ apis: ["setInterval"] });
  const session = new Session();
  keepAlive(session, 1_000);
  session.close();
  context.mock.timers.tick(5_000);
  assert.equal(session.unanswered.length, 0);
});
