import { create } from "@bufbuild/protobuf";
import type { DescMessage, Message } from "@bufbuild/protobuf";
import { envoyTypes } from "@nuncio/api";
import type { Node } from "@nuncio/api/types/envoy/config/core/v3/base_pb";
import type { DeltaDiscoveryRequest } from "@nuncio/api/types/envoy/service/discovery/v3/discovery_pb";
import { shortNameOfUrl, typeUrlOf, type XdsResponse, type XdsServer } from "@nuncio/xds";

/** A data plane that takes what it is sent, unless a test says otherwise. It speaks delta ADS without a transport. */
export class TestDataPlane {
  readonly #stream: ReturnType<XdsServer["openDelta"]>;
  readonly #group: string;
  /** Why resources are refused, by name. */
  readonly refusals = new Map<string, string>();
  /** What came, as `VHDS default/web/80/a`, with `-` before what is gone. */
  readonly log: string[] = [];

  constructor(server: XdsServer, group: string) {
    this.#group = group;
    this.#stream = server.openDelta({ onReady: () => {} });
  }

  /** Asks for resources; none: for all of the type. */
  want(type: string, ...names: string[]): void {
    this.#send(typeUrlOf(type), { resourceNamesSubscribe: names });
  }

  /** Takes all that there is, and answers. */
  settle(): void {
    for (let next = this.#stream.next(); next !== undefined; next = this.#stream.next())
      this.#take(next);
  }

  close(): void {
    this.#stream.close();
  }

  #take({ typeUrl, nonce, resources, removed }: XdsResponse): void {
    const type = shortNameOfUrl(typeUrl);
    for (const { name } of resources) this.log.push(`${type} ${name}`);
    for (const name of removed) this.log.push(`${type} -${name}`);
    const message = resources.map(({ name }) => this.refusals.get(name)).find(Boolean);
    this.#send(typeUrl, {
      responseNonce: nonce,
      ...(message === undefined ? {} : { errorDetail: { code: 3, message } }),
    });
  }

  #send(typeUrl: string, fields: Record<string, unknown>): void {
    const node = Object.assign(made("envoy.config.core.v3.Node") as Node, {
      cluster: this.#group,
    });
    const request = made("envoy.service.discovery.v3.DeltaDiscoveryRequest", {
      node,
      typeUrl,
      ...fields,
    });
    this.#stream.receive(request as DeltaDiscoveryRequest);
  }
}

function made(typeName: string, fields: Record<string, unknown> = {}): Message {
  return create(envoyTypes().getMessage(typeName) as DescMessage, fields);
}
