import type { CommandBuild, CommandTable } from "../command.ts";
import { addressCommands } from "./addresses.ts";
import { bytesCommands } from "./bytes.ts";
import { celBuilders } from "./cel.ts";
import { coalesceCommands } from "./coalesce.ts";
import { durationCommands } from "./duration.ts";
import { fileContentCommands } from "./file-content.ts";
import { headerCommands, reqWithoutQueryCommands } from "./headers.ts";
import { metadataCommands } from "./metadata.ts";
import { pathCommands } from "./path.ts";
import { processCommands } from "./process.ts";
import { responseCommands } from "./response.ts";
import { timeCommands } from "./time.ts";
import { tlsCommands } from "./tls.ts";
import { upstreamCommands } from "./upstream.ts";
import { xfccCommands } from "./xfcc.ts";

/** Commands that every format may use. */
export const BUILT_IN_COMMANDS: CommandTable = {
  ...headerCommands,
  ...pathCommands,
  ...responseCommands,
  ...timeCommands,
  ...durationCommands,
  ...bytesCommands,
  ...addressCommands,
  ...upstreamCommands,
  ...metadataCommands,
  ...processCommands,
  ...tlsCommands,
  ...coalesceCommands,
  ...xfccCommands,
};

/** Every command there is, those of formatter extensions included: what a worker builds from. */
export const ALL_COMMANDS: { readonly [name: string]: CommandBuild } = {
  ...BUILT_IN_COMMANDS,
  ...reqWithoutQueryCommands,
  ...fileContentCommands,
  ...celBuilders,
};
