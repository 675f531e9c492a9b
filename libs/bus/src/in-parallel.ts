/**
 * Runs `work` for each item, at most `width` at once. One item's fault does not stop the others; faults are handed to
 * `onFault` beside their item.
 */
export async function inParallel<T>(
  items: readonly T[],
  width: number,
  work: (item: T) => Promise<void>,
  onFault: (item: T, fault: unknown) => void,
): Promise<void> {
  const queue = items.values();
  const lane = async (): Promise<void> => {
    for (const item of queue) {
      try {
        await work(item);
      } catch (fault) {
        onFault(item, fault);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, lane));
}
