/** A test reporter that says one thing, last: `N passed, N failed`, and `N skipped` when there are any. */
// oxlint-disable-next-line import/no-default-export -- node --test-reporter takes the default export
export default async function* closingLine(source) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for await (const { type, data } of source) {
    // A suite is no test, and neither is the file around its tests.
    if (data?.details?.type === "suite") continue;
    if (type === "test:pass") counts[data.skip === undefined ? "passed" : "skipped"]++;
    if (type === "test:fail") counts.failed++;
  }
  const skipped = counts.skipped === 0 ? "" : `, ${counts.skipped} skipped`;
  yield `\n${counts.passed} passed, ${counts.failed} failed${skipped}\n`;
}
