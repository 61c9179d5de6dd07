import { resolve } from "node:path";
import type { Problem, Problems } from "@nuncio/api";
import type { DataSource } from "@nuncio/api/types/envoy/config/core/v3/base_pb";
import type { CompileContext } from "../../../config/context.ts";
import { readDataSource } from "../../../config/data-source.ts";

/** Reads what secrets are made of, and remembers the files: when one of them changes, the secret is read again. */
export class SecretReader {
  readonly ctx: CompileContext;
  /** Absolute paths. */
  readonly files: Set<string>;
  /** Readers of what stands in files of its own. */
  readonly #inner: SecretReader[] = [];

  constructor(ctx: CompileContext, files: Set<string> = new Set()) {
    this.ctx = ctx;
    this.files = files;
  }

  /** For a secret out of a file: what is wrong in there is no fault of the configuration. */
  inFile(problems: Problems): SecretReader {
    const reader = new SecretReader({ ...this.ctx, problems }, this.files);
    this.#inner.push(reader);
    return reader;
  }

  /** What is wrong in the files of secrets. */
  get rejections(): readonly Problem[] {
    return this.#inner.flatMap(({ ctx }) =>
      ctx.problems.list.filter(({ severity }) => severity === "error"),
    );
  }

  /** Null when it cannot be read, which is a problem, or is not there. */
  read(source: DataSource | undefined): Buffer | null {
    if (source === undefined || source.specifier.case === undefined) return null;
    if (source.specifier.case === "filename") this.files.add(resolve(source.specifier.value));
    const { list } = this.ctx.problems;
    const before = list.length;
    const bytes = readDataSource(source, this.ctx);
    return list.length > before ? null : bytes;
  }
}

/** What messages call a source: its file, or `<inline>`. */
export function pathOf(source: DataSource | undefined): string {
  return source?.specifier.case === "filename" ? source.specifier.value : "<inline>";
}
