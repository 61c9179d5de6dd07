/** What the server says of its own health; one object per worker. */
export class ServerHealth {
  /** From `/healthcheck/fail` to `/healthcheck/ok`. */
  failed = false;
}
