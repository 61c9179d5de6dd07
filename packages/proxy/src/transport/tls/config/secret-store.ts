import { loadMessage } from "@nuncio/api";
import type {
  CertificateValidationContext,
  TlsCertificate,
  TlsSessionTicketKeys,
} from "@nuncio/api/types/envoy/extensions/transport_sockets/tls/v3/common_pb";
import type {
  GenericSecret,
  SdsSecretConfig,
  Secret,
} from "@nuncio/api/types/envoy/extensions/transport_sockets/tls/v3/secret_pb";
import { checkConfigSource } from "../../../config/config-source.ts";
import type { CompileContext } from "../../../config/context.ts";
import { readSecretFile } from "./secret-file.ts";
import type { SecretReader } from "./secret-reader.ts";

/** What a secret may be, by the case of `Secret.type`. */
export interface SecretMessages {
  readonly tlsCertificate: TlsCertificate;
  readonly validationContext: CertificateValidationContext;
  readonly sessionTicketKeys: TlsSessionTicketKeys;
  readonly genericSecret: GenericSecret;
}

export type SecretKind = keyof SecretMessages;

/** A secret, and what reads the files that it names. */
export interface FoundSecret<Kind extends SecretKind> {
  readonly message: SecretMessages[Kind];
  readonly reader: SecretReader;
}

const TYPE_NAMES = {
  tlsCertificate: "TlsCertificate",
  validationContext: "CertificateValidationContext",
  sessionTicketKeys: "TlsSessionTicketKeys",
  genericSecret: "GenericSecret",
} as const satisfies { [Kind in SecretKind]: string };

const UNKNOWN = {
  tlsCertificate: "Unknown static secret",
  validationContext: "Unknown static certificate validation context",
  sessionTicketKeys: "Unknown tls session ticket keys",
  genericSecret: "Unknown static generic secret",
} as const satisfies { [Kind in SecretKind]: string };

/** The secrets of a configuration: static ones by name, and those that files bring. */
export class SecretStore {
  /** What files brought last, by kind and name. */
  readonly fromFiles: Map<string, Secret> = new Map();
  readonly #static = new Map<string, Secret["type"]["value"]>();

  /** `static_resources.secrets`. Their contents are looked at when something uses them, as in Envoy. */
  addStatic(secrets: readonly Secret[], ctx: CompileContext): void {
    for (const secret of secrets) {
      const { type } = secret;
      if (type.case === undefined) {
        ctx.problems.error(secret, "name", "expected a secret, got one of no type");
        continue;
      }
      const key = `${type.case} ${secret.name}`;
      if (this.#static.has(key)) {
        const text = `Duplicate static ${TYPE_NAMES[type.case]} secret name ${secret.name}`;
        ctx.problems.error(secret, "name", text);
      }
      this.#static.set(key, type.value);
    }
  }

  /** The secret that `config` names. Null with a problem, in the configuration or in the secret's own file. */
  find<Kind extends SecretKind>(
    kind: Kind,
    config: SdsSecretConfig,
    reader: SecretReader,
  ): FoundSecret<Kind> | null {
    const source = config.sdsConfig?.configSourceSpecifier.case;
    if (source === "path" || source === "pathConfigSource")
      return this.#findInFile(kind, config, reader);
    if (source !== undefined) return findRemote(kind, config, reader);
    const message = this.#static.get(`${kind} ${config.name}`) as SecretMessages[Kind] | undefined;
    if (message !== undefined) return { message, reader: reader.inSecret(config.name) };
    reader.ctx.problems.error(config, "name", `${UNKNOWN[kind]}: ${config.name}`);
    return null;
  }

  #findInFile<Kind extends SecretKind>(
    kind: Kind,
    config: SdsSecretConfig,
    reader: SecretReader,
  ): FoundSecret<Kind> | null {
    const found = readSecretFile(config, TYPE_NAMES[kind], reader);
    if (found === null) return null;
    const message = ofKind(kind, found.secret, found.reader);
    if (message === null) return null;
    this.fromFiles.set(`${kind} ${config.name}`, found.secret);
    return { message, reader: found.reader };
  }
}

/** Null while it has not come. */
function findRemote<Kind extends SecretKind>(
  kind: Kind,
  config: SdsSecretConfig,
  reader: SecretReader,
): FoundSecret<Kind> | null {
  const { ctx } = reader;
  checkConfigSource(config.sdsConfig!, ctx.problems);
  const remote = ctx.secrets.of(config.name, config.sdsConfig!);
  if (!reader.addRemote(remote)) remote.release();
  if (remote.current === null) return null;
  const inner = reader.inFile(loadMessage(remote.current).problems, config.name);
  const message = ofKind(kind, remote.current, inner);
  return message === null ? null : { message, reader: inner };
}

function ofKind<Kind extends SecretKind>(
  kind: Kind,
  secret: Secret,
  { ctx }: SecretReader,
): SecretMessages[Kind] | null {
  const { type } = secret;
  if (type.case === kind) return type.value as SecretMessages[Kind];
  const seen = type.case === undefined ? "nothing" : TYPE_NAMES[type.case];
  ctx.problems.error(secret, "name", `expected a ${TYPE_NAMES[kind]}, got ${seen}`);
  return null;
}
