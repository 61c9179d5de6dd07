import { Code, ConnectError } from "@connectrpc/connect";
import type { XdsResponse } from "../../server/response.ts";
import type { OpenStream, ServerStream } from "../../server/server.ts";
import { XdsStreamError } from "../../server/stream.ts";

/**
 * Runs a stream of the server over a call. The call asks for the next message when it could write the one before, so a
 * client that does not read holds back its own responses and nothing else.
 */
export async function* serveStream<Request, Message>(
  open: (open: Pick<OpenStream, "onReady">) => ServerStream<Request>,
  requests: AsyncIterable<Request>,
  toMessage: (response: XdsResponse) => Message,
): AsyncGenerator<Message> {
  const signal = new Signal();
  let over: { error?: unknown } | undefined;
  const stream = guarded(() => open({ onReady: () => signal.raise() }));
  const end = (error?: unknown): void => {
    over ??= error === undefined ? {} : { error };
    signal.raise();
  };
  receiveAll(stream, requests).then(() => end(), end);
  try {
    for (;;) {
      const response = guarded(() => stream.next());
      if (response !== undefined) yield toMessage(response);
      else if (over === undefined) await signal.raised();
      else break;
    }
    if (over.error !== undefined) throw toConnectError(over.error);
  } finally {
    stream.close();
  }
}

async function receiveAll<Request>(
  stream: ServerStream<Request>,
  requests: AsyncIterable<Request>,
): Promise<void> {
  for await (const request of requests) stream.receive(request);
}

function guarded<Result>(call: () => Result): Result {
  try {
    return call();
  } catch (error) {
    throw toConnectError(error);
  }
}

function toConnectError(error: unknown): ConnectError {
  if (error instanceof ConnectError) return error;
  const code = error instanceof XdsStreamError ? Code.InvalidArgument : Code.FailedPrecondition;
  return new ConnectError(error instanceof Error ? error.message : String(error), code);
}

/** Wakes who waits; raised before anybody waits, it is not lost. */
class Signal {
  #isRaised = false;
  #resolve: (() => void) | undefined;

  raise(): void {
    this.#isRaised = true;
    this.#resolve?.();
    this.#resolve = undefined;
  }

  async raised(): Promise<void> {
    if (!this.#isRaised) {
      await new Promise<void>((resolve) => {
        this.#resolve = resolve;
      });
    }
    this.#isRaised = false;
  }
}
