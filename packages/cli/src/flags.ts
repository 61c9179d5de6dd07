import { UsageError } from "./usage-error.ts";

/** One flag of a command. */
export interface Flag {
  /** Without the dashes: `config-path`. */
  readonly name: string;
  /** One letter without the dash. */
  readonly short?: string;
  /** What stands for the value in the help: `FILE`. Without it the flag is a switch. */
  readonly value?: string;
  /** All values that there are; whoever reads the flag checks it. */
  readonly choices?: readonly string[];
  /** May be given more than once. */
  readonly repeatable?: boolean;
  readonly help: string;
  /** Set for a flag that is known and not taken: what is missing, for the error. */
  readonly refused?: string;
}

/** Values by flag name, in the order given; a switch has one empty value. */
export type GivenFlags = ReadonlyMap<string, readonly string[]>;

/**
 * Reads a command line. Takes what Envoy takes (`--flag value`, `-f value`, `--` ends it) and also `--flag=value`.
 * A flag given twice, an unknown one, a missing value and a stray argument are errors, as they are in Envoy. With
 * `operands`, arguments that are no flags go there, `-` for stdin among them.
 *
 * @throws UsageError
 */
export function readFlags(
  flags: readonly Flag[],
  args: readonly string[],
  operands?: string[],
): GivenFlags {
  const given = new Map<string, string[]>();
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    if (arg === "--") break;
    if (operands !== undefined && (!arg.startsWith("-") || arg === "-")) {
      operands.push(arg);
      continue;
    }
    const { flag, inline } = findFlag(flags, arg);
    if (flag.refused !== undefined)
      throw new UsageError(`--${flag.name}: not implemented: ${flag.refused}`);
    let value = "";
    if (flag.value !== undefined) {
      if (inline === undefined) i++;
      value = inline ?? args[i] ?? missingValue(flag);
    } else if (inline !== undefined) {
      throw new UsageError(`--${flag.name}: expected no value, got "${inline}"`);
    }
    const values = given.get(flag.name);
    if (values === undefined) given.set(flag.name, [value]);
    else if (flag.repeatable === true) values.push(value);
    else throw new UsageError(`--${flag.name}: given more than once`);
  }
  return given;
}

/** The flags as lines of a help text. */
export function describeFlags(flags: readonly Flag[]): string {
  const heads = flags.map((flag) => {
    const short = flag.short === undefined ? "    " : `-${flag.short}, `;
    return `  ${short}--${flag.name}${flag.value === undefined ? "" : ` ${flag.value}`}`;
  });
  const width = Math.max(...heads.map((head) => head.length)) + 2;
  return flags.map((flag, i) => heads[i]!.padEnd(width) + flag.help).join("\n");
}

function findFlag(flags: readonly Flag[], arg: string): { flag: Flag; inline: string | undefined } {
  const equals = arg.startsWith("--") ? arg.indexOf("=") : -1;
  const head = equals === -1 ? arg : arg.slice(0, equals);
  const flag = flags.find(
    ({ name, short }) => head === `--${name}` || (short !== undefined && head === `-${short}`),
  );
  if (flag !== undefined)
    return { flag, inline: equals === -1 ? undefined : arg.slice(equals + 1) };
  if (!arg.startsWith("-")) throw new UsageError(`expected a flag, got "${arg}"`);
  const near = flags.find(({ name }) => isNear(head, `--${name}`));
  throw new UsageError(
    `unknown flag ${head}${near === undefined ? "" : `, did you mean --${near.name}?`}`,
  );
}

function missingValue(flag: Flag): never {
  throw new UsageError(`--${flag.name}: expected a value (${flag.value})`);
}

/** One letter wrong, missing or too many, or `_` for `-`. */
function isNear(a: string, b: string): boolean {
  const left = a.replaceAll("_", "-");
  if (left === b) return true;
  let start = 0;
  while (start < left.length && left[start] === b[start]) start++;
  let end = 0;
  while (end < Math.min(left.length, b.length) - start && left.at(-1 - end) === b.at(-1 - end))
    end++;
  return Math.max(left.length, b.length) - start - end <= 1;
}
