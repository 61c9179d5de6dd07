import { getOption } from "@bufbuild/protobuf";
import type { DescMethod } from "@bufbuild/protobuf";
import { envoyTypes } from "@nuncio/api";
import { ADS_SERVICE, serviceOf } from "../types/discovery-messages.ts";
import { resourceTypeOfUrl } from "../types/resource-type.ts";

/** The method of a gRPC stream for all types. */
export function aggregatedMethod(isDelta: boolean): DescMethod {
  return methodOf(ADS_SERVICE, isDelta ? "Delta" : "Stream")!;
}

/** The method of a gRPC stream for one type; undefined when the type has none for the protocol (VHDS is delta only). */
export function streamMethod(typeUrl: string, isDelta: boolean): DescMethod | undefined {
  const service = resourceTypeOfUrl(typeUrl)?.service;
  return service === undefined ? undefined : methodOf(service, isDelta ? "Delta" : "Stream");
}

/** `/v3/discovery:clusters`: where a type is polled; undefined when it cannot be. */
export function restPath(typeUrl: string): string | undefined {
  const service = resourceTypeOfUrl(typeUrl)?.service;
  const method = service === undefined ? undefined : methodOf(service, "Fetch");
  const http = envoyTypes().getExtension("google.api.http");
  if (method === undefined || http === undefined) return undefined;
  const { pattern } = getOption(method, http) as { pattern: { case: string; value: string } };
  return pattern.case === "post" ? pattern.value : undefined;
}

function methodOf(service: string, prefix: "Stream" | "Delta" | "Fetch"): DescMethod | undefined {
  return serviceOf(service).methods.find(({ name }) => name.startsWith(prefix));
}
