import { X509Certificate } from "node:crypto";
import { resolve } from "node:path";
import type { Message } from "@bufbuild/protobuf";
import type { Problem, Problems } from "@nuncio/api";
import type { DataSource } from "@nuncio/api/types/envoy/config/core/v3/base_pb";
import type { CompileContext, RemoteSecret } from "../../../config/context.ts";
import { readDataSource } from "../../../config/data-source.ts";
import { SourcePlaces } from "./source-places.ts";

/** A certificate of a context, as /certs shows it and a gauge tells its end. */
export interface ShownCertificate {
  readonly role: "ca" | "leaf";
  /** The file, or `<inline>`. */
  readonly path: string;
  readonly certificate: X509Certificate;
  /** What stands for it in the name of its gauge: the secret's name, where it has one. */
  readonly gaugeName: string;
}

/** Reads what secrets are made of, and remembers the files: when one of them changes, the secret is read again. */
export class SecretReader {
  readonly ctx: CompileContext;
  /** Absolute paths. */
  readonly files: Set<string>;
  /** Where the configuration names them. */
  readonly places: SourcePlaces;
  /** What was read, in the order of the configuration. */
  readonly shown: ShownCertificate[];
  /** Name of the secret that is being read; empty for none. */
  readonly secretName: string;
  /** Secrets of control planes. */
  readonly remotes: Set<RemoteSecret>;
  /** Readers of what stands in files of its own. */
  readonly #inFiles: SecretReader[] = [];
  /** What is read stands in the file of a secret. */
  #inFile = false;

  constructor(ctx: CompileContext, outer: SecretReader | null = null, secretName = "") {
    this.ctx = ctx;
    this.files = outer?.files ?? new Set();
    this.places = outer?.places ?? new SourcePlaces();
    this.shown = outer?.shown ?? [];
    this.remotes = outer?.remotes ?? new Set();
    this.secretName = secretName;
  }

  /** Some of the secrets have not come yet. */
  get waits(): boolean {
    return [...this.remotes].some(({ current }) => current === null);
  }

  /** False when it is known already. */
  addRemote(secret: RemoteSecret): boolean {
    const isNew = !this.remotes.has(secret);
    this.remotes.add(secret);
    return isNew;
  }

  /** For what a secret of the configuration holds. */
  inSecret(name: string): SecretReader {
    return new SecretReader(this.ctx, this, name);
  }

  /** For a secret out of a file: what is wrong in there is no fault of the configuration. */
  inFile(problems: Problems, name: string): SecretReader {
    const reader = new SecretReader({ ...this.ctx, problems }, this, name);
    reader.#inFile = true;
    this.#inFiles.push(reader);
    return reader;
  }

  /**
   * As Envoy, which shows what the file of a secret names as if it stood there.
   * @param unnamed stands for the name of what is no secret
   */
  show(role: ShownCertificate["role"], path: string, pem: string, unnamed: string): void {
    const certificate = new X509Certificate(pem);
    const shownPath = this.#inFile ? INLINE : path;
    this.shown.push({
      role,
      path: shownPath,
      certificate,
      gaugeName: this.secretName || unnamed,
    });
  }

  /** Remembers a file that `source` names. */
  addFile(path: string, source: Message): void {
    this.files.add(resolve(path));
    if (!this.#inFile) this.places.add(source, this.ctx.problems);
  }

  /** Whether a secret came, or was to come, out of a file of its own. */
  get readsSecretFiles(): boolean {
    return this.#inFiles.length > 0;
  }

  /** What is wrong in the files of secrets. */
  get rejections(): readonly Problem[] {
    return this.#inFiles.flatMap(({ ctx }) =>
      ctx.problems.list.filter(({ severity }) => severity === "error"),
    );
  }

  /** Null when it cannot be read, which is a problem, or is not there. */
  read(source: DataSource | undefined): Buffer | null {
    if (source === undefined || source.specifier.case === undefined) return null;
    if (source.specifier.case === "filename") this.addFile(source.specifier.value, source);
    const { list } = this.ctx.problems;
    const before = list.length;
    const bytes = readDataSource(source, this.ctx);
    return list.length > before ? null : bytes;
  }
}

const INLINE = "<inline>";

/** What messages call a source: its file, or `<inline>`. */
export function pathOf(source: DataSource | undefined): string {
  return source?.specifier.case === "filename" ? source.specifier.value : INLINE;
}
