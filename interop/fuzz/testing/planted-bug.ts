import type { FuzzTarget } from "../target.ts";

const WORD = Buffer.from("nunci");

/** Five bytes have to be right, each of which only shows once those before it are. */
export const plantedBug: FuzzTarget = {
  name: "planted-bug",
  covers: ["/interop/fuzz/testing/planted-bug.ts"],
  runs: 60_000,
  seeds: [Buffer.from("a seed")],
  dictionary: [],
  run(input: Buffer): void {
    if (input[0] === WORD[0]) {
      if (input[1] === WORD[1]) {
        if (input[2] === WORD[2]) {
          if (input[3] === WORD[3]) {
            if (input[4] === WORD[4]) throw new Error("the planted bug");
          }
        }
      }
    }
  },
};
