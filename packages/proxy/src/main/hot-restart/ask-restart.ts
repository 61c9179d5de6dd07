import { errnoText } from "../../transport/errno.ts";
import { libc } from "../../transport/native-libc.ts";
import type { NativeHandle } from "../../transport/native.ts";
import { Channel, type ChannelOwner } from "./channel.ts";
import { connectControlSocket, controlSocketName } from "./control-socket.ts";
import type { FromServing, ToServing } from "./messages.ts";

/** Which proxy, and how long its successor may take to serve. */
export interface RestartRequest {
  readonly socketPath: string;
  readonly baseId: number;
  readonly timeoutSeconds: number;
}

/** A process of a restart: its id, and the epoch that it stands for. */
export interface RestartedProcess {
  readonly pid: number;
  readonly epoch: number;
}

/** What comes of a restart. With `reason` nothing changed: the process that served goes on. */
export type RestartOutcome =
  | { readonly live: RestartedProcess; readonly reason: null }
  | { readonly live: null; readonly reason: string };

/** Told on the way. */
export interface RestartProgress {
  found(process: RestartedProcess): void;
  started(process: RestartedProcess): void;
}

/** Asks the proxy that serves under a base id to start its successor, and resolves when that serves, or does not. */
export async function askForRestart(
  request: RestartRequest,
  progress: RestartProgress,
): Promise<RestartOutcome> {
  if (libc() === null) return { live: null, reason: "hot restart needs Linux and node:ffi" };
  const name = controlSocketName(request.socketPath, request.baseId);
  const pipe = await connectControlSocket(name);
  if (typeof pipe === "number")
    return { live: null, reason: `no proxy found at '${name}': ${errnoText(pipe)}` };
  return new Promise((resolve) => {
    const asking = new Asking(progress, resolve);
    const channel = new Channel<FromServing, ToServing>(pipe, asking);
    asking.close = (): void => channel.close();
    void channel.send({ kind: "status" });
    void channel.send({ kind: "restart", timeoutSeconds: request.timeoutSeconds });
  });
}

/** One conversation. */
class Asking implements ChannelOwner<FromServing> {
  readonly #progress: RestartProgress;
  readonly #resolve: (outcome: RestartOutcome) => void;
  close: () => void = () => {};

  constructor(progress: RestartProgress, resolve: (outcome: RestartOutcome) => void) {
    this.#progress = progress;
    this.#resolve = resolve;
  }

  onMessage(message: FromServing, descriptor: NativeHandle | undefined): void {
    descriptor?.close();
    switch (message.kind) {
      case "status":
        this.#progress.found(message);
        break;
      case "started":
        this.#progress.started(message);
        break;
      case "live":
        this.#end({ live: message, reason: null });
        break;
      case "not_live":
        this.#end({ live: null, reason: message.reason });
        break;
      default:
        break;
    }
  }

  onEnd(): void {
    this.#end({ live: null, reason: "the proxy went away" });
  }

  #end(outcome: RestartOutcome): void {
    this.close();
    this.#resolve(outcome);
  }
}
