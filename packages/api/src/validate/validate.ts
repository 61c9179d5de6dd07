import type { DescField, Message } from "@bufbuild/protobuf";
import type { Any } from "@bufbuild/protobuf/wkt";
import { unpack } from "../load/any.ts";
import type { Loaded } from "../load/load.ts";
import { fieldValue, forEachMessage } from "../message-walk.ts";
import type { Problems } from "../problems.ts";
import { envoyTypes } from "../registry/envoy-types.ts";
import type { FieldRules } from "./field-rules.ts";
import type { FieldPlan } from "./message-plan.ts";
import { MessagePlans } from "./message-plan.ts";

/** Envoy takes these as they are, in spite of the rules that they have. */
const UNCHECKED: ReadonlySet<string> = new Set([
  "envoy.extensions.transport_sockets.tls.v3.SPIFFECertValidatorConfig",
]);

let plans: MessagePlans | undefined;

/**
 * Checks a loaded message, and all messages in it and in its Anys, against the rules in the API's own files
 * (`validate.rules`), and reports what is deprecated. Adds to the problems of the load; never throws because of its input.
 */
export function validate({
  message,
  problems,
  origins,
}: Pick<Loaded, "message" | "problems" | "origins">): void {
  plans ??= new MessagePlans(envoyTypes());
  new Validator(plans, problems, (candidate) => origins.isBroken(candidate)).message(message);
}

class Validator {
  readonly #plans: MessagePlans;
  readonly #problems: Problems;
  readonly #isBroken: (message: Message) => boolean;

  constructor(
    messagePlans: MessagePlans,
    problems: Problems,
    isBroken: (message: Message) => boolean,
  ) {
    this.#plans = messagePlans;
    this.#problems = problems;
    this.#isBroken = isBroken;
  }

  message(message: Message): void {
    const plan = this.#plans.get(message.$typeName);
    if (plan === undefined) return;
    for (const field of plan.fields) this.#field(message, field);
    for (const oneof of plan.requiredOneofs) {
      const chosen = (message as unknown as Record<string, { case: string | undefined }>)[
        oneof.localName
      ];
      if (chosen?.case === undefined && !this.#isBroken(message)) {
        const names = oneof.fields.map((field) => field.name).join(", ");
        this.#problems.error(message, undefined, `${oneof.name} is required: set one of ${names}`);
      }
    }
  }

  #field(message: Message, plan: FieldPlan): void {
    const { field, rules } = plan;
    const set = fieldValue(message, field);
    this.#deprecation(message, plan, set);
    if (rules !== undefined) this.#rules(message, field, rules, set);
    if (set === undefined || !plan.descends || rules?.skipped === true) return;
    forEachMessage(field, set, (child) => {
      const inner = child.$typeName === "google.protobuf.Any" ? unpack(child as Any) : child;
      if (inner !== undefined && !UNCHECKED.has(inner.$typeName)) this.message(inner);
    });
  }

  #rules(message: Message, field: DescField, rules: FieldRules, set: unknown): void {
    // What is missing in a message that could not be read whole has been reported when it was read.
    if (set === undefined && this.#isBroken(message)) return;
    const value = set ?? unsetValue(message, field);
    if (value === undefined) {
      // In a oneof the rules are those of the chosen field.
      const isMissing = rules.required && field.oneof === undefined;
      if (isMissing) this.#problems.error(message, field.name, "value is required");
      return;
    }
    this.#report(message, field.name, rules.check?.(value), undefined);
    if (rules.checkItem === undefined && rules.checkKey === undefined) return;
    const isList = field.fieldKind === "list";
    for (const [key, item] of Object.entries(value as object)) {
      const index = isList ? Number(key) : key;
      this.#report(message, field.name, rules.checkKey?.(key), index);
      this.#report(message, field.name, rules.checkItem?.(item), index);
    }
  }

  #report(
    message: Message,
    field: string,
    text: string | undefined,
    index: number | string | undefined,
  ): void {
    if (text !== undefined) this.#problems.error(message, field, text, index);
  }

  #deprecation(message: Message, plan: FieldPlan, set: unknown): void {
    const { field } = plan;
    if (set !== undefined && plan.disallowed) {
      this.#problems.error(
        message,
        field.name,
        `deprecated and no longer allowed: ${field.parent.typeName}.${field.name}`,
      );
    } else if (set !== undefined && plan.deprecated) {
      this.#problems.warning(
        message,
        field.name,
        `deprecated: ${field.parent.typeName}.${field.name}`,
      );
    }
    if (plan.deprecatedValues === undefined) return;
    for (const number of numbersOf(set ?? unsetValue(message, field))) {
      const name = plan.deprecatedValues.get(number);
      if (name !== undefined)
        this.#problems.warning(
          message,
          field.name,
          `deprecated value ${name} of ${field.parent.typeName}.${field.name}`,
        );
    }
  }
}

/** The zero that a field without presence has when it is not set; the rules apply to it. */
function unsetValue(message: Message, field: DescField): unknown {
  return field.oneof === undefined
    ? (message as unknown as Record<string, unknown>)[field.localName]
    : undefined;
}

function numbersOf(value: unknown): number[] {
  if (typeof value === "number") return [value];
  return value !== undefined && value !== null ? Object.values(value as number[]) : [];
}
