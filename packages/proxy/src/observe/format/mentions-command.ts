import type { CommandArgument, CommandPlan, FormatPart, FormatPlan, JsonNode } from "./plan.ts";

/** Whether a format uses a command, also as an operator of another one: what it reads may cost to measure. */
export function mentionsCommand(plan: FormatPlan, name: string): boolean {
  return plan.kind === "text" ? anyPart(plan.parts, name) : inNode(plan.root, name);
}

function anyPart(parts: readonly (FormatPart | CommandArgument)[], name: string): boolean {
  return parts.some(
    (part) => typeof part === "object" && !("expression" in part) && inCommand(part, name),
  );
}

function inCommand({ command, args }: CommandPlan, name: string): boolean {
  return command === name || anyPart(args, name);
}

function inNode(node: JsonNode, name: string): boolean {
  switch (node.kind) {
    case "constant":
      return false;
    case "command":
      return inCommand(node.command, name);
    case "text":
      return anyPart(node.parts, name);
    case "list":
      return node.items.some((item) => inNode(item, name));
    case "object":
      return node.fields.some(({ value }) => inNode(value, name));
  }
}
