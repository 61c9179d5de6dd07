import type { HeaderMap } from "@nuncio/codec";
import type { WorkerContext } from "../../base/worker-context.ts";
import { buildAccessLogFilter, type AccessLogFilter } from "../../observe/access-log/filter.ts";
import { buildFormatter, type Formatter } from "../../observe/format/formatter.ts";
import type { FormatContext } from "../../observe/stream-info.ts";
import { HeaderMutations } from "../header-mutations/header-mutations.ts";
import { matcherBuilders } from "../route/matchers/builders.ts";
import type { LocalReplyConfig, LocalReplyFormat, LocalReplyMapperConfig } from "./model.ts";

/** What becomes of a local reply's body. */
export interface RewrittenReply {
  readonly body: Buffer;
  readonly contentType: string;
  /** The body is not what it was, and no mapper named its type: an earlier type is wrong now. */
  readonly replacesType: boolean;
}

interface BodyFormat {
  readonly formatter: Formatter;
  readonly contentType: string;
}

interface Mapper {
  readonly filter: AccessLogFilter;
  readonly status: number;
  readonly body: string | null;
  readonly headers: HeaderMutations | null;
  readonly format: BodyFormat | null;
}

/**
 * `local_reply_config` on a worker: the first mapper whose filter matches changes a reply that is made here, then a
 * format makes its body (Envoy's `LocalReply`).
 */
export class LocalReplyRewriter {
  readonly #mappers: readonly Mapper[];
  readonly #format: BodyFormat | null;

  constructor(config: LocalReplyConfig, worker: WorkerContext) {
    this.#mappers = config.mappers.map((mapper) => buildMapper(mapper, worker));
    this.#format = config.format === null ? null : buildFormat(config.format, worker);
  }

  /** Changes `headers` and their status; `stream` tells the reply's code and what else filters and formats ask for. */
  rewrite(stream: FormatContext, headers: HeaderMap, body: string): RewrittenReply {
    const { streamInfo, requestHeaders } = stream;
    const context = {
      streamInfo,
      requestHeaders,
      responseHeaders: headers,
      responseTrailers: null,
      localReplyBody: "",
    };
    const typeBefore = headers.get("content-type");
    const bodyBefore = body;
    let format = this.#format;
    const mapper = this.#mappers.find(({ filter }) => filter(context));
    if (mapper !== undefined) {
      // The mapper's headers see no body yet, as in Envoy.
      mapper.headers?.apply(headers, context);
      if (mapper.status !== 0) {
        headers.status = mapper.status;
        streamInfo.responseCode = mapper.status;
      }
      format = mapper.format ?? format;
    }
    context.localReplyBody = mapper?.body ?? bodyBefore;
    const text = format === null ? context.localReplyBody : format.formatter.text(context);
    return {
      body: Buffer.from(text, "latin1"),
      contentType: format?.contentType ?? "text/plain",
      replacesType: text !== bodyBefore && headers.get("content-type") === typeBefore,
    };
  }
}

function buildMapper(config: LocalReplyMapperConfig, worker: WorkerContext): Mapper {
  const { filter, status, body, headers, format } = config;
  return {
    filter: buildAccessLogFilter(filter, worker, matcherBuilders),
    status,
    body,
    headers: headers === null ? null : new HeaderMutations(headers, worker),
    format: format === null ? null : buildFormat(format, worker),
  };
}

function buildFormat({ plan, contentType }: LocalReplyFormat, worker: WorkerContext): BodyFormat {
  return { formatter: buildFormatter(plan, worker), contentType };
}
