import type { DescMethodBiDiStreaming, DescMethodUnary } from "@bufbuild/protobuf";
import { Code, ConnectError, type ConnectRouter } from "@connectrpc/connect";
import {
  clientStatusMethods,
  type ClientStatusRequest,
  type ClientStatusResponse,
} from "../../client-status/client-status-messages.ts";
import { NodeMatcherError } from "../../client-status/node-matcher.ts";
import type { XdsServer } from "../../server/server.ts";

/** Adds the service that tells what the server's clients have (CSDS) to a router. It tells all clients' configuration. */
export function clientStatusRoutes(router: ConnectRouter, server: XdsServer): void {
  const answer = (request: ClientStatusRequest): ClientStatusResponse => {
    try {
      return server.clientStatus(request);
    } catch (error) {
      if (!(error instanceof NodeMatcherError)) throw error;
      throw new ConnectError(error.message, Code.InvalidArgument);
    }
  };
  for (const method of clientStatusMethods()) {
    if (method.methodKind === "unary")
      router.rpc(method as DescMethodUnary, (request) => answer(request as ClientStatusRequest));
    else
      router.rpc(method as DescMethodBiDiStreaming, (requests) =>
        answers(requests as AsyncIterable<ClientStatusRequest>, answer),
      );
  }
}

async function* answers(
  requests: AsyncIterable<ClientStatusRequest>,
  answer: (request: ClientStatusRequest) => ClientStatusResponse,
): AsyncGenerator<ClientStatusResponse> {
  for await (const request of requests) yield answer(request);
}
