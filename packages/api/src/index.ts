export { Problems } from "./problems.ts";
export type { Locator, Place, Problem } from "./problems.ts";
