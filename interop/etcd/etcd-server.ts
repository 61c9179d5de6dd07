import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { startProcess, type StartedProcess } from "../harness/child-process.ts";
import { findCounterpart } from "../harness/counterparts.ts";
import { until } from "../harness/until.ts";

const PREFIX = "/nuncio/";

/** A real etcd with a folder of its own, and what etcdctl says of it. */
export class EtcdServer {
  readonly url: string;
  readonly #folder: string;
  readonly #peerUrl: string;
  #process: StartedProcess | undefined;

  constructor(folder: string, clientPort: number, peerPort: number) {
    this.#folder = folder;
    this.url = `http://127.0.0.1:${clientPort}`;
    this.#peerUrl = `http://127.0.0.1:${peerPort}`;
  }

  async start(): Promise<void> {
    const flags = {
      "data-dir": join(this.#folder, "data"),
      "listen-client-urls": this.url,
      "advertise-client-urls": this.url,
      "listen-peer-urls": this.#peerUrl,
      "initial-advertise-peer-urls": this.#peerUrl,
      "initial-cluster": `default=${this.#peerUrl}`,
    };
    const started = startProcess(
      [
        findCounterpart("etcd")!,
        ...Object.entries(flags).flatMap(([key, value]) => [`--${key}`, value]),
      ],
      // It asks for a word where the processor is not amd64.
      { env: { ...process.env, ETCD_UNSUPPORTED_ARCH: process.arch } },
    );
    this.#process = started;
    await until("etcd serves", () => {
      if (started.hasExited()) throw new Error(started.output());
      return this.#isHealthy();
    });
  }

  /** SIGKILL. */
  async kill(): Promise<void> {
    this.#process?.signal("SIGKILL");
    await this.#process?.exited;
  }

  async stop(): Promise<void> {
    await this.#process?.stop();
  }

  /** A file with this text, which goes with the server. */
  file(name: string, text: string): string {
    const path = join(this.#folder, name);
    writeFileSync(path, text);
    return path;
  }

  /** @param object its key below `resources/` */
  put(object: string, text: string): void {
    this.#ctl("put", `${PREFIX}resources/${object}`, text);
  }

  remove(object: string): void {
    this.#ctl("del", `${PREFIX}resources/${object}`);
  }

  /** The status of an object. */
  status(object: string): string | undefined {
    return this.get(`${PREFIX}status/${object}`);
  }

  get(key: string): string | undefined {
    const text = this.#ctl("get", "--print-value-only", key).trim();
    return text === "" ? undefined : text;
  }

  /** Forgets all revisions but the last one. */
  compact(): void {
    const answer = this.#ctl("get", "--write-out=json", "any");
    const { header } = JSON.parse(answer) as { readonly header: { readonly revision: number } };
    this.#ctl("compact", String(header.revision));
  }

  #isHealthy(): boolean {
    try {
      this.#ctl("endpoint", "health");
      return true;
    } catch {
      return false;
    }
  }

  #ctl(...args: readonly string[]): string {
    return execFileSync(findCounterpart("etcdctl")!, ["--endpoints", this.url, ...args], {
      encoding: "utf8",
      env: { ...process.env, ETCDCTL_API: "3" },
      stdio: ["ignore", "pipe", "pipe"],
      timeout: 10_000,
    });
  }
}
