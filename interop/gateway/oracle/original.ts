import { spawn, type ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import { createInterface, type Interface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import type { ObjectStatus } from "@nuncio/gateway";
import { findCounterpart } from "../../harness/counterparts.ts";
import { gatewayClass } from "../documents/random-document.ts";
import { yamlOf, type DocumentObject } from "../documents/scene.ts";
import { theirConnections, type NamedListener, type TheirListeners } from "./their-connections.ts";
import { theirRouting, type TheirHttp } from "./their-routing.ts";
import type { Translation } from "./translation.ts";

/** For an answer; then the process is ended. */
const WITHIN_MS = 180_000;
/** Collecting less often takes a quarter of its time away. */
const GOGC = "400";
const CONTROLLER_NAME = "gateway.envoyproxy.io/gatewayclass-controller";

/** What `gateway-translator` answers: objects by list, or why it refuses them. */
type Answer = Readonly<Record<string, readonly PrintedObject[]>> & {
  readonly error?: string;
  readonly xdsIR?: Readonly<Record<string, TheirHttp & TheirListeners>>;
};

interface PrintedObject {
  readonly kind?: string;
  readonly metadata?: DocumentObject["metadata"];
  readonly spec?: {
    readonly parentRef?: { readonly namespace?: string; readonly name: string };
    readonly listeners?: readonly NamedListener[];
  };
  readonly status?: ObjectStatus["status"];
}

/** Envoy Gateway's translator (`interop/go-gateway`), a process that answers until it is closed. */
export class Original {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #ended: Promise<unknown>;
  readonly #lines: AsyncIterator<string>;
  readonly #reader: Interface;

  constructor() {
    this.#child = spawn(findCounterpart("gateway-translator")!, {
      stdio: ["pipe", "pipe", "inherit"],
      env: { ...process.env, GOGC },
    });
    this.#ended = once(this.#child, "exit");
    // That it is gone is seen at the end of its output.
    this.#child.stdin.on("error", () => {});
    this.#reader = createInterface({ input: this.#child.stdout });
    this.#lines = this.#reader[Symbol.asyncIterator]();
  }

  /** What becomes of objects; a text when it refuses them. */
  async ask(objects: readonly DocumentObject[]): Promise<Translation | string> {
    const content = yamlOf([gatewayClass(CONTROLLER_NAME), ...objects]);
    this.#child.stdin.write(`${JSON.stringify(content)}\n`);
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), WITHIN_MS);
    const { value, done = false } = await this.#lines.next();
    clearTimeout(timer);
    if (done) throw new Error("gateway-translator: expected an answer, got the end of its output");
    const { error, xdsIR = {}, ...lists } = JSON.parse(value) as Answer;
    return error ?? translationOf(lists, xdsIR);
  }

  async close(): Promise<void> {
    this.#child.stdin.end();
    await this.#ended;
    this.#reader.close();
  }
}

function translationOf(
  lists: Readonly<Record<string, unknown>>,
  xdsIR: NonNullable<Answer["xdsIR"]>,
): Translation {
  const statuses = new Map<string, ObjectStatus["status"]>();
  const listeners = new Map<string, NamedListener>();
  for (const { kind, metadata, status, spec } of Object.values(lists).flatMap(printed)) {
    const key = `${metadata?.namespace}/${metadata?.name}`;
    if (kind !== undefined && status !== undefined) statuses.set(`${kind} ${key}`, whole(status));
    const place = kind === "ListenerSet" ? `${gatewayOf(metadata, spec)}/${key}` : key;
    for (const listener of spec?.listeners ?? [])
      listeners.set(`${place}/${listener.name}`, listener);
  }
  return {
    statuses,
    routing: theirRouting(xdsIR),
    connections: theirConnections(xdsIR, listeners),
  };
}

/** A list that is empty may be left out. */
function whole(status: ObjectStatus["status"]): ObjectStatus["status"] {
  if (status.listeners === undefined) return status;
  const listeners = status.listeners.map((one) => ({
    ...one,
    supportedKinds: one.supportedKinds ?? [],
  }));
  return { ...status, listeners };
}

function gatewayOf(metadata: PrintedObject["metadata"], spec: PrintedObject["spec"]): string {
  const { namespace = metadata?.namespace, name = "" } = spec?.parentRef ?? {};
  return `${namespace}/${name}`;
}

function printed(list: unknown): readonly PrintedObject[] {
  return Array.isArray(list) ? (list as PrintedObject[]) : [];
}
