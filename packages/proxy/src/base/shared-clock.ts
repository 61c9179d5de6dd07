/** The clock that all threads share: monotonic milliseconds with fractions. */
export function sharedNowMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
