import { toBinary } from "@bufbuild/protobuf";
import { envoyTypes, formatProblem, load } from "@nuncio/api";
import type { ReceivedResource } from "../config/subscriptions.ts";

/**
 * A resource as a control plane sends it, written in YAML; `typeName` is the full name of its message. It is not validated.
 * @throws Error when the text cannot be read
 */
export function resourceOf(typeName: string, yaml: string, name: string): ReceivedResource {
  const { message, problems } = load(typeName, [{ name: "resource.yaml", content: yaml }]);
  if (problems.hasErrors) throw new Error(problems.list.map(formatProblem).join("\n"));
  const value = toBinary(envoyTypes().getMessage(typeName)!, message);
  return { name, version: "1", typeUrl: `type.googleapis.com/${typeName}`, value, aliases: [] };
}
