import type { JsonObject, JsonValue } from "@bufbuild/protobuf";
import { toJson } from "@nuncio/api";
import { json } from "../handler.ts";
import type { AdminHandler } from "../handler.ts";

export const certs: AdminHandler = {
  path: "/certs",
  help: "print certs on machine",
  mutates: false,
  params: [],
  handle: (_request, providers) =>
    json({
      certificates: [...providers.certificates()].map((certificate) =>
        withLists(toJson(certificate) as JsonObject),
      ),
    }),
};

/** Here Envoy prints empty lists too. */
function withLists({ ca_cert: authorities, cert_chain: chain }: JsonObject): JsonObject {
  const all = (list: JsonValue | undefined): JsonObject[] =>
    ((list ?? []) as JsonObject[]).map(
      ({ path = "", serial_number = "", subject_alt_names = [], ...rest }) => ({
        path,
        serial_number,
        subject_alt_names,
        ...rest,
      }),
    );
  return { ca_cert: all(authorities), cert_chain: all(chain) };
}
