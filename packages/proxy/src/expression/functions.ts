import type { ExpressionOptions } from "./model.ts";

/** Numbers of arguments with which a function may be called: `f(a, b)`, and `target.f(a)`. */
interface Arity {
  readonly global: readonly number[];
  readonly method: readonly number[];
}

const TIME_PARTS = [
  "getFullYear",
  "getMonth",
  "getDate",
  "getDayOfMonth",
  "getDayOfWeek",
  "getDayOfYear",
  "getHours",
  "getMinutes",
  "getSeconds",
  "getMilliseconds",
];

const BUILT_IN: ReadonlyMap<string, Arity> = new Map([
  ...operators([1], "!_", "-_", "@not_strictly_false", "__not_strictly_false__"),
  ...operators([2], "_+_", "_-_", "_*_", "_/_", "_%_", "_==_", "_!=_", "_<_", "_<=_", "_>_"),
  ...operators([2], "_>=_", "_[_]", "@in", "_in_", "in", "_&&_", "_||_"),
  ...operators([3], "_?_:_"),
  ...operators(
    [1],
    "bool",
    "bytes",
    "double",
    "duration",
    "dyn",
    "int",
    "timestamp",
    "type",
    "uint",
  ),
  ...TIME_PARTS.map((name): [string, Arity] => [name, { global: [], method: [0, 1] }]),
  ["size", { global: [1], method: [0] }],
  ["contains", { global: [2], method: [1] }],
  ["startsWith", { global: [2], method: [1] }],
  ["endsWith", { global: [2], method: [1] }],
  ["matches", { global: [2], method: [1] }],
  ["re.extract", { global: [3], method: [] }],
  ["re.capture", { global: [2], method: [] }],
  ["re.captureN", { global: [2], method: [] }],
]);

const STRING_CONVERSION: ReadonlyMap<string, Arity> = new Map(operators([1], "string"));

const STRING_FUNCTIONS: ReadonlyMap<string, Arity> = new Map([
  ["charAt", { global: [], method: [1] }],
  ["format", { global: [], method: [1] }],
  ["indexOf", { global: [], method: [1, 2] }],
  ["join", { global: [], method: [0, 1] }],
  ["lastIndexOf", { global: [], method: [1, 2] }],
  ["lowerAscii", { global: [], method: [0] }],
  ["replace", { global: [], method: [2, 3] }],
  ["reverse", { global: [], method: [0] }],
  ["split", { global: [], method: [1, 2] }],
  ["strings.quote", { global: [1], method: [] }],
  ["substring", { global: [], method: [1, 2] }],
  ["trim", { global: [], method: [0] }],
  ["upperAscii", { global: [], method: [0] }],
]);

/** Whether Envoy has a function of this name with so many arguments, beside the target of a method. */
export function hasFunction(
  name: string,
  style: keyof Arity,
  args: number,
  options: ExpressionOptions,
): boolean {
  const has = (table: ReadonlyMap<string, Arity>): boolean =>
    table.get(name)?.[style].includes(args) === true;
  return (
    has(BUILT_IN) ||
    (options.stringConversion && has(STRING_CONVERSION)) ||
    (options.stringFunctions && has(STRING_FUNCTIONS))
  );
}

function operators(args: readonly number[], ...names: readonly string[]): [string, Arity][] {
  return names.map((name) => [name, { global: args, method: [] }]);
}
