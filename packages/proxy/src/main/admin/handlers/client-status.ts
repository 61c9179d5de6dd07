import type { Message } from "@bufbuild/protobuf";
import { formatProblem, load, toJson, validate } from "@nuncio/api";
import type { Node } from "@nuncio/api/types/envoy/config/core/v3/base_pb";
import { clientStatusOfClient, NodeMatcherError, type ClientStatusRequest } from "@nuncio/xds";
import { json, text } from "../handler.ts";
import type { AdminHandler, AdminReply } from "../handler.ts";
import type { AdminProviders } from "../providers.ts";

/**
 * What this proxy has of its control planes, as CSDS tells it: the REST binding of `FetchClientStatus`, a
 * `ClientStatusRequest` and a `ClientStatusResponse` in JSON. Sensitive fields are redacted. Not a path of Envoy's.
 */
export const clientStatus: AdminHandler = {
  path: "/v3/discovery:client_status",
  help: "print what control planes gave, as CSDS tells it (a ClientStatusRequest is posted)",
  mutates: true,
  takesBody: true,
  params: [],
  handle: ({ body }, providers) => {
    const loaded = load<ClientStatusRequest>("envoy.service.status.v3.ClientStatusRequest", [
      { name: "request", content: body.trim() === "" ? "{}" : body, format: "json" },
    ]);
    validate(loaded);
    const errors = loaded.problems.list.filter(({ severity }) => severity === "error");
    if (errors.length > 0) return text(`${errors.map(formatProblem).join("\n")}\n`, 400);
    return answer(loaded.message, providers);
  },
};

function answer(request: ClientStatusRequest, providers: AdminProviders): AdminReply {
  const { node } = providers.server();
  try {
    const response: Message = clientStatusOfClient(
      request,
      providers.xds(),
      node as Node,
      Date.now(),
    );
    return json(toJson(response, { redact: true }));
  } catch (error) {
    if (!(error instanceof NodeMatcherError)) throw error;
    return text(`node_matchers: ${error.message}\n`, 400);
  }
}
