import { isFilterStateObject } from "../../filter-state-object.ts";
import type { FormatContext } from "../../stream-info.ts";
import { DataCommand, TextCommand, truncate } from "../command.ts";
import type { Command, CommandDefinition, CommandTable, ParsedCommand } from "../command.ts";
import { jsonValue } from "../json-text.ts";

type Source = (context: FormatContext) => unknown;

/** By the type names of `%METADATA(TYPE:…)%`. */
const SOURCES: { readonly [type: string]: Source } = {
  DYNAMIC: ({ streamInfo }) => streamInfo.dynamicMetadata,
  CLUSTER: ({ streamInfo }) => streamInfo.upstream.clusterMetadata,
  ROUTE: ({ streamInfo }) => streamInfo.routeMetadata ?? null,
  UPSTREAM_HOST: ({ streamInfo }) => streamInfo.upstream.hostMetadata,
  LISTENER: ({ streamInfo }) => streamInfo.downstream?.listener?.metadata,
  LISTENER_FILTER_CHAIN: ({ streamInfo }) => streamInfo.downstream?.filterChainMetadata,
  VIRTUAL_HOST: ({ streamInfo }) => streamInfo.virtualHostMetadata,
};

/** Metadata by namespace and nested keys, and filter state. */
export const metadataCommands: CommandTable = {
  DYNAMIC_METADATA: metadataCommand("DYNAMIC", true),
  CLUSTER_METADATA: metadataCommand("CLUSTER", false),
  UPSTREAM_METADATA: metadataCommand("UPSTREAM_HOST", false),
  METADATA: {
    params: "optional",
    length: true,
    parse: parseMetadata,
    build: ([type, ...path], maxLength) =>
      lookUpCommand(SOURCES[type as string]!, path as string[], maxLength),
  },
  /** Nothing puts objects into the filter state of an upstream connection yet. */
  UPSTREAM_FILTER_STATE: {
    params: "optional",
    length: true,
    parse: parseFilterState,
    build: () => new TextCommand(() => null),
  },
  FILTER_STATE: {
    params: "optional",
    length: true,
    parse: parseFilterState,
    build: ([key, form, field], maxLength) =>
      form === "TYPED"
        ? new TypedStateCommand(key as string, maxLength)
        : new DataCommand((context) => {
            const value = stateOf(context, key as string);
            const object = isFilterStateObject(value);
            if (form === "PLAIN") return object ? value.filterStateText : value;
            return lookUp(object ? value.filterStateFields : value, [field as string]);
          }, maxLength),
  },
};

function metadataCommand(type: string, length: boolean): CommandDefinition {
  return {
    params: "required",
    length,
    parse: (params) => ({ args: params.split(":") }),
    build: (path, maxLength) => lookUpCommand(SOURCES[type]!, path as string[], maxLength),
  };
}

function parseMetadata(params: string): ParsedCommand {
  const [type = "", ...path] = params.split(":");
  if (!Object.hasOwn(SOURCES, type)) return { error: `${type} is not supported type of metadata` };
  return { args: [type, ...path] };
}

function stateOf({ streamInfo }: FormatContext, key: string): unknown {
  return streamInfo.filterState?.get(key);
}

/** The object's JSON, in text with the quotes of a string, too; only text has a length. */
class TypedStateCommand implements Command {
  readonly #key: string;
  readonly #maxLength: number;

  constructor(key: string, maxLength: number) {
    this.#key = key;
    this.#maxLength = maxLength;
  }

  text(context: FormatContext): string | null {
    const value = this.#value(context);
    return value === undefined ? null : truncate(jsonValue(value), this.#maxLength);
  }

  json(context: FormatContext): string {
    return jsonValue(this.#value(context));
  }

  #value(context: FormatContext): unknown {
    const value = stateOf(context, this.#key);
    return isFilterStateObject(value) ? value.filterStateJson : value;
  }
}

/** `KEY`, `KEY:PLAIN`, `KEY:TYPED`, `KEY:FIELD:NAME`. */
function parseFilterState(params: string): ParsedCommand {
  const [key = "", form = "TYPED", field] = params.split(":");
  if (key === "") return { error: "Invalid filter state configuration, key cannot be empty." };
  if (!["PLAIN", "TYPED", "FIELD"].includes(form)) {
    return { error: "Invalid filter state serialize type, only support PLAIN/TYPED/FIELD." };
  }
  if ((form === "FIELD") !== (field !== undefined)) {
    return {
      error: "Invalid filter state serialize type, FIELD should be used with the field name.",
    };
  }
  return { args: [key, form, field ?? ""] };
}

function lookUpCommand(source: Source, path: readonly string[], maxLength: number): DataCommand {
  // Without a namespace there is no value.
  if (path.length === 0) return new DataCommand(() => null, maxLength);
  return new DataCommand((context) => lookUp(source(context), path), maxLength);
}

/** The value at a path of keys; undefined when a step is missing or is no struct. */
export function lookUp(value: unknown, path: readonly string[]): unknown {
  for (const key of path) {
    if (
      typeof value !== "object" ||
      value === null ||
      Array.isArray(value) ||
      !Object.hasOwn(value, key)
    ) {
      return undefined;
    }
    value = (value as { readonly [key: string]: unknown })[key];
  }
  return value;
}
