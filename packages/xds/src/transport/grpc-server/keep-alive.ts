/** What is needed of an HTTP/2 session. */
export interface PingedSession {
  readonly destroyed: boolean;
  ping(callback: (error: Error | null) => void): boolean;
  destroy(): void;
  once(event: "close", listener: () => void): unknown;
}

/**
 * Pings a session, and gives it up when a ping was not answered by the time of the next one. Without this a client whose
 * machine is gone would stay for hours, and with it all that is kept of it.
 */
export function keepAlive(session: PingedSession, intervalMs: number): void {
  let isAnswered = true;
  const timer = setInterval(() => {
    if (session.destroyed) return;
    if (!isAnswered) {
      session.destroy();
      return;
    }
    isAnswered = false;
    session.ping((error) => {
      isAnswered = error === null;
    });
  }, intervalMs).unref();
  session.once("close", () => clearInterval(timer));
}
