import { UsageError } from "../usage-error.ts";

/** Errors of the proxy package whose messages are for the user. */
const FOR_USERS = ["StartError", "ExplainError"];

/** The same error, as one whose message is all that the user sees, where it is the user's to put right. */
export function userError(error: unknown): unknown {
  return error instanceof Error && FOR_USERS.includes(error.name)
    ? new UsageError(error.message, { cause: error })
    : error;
}
