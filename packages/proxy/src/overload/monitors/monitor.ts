/** Measures one resource, on main. */
export interface ResourceMonitor {
  /** The pressure is that of memory, so garbage is not counted as long as nobody looked for it. */
  readonly ofMemory: boolean;
  /**
   * How much of the resource is in use: 1 is all of it, and there may be more. Called with each refresh.
   * @throws Error when it cannot be told now
   */
  pressure(): number;
}
