/** Start-up cannot go on: bad configuration, a port in use. The message is for the user, one problem a line. */
export class StartError extends Error {
  override readonly name = "StartError";
}
