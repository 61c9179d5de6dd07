import { HELP_FLAG, type CommandGroup } from "../command-line/command.ts";

/** A table of commands with one of each thing that there is. It notes what was run. */
export function smallTable(ran: string[] = []): CommandGroup {
  return {
    help: "a test",
    placeholder: "COMMAND",
    commands: {
      look: {
        help: "look; into files",
        load: async () => ({
          usage: ["FILE [flags]", "--deep"],
          about: ".looks 'into'\n-\\ files",
          flags: [
            { name: "output", short: "o", value: "HOW", choices: ["yaml", "json"], help: "how" },
            { name: "into", value: "FILE", help: "it's where" },
            { name: "count", value: "N", help: "how many" },
            { name: "deep", help: "all", repeatable: true },
            { name: "old", help: "refused", refused: "what is old" },
            HELP_FLAG,
          ],
          operand: "FILE",
          run: async ({ given, operands }) => {
            ran.push(["look", ...given.keys(), ...operands].join(" "));
            return 7;
          },
        }),
      },
      ctl: {
        help: "two words",
        placeholder: "WHAT",
        commands: {
          one: {
            help: "the first",
            load: async () => ({
              usage: ["WHAT"],
              about: "",
              flags: [HELP_FLAG],
              operand: "WHAT",
              operandChoices: ["this", "that"],
              run: async () => ran.push("one"),
            }),
          },
        },
      },
    },
  };
}
