import { getOption, hasOption } from "@bufbuild/protobuf";
import type {
  DescEnum,
  DescExtension,
  DescField,
  DescMessage,
  DescOneof,
  Message,
} from "@bufbuild/protobuf";
import { holdsMessages } from "../message-walk.ts";
import type { TypeRegistry } from "../registry/type-registry.ts";
import type { FieldRules } from "./field-rules.ts";
import { compileFieldRules } from "./field-rules.ts";

/** What to check in messages of one type; fields with nothing to check are left out. */
export interface MessagePlan {
  readonly fields: readonly FieldPlan[];
  readonly requiredOneofs: readonly DescOneof[];
}

export interface FieldPlan {
  readonly field: DescField;
  readonly rules: FieldRules | undefined;
  /** Set fields are warned of; `disallowed` ones are errors (envoy.annotations.disallowed_by_default). */
  readonly deprecated: boolean;
  readonly disallowed: boolean;
  /** Deprecated values of an enum field, by number. */
  readonly deprecatedValues: ReadonlyMap<number, string> | undefined;
  readonly descends: boolean;
}

/** Envoy never checks these two, and their 0 turns off what below 100 makes no sense. */
const UNCHECKED: ReadonlySet<string> = new Set([
  "envoy.extensions.load_balancing_policies.common.v3.ConsistentHashingLbConfig.hash_balance_factor",
  "envoy.extensions.load_balancing_policies.ring_hash.v3.RingHash.hash_balance_factor",
]);

/** Makes the plans of message types, each at its first use. */
export class MessagePlans {
  readonly #types: TypeRegistry;
  readonly #plans = new Map<string, MessagePlan>();
  readonly #rules: DescExtension;
  readonly #required: DescExtension;
  readonly #disallowed: DescExtension;

  constructor(types: TypeRegistry) {
    this.#types = types;
    this.#rules = extension(types, "validate.rules");
    this.#required = extension(types, "validate.required");
    this.#disallowed = extension(types, "envoy.annotations.disallowed_by_default");
  }

  /** The plan of a type, or undefined when the type is not known. */
  get(typeName: string): MessagePlan | undefined {
    let plan = this.#plans.get(typeName);
    if (plan !== undefined) return plan;
    const desc = this.#types.getMessage(typeName);
    if (desc === undefined) return undefined;
    plan = this.#make(desc);
    this.#plans.set(typeName, plan);
    return plan;
  }

  #make(desc: DescMessage): MessagePlan {
    const fields = desc.fields
      .map((field) => this.#makeField(field))
      .filter((plan) => plan !== undefined);
    return {
      fields,
      requiredOneofs: desc.oneofs.filter((oneof) => hasOption(oneof, this.#required)),
    };
  }

  #makeField(field: DescField): FieldPlan | undefined {
    const plan: FieldPlan = {
      field,
      rules:
        hasOption(field, this.#rules) && !UNCHECKED.has(`${field.parent.typeName}.${field.name}`)
          ? compileFieldRules(field, this.#rules.message!, getOption(field, this.#rules) as Message)
          : undefined,
      deprecated: field.deprecated,
      disallowed: hasOption(field, this.#disallowed),
      deprecatedValues: field.enum === undefined ? undefined : deprecatedValues(field.enum),
      descends: holdsMessages(field) && looksInside(field),
    };
    const isIdle =
      plan.rules === undefined &&
      !plan.deprecated &&
      plan.deprecatedValues === undefined &&
      !plan.descends;
    return isIdle ? undefined : plan;
  }
}

function looksInside(field: DescField): boolean {
  const typeName = field.message?.typeName ?? "";
  return typeName === "google.protobuf.Any" || !typeName.startsWith("google.protobuf.");
}

function deprecatedValues(type: DescEnum): ReadonlyMap<number, string> | undefined {
  const found = type.values
    .filter((value) => value.deprecated)
    .map((value) => [value.number, value.name] as const);
  return found.length === 0 ? undefined : new Map(found);
}

function extension(types: TypeRegistry, name: string): DescExtension {
  const found = types.getExtension(name);
  if (found === undefined) throw new Error(`descriptor set without the extension ${name}`);
  return found;
}
