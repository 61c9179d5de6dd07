import { create } from "@bufbuild/protobuf";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { discoverySchemas } from "../types/discovery-messages.ts";
import type { DeltaDiscoveryRequest, DiscoveryRequest } from "../types/discovery-messages.ts";
import { shortNameOfUrl, typeUrlOf } from "../types/resource-type.ts";
import { node } from "./resources.test-support.ts";
import type { XdsResponse } from "./response.ts";
import type { ServerStream, XdsServer } from "./server.ts";

type Init<Key extends "request" | "deltaRequest"> = MessageInitShape<
  ReturnType<typeof discoverySchemas>[Key]
>;

/** What both variants of a client do by hand: ask, read what comes, answer. Types are called by their short names. */
abstract class ScriptedClient<Request> {
  readonly stream: ServerStream<Request>;
  readonly last = new Map<string, XdsResponse>();
  readonly accepted = new Map<string, string>();
  /** How often the server said that there may be something. */
  wakes = 0;

  constructor(open: (onReady: () => void) => ServerStream<Request>) {
    this.stream = open(() => {
      this.wakes += 1;
    });
  }

  protected abstract answer(type: string, response: XdsResponse, message?: string): void;

  /** The next response and no more: `CDS a b`, with `-` before what is removed and `~` before heartbeats. */
  read(): string | undefined {
    const response = this.stream.next();
    if (response === undefined) return undefined;
    const type = shortNameOfUrl(response.typeUrl);
    this.last.set(type, response);
    return [
      type,
      ...response.resources.map(({ name }) => name),
      ...response.removed.map((name) => `-${name}`),
      ...response.heartbeats.map(({ name }) => `~${name}`),
    ].join(" ");
  }

  /** All responses that come without an answer. */
  drain(): string[] {
    const texts: string[] = [];
    for (let text = this.read(); text !== undefined; text = this.read()) texts.push(text);
    return texts;
  }

  /** All responses; each is accepted. */
  settle(): string[] {
    const texts: string[] = [];
    for (let text = this.read(); text !== undefined; text = this.read()) {
      texts.push(text);
      this.ack(text.split(" ", 1)[0]!);
    }
    return texts;
  }

  ack(type: string): void {
    const response = this.last.get(type)!;
    this.accepted.set(type, response.version);
    this.answer(type, response);
  }

  nack(type: string, message: string): void {
    this.answer(type, this.last.get(type)!, message);
  }
}

/** A client of the state-of-the-world variant. */
export class SotwClient extends ScriptedClient<DiscoveryRequest> {
  readonly #names = new Map<string, readonly string[]>();

  constructor(server: XdsServer, typeUrl?: string) {
    super((onReady) => server.openSotw({ onReady, ...(typeUrl === undefined ? {} : { typeUrl }) }));
  }

  /** Says all that it wants of a type. */
  want(type: string, names: readonly string[] = [], init: Init<"request"> = {}): void {
    this.#names.set(type, names);
    this.send({
      typeUrl: typeUrlOf(type),
      resourceNames: [...names],
      responseNonce: this.last.get(type)?.nonce ?? "",
      versionInfo: this.accepted.get(type) ?? "",
      ...init,
    });
  }

  send(init: Init<"request">): void {
    this.stream.receive(create(discoverySchemas().request, { node: node(), ...init }));
  }

  protected override answer(type: string, { nonce }: XdsResponse, message?: string): void {
    this.want(type, this.#names.get(type), {
      responseNonce: nonce,
      ...(message === undefined ? {} : { errorDetail: { code: 3, message } }),
    });
  }
}

/** A client of the delta variant. */
export class DeltaClient extends ScriptedClient<DeltaDiscoveryRequest> {
  constructor(server: XdsServer, typeUrl?: string) {
    super((onReady) =>
      server.openDelta({ onReady, ...(typeUrl === undefined ? {} : { typeUrl }) }),
    );
  }

  subscribe(type: string, names: readonly string[] = [], init: Init<"deltaRequest"> = {}): void {
    this.send({ typeUrl: typeUrlOf(type), resourceNamesSubscribe: [...names], ...init });
  }

  unsubscribe(type: string, names: readonly string[]): void {
    this.send({ typeUrl: typeUrlOf(type), resourceNamesUnsubscribe: [...names] });
  }

  send(init: Init<"deltaRequest">): void {
    this.stream.receive(create(discoverySchemas().deltaRequest, { node: node(), ...init }));
  }

  protected override answer(type: string, { nonce }: XdsResponse, message?: string): void {
    this.send({
      typeUrl: typeUrlOf(type),
      responseNonce: nonce,
      ...(message === undefined ? {} : { errorDetail: { code: 3, message } }),
    });
  }
}
