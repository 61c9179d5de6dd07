import { defaultLoadLimits } from "@nuncio/api";
import type { LoadLimits } from "@nuncio/api";

/** What one file may cost. */
export interface ReadLimits extends LoadLimits {
  /** Of the text as UTF-8. */
  readonly fileBytesMax: number;
  readonly documentsPerFileMax: number;
  /** How many are told. */
  readonly problemsPerFileMax: number;
}

export const defaultReadLimits: ReadLimits = {
  ...defaultLoadLimits,
  fileBytesMax: 64 * 1024 * 1024,
  documentsPerFileMax: 100_000,
  problemsPerFileMax: 1000,
};
