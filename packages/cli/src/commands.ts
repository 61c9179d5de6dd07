import { UsageError } from "./usage-error.ts";
import { versionLine } from "./version.ts";

/** A command resolves to the exit code. */
interface Command {
  readonly help: string;
  /** Loads the command's code only when it is asked for: `nuncio version` needs no proxy. */
  readonly run: (args: readonly string[]) => Promise<number>;
}

const COMMANDS: { readonly [name: string]: Command } = {
  proxy: {
    help: "run an Envoy v3 configuration; nuncio proxy --help lists the flags",
    run: async (args) => (await import("./proxy/command.ts")).proxyCommand(args),
  },
  gateway: {
    help: "serve resources of Gateway API; nuncio gateway --help lists the flags",
    run: async (args) => (await import("./gateway/command.ts")).gatewayCommand(args),
  },
  explain: {
    help: "tell what a configuration does with a request, and why",
    run: async (args) => (await import("./explain/command.ts")).explainCommand(args),
  },
  restart: {
    help: "hot restart: a new process takes over from the running proxy",
    run: async (args) => (await import("./restart/command.ts")).restartCommand(args),
  },
  ctl: {
    help: "look into what runs; nuncio ctl --help lists what there is",
    run: async (args) => (await import("./ctl/command.ts")).ctlCommand(args),
  },
  quickstart: {
    help: "run the example configuration in front of two demo services",
    run: async (args) => (await import("./quickstart/command.ts")).quickstartCommand(args),
  },
  version: { help: "print the version", run: async (args) => print(args, `${versionLine()}\n`) },
  help: { help: "print this", run: async (args) => print(args, helpText()) },
};

const ALIASES: { readonly [flag: string]: string } = {
  "--help": "help",
  "-h": "help",
  "--version": "version",
};

/**
 * Runs `nuncio ARGS…` and resolves to the exit code.
 *
 * @throws UsageError
 */
export async function runCommand([name, ...rest]: readonly string[]): Promise<number> {
  if (name === undefined) {
    process.stderr.write(helpText());
    return 1;
  }
  const key = Object.hasOwn(ALIASES, name) ? ALIASES[name]! : name;
  if (Object.hasOwn(COMMANDS, key)) return COMMANDS[key]!.run(rest);
  throw new UsageError(`expected a command (${Object.keys(COMMANDS).join(", ")}), got "${name}"`);
}

function helpText(): string {
  const width = Math.max(...Object.keys(COMMANDS).map((name) => name.length)) + 2;
  const lines = Object.entries(COMMANDS).map(
    ([name, { help }]) => `  ${name.padEnd(width)}${help}`,
  );
  return `usage: nuncio COMMAND [flags]\n\n${lines.join("\n")}\n`;
}

function print(args: readonly string[], text: string): number {
  if (args.length > 0) throw new UsageError(`expected no arguments, got "${args[0]}"`);
  process.stdout.write(text);
  return 0;
}
