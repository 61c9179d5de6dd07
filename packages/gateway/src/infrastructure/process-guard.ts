import { spawn, type ChildProcess } from "node:child_process";

/** A link of this name in a folder of a guarded folder leads to what goes with it. */
export const SHARED_MEMORY_LINK = "shared-memory";

/**
 * Reads `+ PID`, `- PID` and `* FOLDER` until whoever wrote them is gone, whatever it died of, and then ends what is left: told to at
 * first, killed after so many seconds. Then the folder goes. Signals are left to the others of the process group.
 */
const SCRIPT = `
trap "" INT TERM HUP
pids=" "
folder=
while read -r sign pid; do
  case $sign in
    \\*) folder=$pid ;;
    +) pids="$pids$pid " ;;
    -) pids="\${pids%% $pid *} \${pids#* $pid }" ;;
  esac
done
kill -TERM $pids
seconds=0
while [ $seconds -lt $1 ]; do
  left=
  for pid in $pids; do kill -0 $pid && left="$left $pid"; done
  pids=$left
  [ -z "$pids" ] && break
  sleep 1
  seconds=$((seconds + 1))
done
[ -z "$pids" ] || kill -KILL $pids
[ -z "$folder" ] && exit
for link in "$folder"/*/${SHARED_MEMORY_LINK}; do
  [ -L "$link" ] && rm -f "$(readlink "$link")"
done
rm -rf "$folder"
`;

export interface ProcessGuardOptions {
  /** From being told to end until being killed. */
  readonly endWithinSeconds: number;
  /** It cannot do its work, and why. */
  readonly onError: (message: string) => void;
}

/**
 * Ends processes when this one is gone without having ended them, be it killed: a data plane that nobody tells anything
 * would go on beside its successor, at the same ports and with an old configuration.
 */
export class ProcessGuard {
  readonly #shell: ChildProcess;
  #closed = false;

  constructor({ endWithinSeconds, onError }: ProcessGuardOptions) {
    this.#shell = spawn("sh", ["-c", SCRIPT, "sh", String(endWithinSeconds)], {
      stdio: ["pipe", "ignore", "ignore"],
    });
    const failed = (why: string): void => {
      if (!this.#closed) onError(`data planes would outlive this process: ${why}`);
      this.#closed = true;
    };
    this.#shell.once("error", ({ message }) => failed(message));
    this.#shell.once("exit", (code, signal) => failed(`their guard ended with ${signal ?? code}`));
    this.#shell.stdin!.on("error", ({ message }) => failed(message));
    this.#shell.unref();
  }

  add(pid: number): void {
    this.#tell(`+ ${pid}`);
  }

  /** The process has ended. */
  remove(pid: number): void {
    this.#tell(`- ${pid}`);
  }

  /** With the processes this folder goes, and nothing else that was named before. */
  guardFolder(folder: string): void {
    this.#tell(`* ${folder}`);
  }

  /** Those that are left are ended. */
  close(): void {
    this.#closed = true;
    this.#shell.stdin!.end();
  }

  #tell(line: string): void {
    if (!this.#closed) this.#shell.stdin!.write(`${line}\n`);
  }
}
