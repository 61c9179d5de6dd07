import type { HeaderValueOption } from "@nuncio/api/types/envoy/config/core/v3/base_pb";
import type { IrHeaderMutation } from "../ir/route.ts";
import type { Init } from "./message.ts";

/** `HeaderValueOption.HeaderAppendAction` */
const APPEND = 0;
const OVERWRITE = 2;

/** Changes of headers as routes and weighted clusters have them. */
export interface HeaderFields {
  requestHeadersToAdd?: Init<HeaderValueOption>[];
  requestHeadersToRemove?: string[];
  responseHeadersToAdd?: Init<HeaderValueOption>[];
  responseHeadersToRemove?: string[];
}

/** The changes of requests and of responses; `Host` is left out, see `hostOf`. */
export function headerFields(
  request: IrHeaderMutation | undefined,
  response: IrHeaderMutation | undefined,
): HeaderFields {
  return {
    ...(request === undefined
      ? {}
      : {
          requestHeadersToAdd: additions(request),
          requestHeadersToRemove: request.remove.filter((name) => !isHost(name)),
        }),
    ...(response === undefined
      ? {}
      : {
          responseHeadersToAdd: additions(response),
          responseHeadersToRemove: [...response.remove],
        }),
  };
}

/** What a change of headers makes of the host: Envoy takes it by another way, and refuses it among headers. */
export function hostOf(request: IrHeaderMutation | undefined): string | undefined {
  return request?.set.find(([name]) => isHost(name))?.[1];
}

function additions({ set, add }: IrHeaderMutation): Init<HeaderValueOption>[] {
  return [
    ...set.map((header) => addition(header, OVERWRITE)),
    ...add.map((header) => addition(header, APPEND)),
  ].filter(({ header }) => !isHost(header.key));
}

function addition(
  [key, value]: readonly [string, string],
  appendAction: typeof APPEND | typeof OVERWRITE,
): {
  header: { key: string; value: string };
  appendAction: typeof APPEND | typeof OVERWRITE;
  keepEmptyValue: true;
} {
  // What Envoy would replace begins with a percent sign.
  return {
    header: { key, value: value.replaceAll("%", "%%") },
    appendAction,
    keepEmptyValue: true,
  };
}

function isHost(name: string): boolean {
  return name.toLowerCase() === "host" || name === ":authority";
}
