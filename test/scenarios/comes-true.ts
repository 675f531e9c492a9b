import { until } from '@interlock/trial';

/** Waits until it holds; a test whose condition never comes true fails by it, and says which. */
export async function comesTrue(condition: () => boolean | Promise<boolean>, withinMs: number): Promise<void> {
  if (!(await until(condition, withinMs))) throw new Error(`within ${withinMs} ms it did not come true: ${condition}`);
}
