import { UsageError } from "../usage-error.ts";

interface Subcommand {
  readonly help: string;
  readonly run: (args: readonly string[]) => Promise<number>;
}

const SUBCOMMANDS: { readonly [name: string]: Subcommand } = {
  xds: {
    help: "what control planes gave a running proxy; nuncio ctl xds --help lists the flags",
    run: async (args) => (await import("./xds.ts")).ctlXds(args),
  },
};

/**
 * `nuncio ctl`: looks into what runs. Resolves to the exit code.
 *
 * @throws UsageError
 */
export async function ctlCommand([name = "", ...rest]: readonly string[]): Promise<number> {
  if (Object.hasOwn(SUBCOMMANDS, name)) return SUBCOMMANDS[name]!.run(rest);
  if (name !== "--help" && name !== "-h") {
    const seen = name === "" ? "none" : `"${name}"`;
    throw new UsageError(
      `ctl: expected one of ${Object.keys(SUBCOMMANDS).join(", ")}, got ${seen}`,
    );
  }
  const lines = Object.entries(SUBCOMMANDS).map(([sub, { help }]) => `  ${sub}  ${help}`);
  process.stdout.write(`usage: nuncio ctl WHAT [flags]\n\n${lines.join("\n")}\n`);
  return 0;
}
