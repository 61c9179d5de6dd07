import { Environment } from "@marcbachmann/cel-js";
import type { ASTNode } from "@marcbachmann/cel-js";
import { CelError } from "./cel-error.ts";
import { callFunction, callMethod } from "./functions.ts";
import { isMacro, macroStep } from "./macros.ts";
import { binaryOperation } from "./operators.ts";
import type { Scope, Step } from "./step.ts";
import { asBoolean, describe, fieldOf, itemAt } from "./values.ts";

/** A rule, ready to run on a value. @throws CelError */
export type CelProgram = (self: unknown) => unknown;

/** The library parses only: closures over plain values are ten times as fast as its evaluation. */
const parser = new Environment({ unlistedVariablesAreDyn: true });

/**
 * Compiles a rule of Kubernetes (CEL over JSON, where `self` is the value).
 * @throws Error on what is no CEL, and on functions, operators and variables that are not implemented
 */
export function compileCel(text: string): CelProgram {
  const step = compileStep(parser.parse(text).ast, new Map([["self", 0]]));
  return (self) => step([self]);
}

function compileStep(node: ASTNode, scope: Scope): Step {
  switch (node.op) {
    case "value":
      return constant(node.args);
    case "id":
      return variable(node.args, scope);
    case ".":
      return selection(node.args[0], node.args[1], scope);
    case "[]":
      return pairOf(node.args, scope, itemAt);
    case "list":
      return listOf(node.args.map((item) => compileStep(item, scope)));
    case "?:":
      return choice(node.args, scope);
    case "&&":
      return shortCut(node.args, scope, false);
    case "||":
      return shortCut(node.args, scope, true);
    case "!_":
      return negation(compileStep(node.args, scope));
    case "-_":
      return opposite(compileStep(node.args, scope));
    case "call":
      return call(node.args[0], node.args[1], scope);
    case "rcall":
      return methodCall(node.args, scope);
    case ".?":
    case "[?]":
    case "map":
      throw new Error(`${node.op} of CEL is not implemented`);
    default:
      return pairOf(node.args, scope, binaryOperation(node.op));
  }
}

function constant(value: unknown): Step {
  if (typeof value === "object" && value !== null)
    throw new Error("bytes and unsigned integers of CEL are not implemented");
  // Integers of JSON are numbers, so those of the rule are as well.
  const plain = typeof value === "bigint" ? Number(value) : value;
  return () => plain;
}

function variable(name: string, scope: Scope): Step {
  const place = scope.get(name);
  if (place === undefined) throw new Error(`variable ${name} of CEL is not known`);
  return (frame) => frame[place];
}

function selection(operand: ASTNode, escaped: string, scope: Scope): Step {
  const value = compileStep(operand, scope);
  const name = unescapeName(escaped);
  return (frame) => fieldOf(value(frame), name);
}

/** Names that are words of CEL, or no names of it, are written differently (Kubernetes' escaping rules). */
function unescapeName(name: string): string {
  if (!name.includes("__")) return name;
  const signs: Readonly<Record<string, string>> = {
    underscores: "__",
    dot: ".",
    dash: "-",
    slash: "/",
  };
  return name.replaceAll(/__([a-z]+?)__/g, (_, word: string) => signs[word] ?? word);
}

function pairOf(
  [left, right]: readonly [ASTNode, ASTNode],
  scope: Scope,
  operation: (left: unknown, right: unknown) => unknown,
): Step {
  const first = compileStep(left, scope);
  const second = compileStep(right, scope);
  return (frame) => operation(first(frame), second(frame));
}

function listOf(items: readonly Step[]): Step {
  return (frame) => items.map((item) => item(frame));
}

function choice([test, yes, no]: readonly [ASTNode, ASTNode, ASTNode], scope: Scope): Step {
  const condition = compileStep(test, scope);
  const then = compileStep(yes, scope);
  const otherwise = compileStep(no, scope);
  return (frame) => (asBoolean(condition(frame)) ? then(frame) : otherwise(frame));
}

/** `&&` and `||`: one side that decides is enough, even when the other one cannot be evaluated. */
function shortCut(
  [left, right]: readonly [ASTNode, ASTNode],
  scope: Scope,
  deciding: boolean,
): Step {
  const first = compileStep(left, scope);
  const second = compileStep(right, scope);
  return (frame) => {
    let value: boolean;
    try {
      value = asBoolean(first(frame));
    } catch (error) {
      if (error instanceof CelError && asBoolean(second(frame)) === deciding) return deciding;
      throw error;
    }
    return value === deciding ? deciding : asBoolean(second(frame));
  };
}

function negation(operand: Step): Step {
  return (frame) => !asBoolean(operand(frame));
}

function opposite(operand: Step): Step {
  return (frame) => {
    const value = operand(frame);
    if (typeof value !== "number") throw new CelError(`no minus of ${describe(value)}`);
    return -value;
  };
}

function call(name: string, args: readonly ASTNode[], scope: Scope): Step {
  if (name === "has") return has(args, scope);
  return callFunction(
    name,
    args.map((arg) => compileStep(arg, scope)),
  );
}

function has([field]: readonly ASTNode[], scope: Scope): Step {
  if (field?.op !== ".") throw new Error("has() of CEL needs a field");
  const operand = compileStep(field.args[0], scope);
  const name = unescapeName(field.args[1]);
  return (frame) => {
    const value = operand(frame);
    if (typeof value !== "object" || value === null || Array.isArray(value))
      throw new CelError(`no field ${name} of ${describe(value)}`);
    return Object.hasOwn(value, name);
  };
}

function methodCall(
  [name, receiver, args]: readonly [string, ASTNode, readonly ASTNode[]],
  scope: Scope,
): Step {
  const operand = compileStep(receiver, scope);
  if (isMacro(name)) return macro(name, operand, args, scope);
  const pattern = args[0];
  return callMethod(
    name,
    operand,
    args.map((arg) => compileStep(arg, scope)),
    pattern?.op === "value" ? pattern.args : undefined,
  );
}

/** `list.all(item, condition)` and its like. */
function macro(name: string, list: Step, args: readonly ASTNode[], scope: Scope): Step {
  const [item, body] = args;
  if (item?.op !== "id" || body === undefined || args.length !== 2)
    throw new Error(`${name}() of CEL needs a variable and an expression`);
  const place = scope.size;
  // One that hides another has a place of its own; the name that nobody can write keeps the count.
  const inner = new Map([...scope, [`${place}`, place]]).set(item.args, place);
  return macroStep(name, list, place, compileStep(body, inner));
}
