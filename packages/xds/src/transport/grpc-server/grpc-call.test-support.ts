import type { DescMethodBiDiStreaming } from "@bufbuild/protobuf";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { serviceOf } from "../../types/discovery-messages.ts";

/** A call in both directions, message by message. */
export interface Call<Request, Response> {
  send(request: Request): void;
  read(): Promise<Response>;
  abort(): void;
}

/** Calls a method of a service such as `envoy.service.cluster.v3.ClusterDiscoveryService`. */
export function openCall<Request, Response>(
  baseUrl: string,
  service: string,
  methodName: string,
): Call<Request, Response> {
  const method = serviceOf(service).methods.find(({ name }) => name === methodName);
  const queue: Request[] = [];
  const aborter = new AbortController();
  let wake = (): void => {};
  async function* requests(): AsyncGenerator<Request> {
    for (;;) {
      const request = queue.shift();
      if (request !== undefined) yield request;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
  }
  // The server's headers come with its first message, and that after the first request.
  const opened = createGrpcTransport({ baseUrl }).stream(
    method as DescMethodBiDiStreaming,
    aborter.signal,
    undefined,
    undefined,
    requests() as AsyncIterable<never>,
  );
  const responses = opened.then(({ message }) => message[Symbol.asyncIterator]());
  // A call that is refused before anybody reads.
  responses.catch(() => {});
  return {
    send(request) {
      queue.push(request);
      wake();
    },
    async read() {
      const { value, done } = await (await responses).next();
      if (done === true) throw new Error("the stream is over");
      return value as Response;
    },
    abort: () => aborter.abort(),
  };
}
