import type { Message } from "@bufbuild/protobuf";
import { toJson } from "@nuncio/api";
import { findResource, matchesName, trim } from "../config-dump-select.ts";
import type { JsonObject } from "../config-dump-select.ts";
import { JSON_TYPE, json } from "../handler.ts";
import type { AdminHandler, AdminReply } from "../handler.ts";
import { compileRegex } from "../regex.ts";

/** `envoy.admin.v3.ConfigDump`, whole or the part that is asked for. Sensitive fields are redacted. */
export const configDump: AdminHandler = {
  path: "/config_dump",
  help: "dump current Envoy configs",
  mutates: false,
  params: [
    { id: "resource", help: "The resource to dump" },
    {
      id: "mask",
      help:
        "The mask to apply. When both resource and mask are specified, the mask is applied to every element in the " +
        "desired repeated field so that only a subset of fields are returned. The mask is parsed as a " +
        "Protobuf::FieldMask",
    },
    {
      id: "name_regex",
      help:
        "Dump only the currently loaded configurations whose names match the specified regex. Can be used with " +
        "both resource and mask query parameters.",
    },
    {
      id: "include_eds",
      help: "Dump currently loaded configuration including EDS. See the response definition for more information",
    },
  ],
  handle: ({ params }, providers) => {
    const pattern = params.get("name_regex") ?? "";
    const regex = compileRegex(pattern);
    if (!regex.ok) {
      return plain(
        `INVALID_ARGUMENT: Error while parsing name_regex from ${pattern}: ${regex.error}`,
        400,
      );
    }
    const names = pattern === "" ? null : (name: string) => regex.matches(name);
    const dumps = [...providers.configDump(params.has("include_eds"))];
    const resource = params.get("resource") ?? "";
    const mask = params.get("mask") ?? "";
    return resource === "" ? whole(dumps, mask, names) : one(dumps, resource, mask, names);
  },
};

type NameTest = ((name: string) => boolean) | null;

function whole(dumps: readonly Message[], mask: string, names: NameTest): AdminReply {
  const selected: [typeName: string, value: JsonObject][] = [];
  for (const dump of dumps) {
    const value = toJson(dump, { redact: true }) as JsonObject;
    const trimmed = mask === "" ? value : trim(dump.$typeName, value, mask.split(","));
    if (trimmed === null) continue;
    selected.push([dump.$typeName, names === null ? trimmed : withNames(trimmed, names)]);
  }
  if (selected.length === 0 && mask !== "") {
    return plain(`FieldMask ${mask} could not be successfully applied to any configs.`, 400);
  }
  return configs(selected.map(([type, value]) => typed(type, value)));
}

function one(
  dumps: readonly Message[],
  resource: string,
  mask: string,
  names: NameTest,
): AdminReply {
  for (const dump of dumps) {
    const found = findResource(dump.$typeName, resource);
    if (found === null) continue;
    if (found.elementType === null) {
      return plain(
        `${resource} is not a repeated field. Use ?mask=${resource} to get only this field`,
        400,
      );
    }
    const { elementType } = found;
    const value = toJson(dump, { redact: true }) as JsonObject;
    const elements = (value[resource] ?? []) as JsonObject[];
    const wanted =
      names === null ? elements : elements.filter((element) => matchesName(element, names));
    const trimmed = wanted.map((element) =>
      mask === "" ? element : trim(elementType, element, mask.split(",")),
    );
    if (trimmed.includes(null))
      return plain(`FieldMask ${mask} could not be successfully used.`, 400);
    return configs(trimmed.map((element) => typed(elementType, element!)));
  }
  return plain(`${resource} not found in config dump`, 404);
}

/** Leaves of each list the resources whose name matches; what has no name stays. */
function withNames(dump: JsonObject, names: (name: string) => boolean): JsonObject {
  return Object.fromEntries(
    Object.entries(dump).map(([field, value]) => [
      field,
      Array.isArray(value)
        ? value.filter((element) => matchesName(element as JsonObject, names))
        : value,
    ]),
  );
}

function typed(typeName: string, value: JsonObject): JsonObject {
  return { "@type": `type.googleapis.com/${typeName}`, ...value };
}

function configs(list: readonly JsonObject[]): AdminReply {
  return list.length === 0 ? json({}) : { status: 200, contentType: JSON_TYPE, body: pieces(list) };
}

/** The same text as `json({ configs: list })`, config by config. */
function* pieces(list: readonly JsonObject[]): Generator<string> {
  yield '{\n "configs": [\n';
  for (const [i, value] of list.entries()) {
    const indented = JSON.stringify(value, null, 1).replace(/^/gm, "  ");
    yield i === list.length - 1 ? `${indented}\n` : `${indented},\n`;
  }
  yield " ]\n}\n";
}

function plain(body: string, status: number): AdminReply {
  return { status, contentType: "text/plain", body };
}
