import type { FormatContext } from "../../stream-info.ts";
import { NumberCommand, TextCommand, textCommand } from "../command.ts";
import type { Command, CommandTable } from "../command.ts";
import { grpcStatusOf, grpcStatusText, isGrpcRequest } from "../grpc-status.ts";
import { responseFlagsLongText, responseFlagsText } from "../response-flags.ts";

const GRPC_FORMS = ["", "CAMEL_STRING", "SNAKE_STRING", "NUMBER"];

/** How the stream was answered. */
export const responseCommands: CommandTable = {
  PROTOCOL: textCommand((context) => context.streamInfo.protocol || null),
  RESPONSE_CODE: {
    params: "none",
    length: false,
    build: () => new NumberCommand((context) => context.streamInfo.responseCode),
  },
  RESPONSE_CODE_DETAILS: {
    params: "optional",
    length: false,
    build: ([spaces]) =>
      new TextCommand((context) => {
        const details = context.streamInfo.responseCodeDetails;
        if (details === "") return null;
        return spaces === "ALLOW_WHITESPACES" ? details : underscored(details);
      }),
  },
  CONNECTION_TERMINATION_DETAILS: textCommand(
    (context) => context.streamInfo.connectionTerminationDetails || null,
  ),
  DOWNSTREAM_LOCAL_CLOSE_REASON: textCommand(
    ({ streamInfo }) => streamInfo.downstreamLocalCloseReason || null,
  ),
  DOWNSTREAM_DETECTED_CLOSE_TYPE: textCommand(({ streamInfo }) => streamInfo.downstreamCloseType),
  RESPONSE_FLAGS: textCommand((context) => responseFlagsText(context.streamInfo)),
  RESPONSE_FLAGS_LONG: textCommand((context) => responseFlagsLongText(context.streamInfo)),
  LOCAL_REPLY_BODY: textCommand((context) => context.localReplyBody),
  GRPC_STATUS: {
    params: "optional",
    length: false,
    parse: (params) =>
      GRPC_FORMS.includes(params)
        ? { args: [params || "CAMEL_STRING"] }
        : {
            error: `GrpcStatusFormatter only supports CAMEL_STRING, SNAKE_STRING or NUMBER. Got: ${params}`,
          },
    build: ([form]) => grpcStatusCommand(form as "CAMEL_STRING" | "SNAKE_STRING" | "NUMBER"),
  },
  GRPC_STATUS_NUMBER: { params: "none", length: false, build: () => grpcStatusCommand("NUMBER") },
};

/** Only of requests that are gRPC: others have no gRPC status to log. */
function grpcStatusCommand(form: "CAMEL_STRING" | "SNAKE_STRING" | "NUMBER"): Command {
  const status = (context: FormatContext): number | null =>
    isGrpcRequest(context.requestHeaders) ? grpcStatusOf(context) : null;
  if (form === "NUMBER") {
    return {
      text: (context) => status(context)?.toString() ?? null,
      json: (context) => String(status(context)),
    };
  }
  return new TextCommand((context) => {
    const code = status(context);
    return code === null ? null : grpcStatusText(code, form);
  });
}

/** Spaces and control characters of whitespace become `_`, so that logs split by blanks keep their columns. */
function underscored(text: string): string {
  let out = "";
  let from = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code !== 0x20 && (code < 0x09 || code > 0x0d)) continue;
    out += text.slice(from, i) + "_";
    from = i + 1;
  }
  return from === 0 ? text : out + text.slice(from);
}
